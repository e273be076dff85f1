package e2e

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// ran is one run of howdah as a command.
type ran struct {
	code           int
	stdout, stderr string
}

// do runs howdah with args against the one that serves.
func (h *howdah) do(args ...string) ran {
	h.t.Helper()
	return runAs(h.t, nil, append(args, "-c", h.config)...)
}

// runAs runs howdah, as another user if as says so.
func runAs(t *testing.T, as *syscall.Credential, args ...string) ran {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), binary, args...)
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: as}
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("howdah %s: %v", strings.Join(args, " "), err)
	}
	return ran{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// want fails the test unless the command succeeded and said all of the words.
func (r ran) want(t *testing.T, words ...string) {
	t.Helper()
	if r.code != 0 || r.stderr != "" {
		t.Fatalf("exit code %d, stderr %q, want 0 and nothing", r.code, r.stderr)
	}
	for _, w := range words {
		if !strings.Contains(r.stdout, w) {
			t.Errorf("stdout does not say %q:\n%s", w, r.stdout)
		}
	}
}

// wantRefused fails the test unless the command ended with code and a line on stderr with all of the words.
func (r ran) wantRefused(t *testing.T, code int, words ...string) {
	t.Helper()
	if r.code != code || r.stdout != "" || !strings.HasPrefix(r.stderr, "howdah: ") {
		t.Errorf("exit code %d, stdout %q, stderr %q, want %d and a reason", r.code, r.stdout, r.stderr, code)
	}
	for _, w := range words {
		if !strings.Contains(r.stderr, w) {
			t.Errorf("stderr does not say %q: %s", w, r.stderr)
		}
	}
}

// controlStatus is what the tests look at of howdah status --json.
type controlStatus struct {
	PID        int
	LastReload *struct{ OK bool } `json:"last_reload"`
	Pools      []struct {
		Name, State, Paused    string
		Generation, Busy, Idle int
		Queue                  struct{ Length, Limit int }
		Requests               struct{ Completed, Failed int }
	}
}

func (h *howdah) status() (s controlStatus) {
	h.t.Helper()
	r := h.do("status", "--json")
	r.want(h.t)
	if err := json.Unmarshal([]byte(r.stdout), &s); err != nil {
		h.t.Fatalf("status --json: %v in %s", err, r.stdout)
	}
	return s
}

func TestStatusShowsASaturatedPoolAtOnce(t *testing.T) {
	s := serve(t, `pm_max_children = 2`, `queue_max = 3`)
	one, two := s.hold("one"), s.hold("two")
	queued := s.queue(3, "/hello.php")
	if p := s.plain.get("/hello.php"); p.status != 503 {
		t.Errorf("beyond the queue: %d", p.status)
	}
	begun := time.Now()
	st := s.status()
	if took := time.Since(begun); took > 2*time.Second {
		t.Errorf("status took %v", took)
	}
	p := st.Pools[0]
	if st.PID != s.pid() || p.Name != "www" || p.State != "serving" || p.Busy != 2 || p.Idle != 0 || p.Queue.Length != 3 || p.Queue.Limit != 3 || p.Requests.Failed != 1 {
		t.Errorf("status is %+v", st)
	}
	s.do("status").want(t, "POOL", "www", "serving", s.config)
	s.do("status", "www").want(t, "www")
	s.do("status", "blog").wantRefused(t, 64, "there is no pool blog")
	one.finish()
	two.finish()
	for _, q := range queued {
		q.result(t)
	}
}

func TestReloadWaitsForTheNewGenerationAndAFailedOneSaysWhy(t *testing.T) {
	s := serve(t, mark("one")...)
	s.rewrite(mark("two")...)
	s.do("reload").want(t, "reloaded in ")
	if env := s.plain.where().Env; env != "two" {
		t.Errorf("after howdah reload MARK is %v", env)
	}
	if st := s.status(); st.Pools[0].Generation != 2 || st.LastReload == nil || !st.LastReload.OK {
		t.Errorf("status is %+v", st)
	}

	s.rewrite(`pm_max_children = "many"`, `nonsense = 1`)
	s.do("reload").wantRefused(t, 78, "howdah: "+s.config+":", "pool.www.pm_max_children", "\nhowdah: ", "pool.www.nonsense")
	s.do("status").want(t, "! the reload ", "pool.www.nonsense")
	s.rewrite(`php_binary = "/bin/false"`)
	s.do("reload").wantRefused(t, 78, "[pool www]", "/bin/false")
	s.plain.wantPage("/hello.php", 200, "hello")

	s.rewrite(mark("three")...)
	s.do("reload").want(t, "reloaded in ")
	if env := s.plain.where().Env; env != "three" {
		t.Errorf("MARK is %v", env)
	}
}

func TestStopReturnsWhenAnotherHowdahCanStart(t *testing.T) {
	s := serve(t)
	inside := s.hold("one")
	stopped := make(chan ran, 1)
	go func() { stopped <- s.do("stop") }()
	s.wantLogged(0, 10*time.Second, "control: POST /v1/stop by uid 0")
	s.wantLogged(0, 10*time.Second, "Finishing")
	select {
	case r := <-stopped:
		t.Fatalf("stop did not wait for the request: %+v", r)
	default:
	}
	inside.finish()
	r := <-stopped
	r.want(t, "stopped, pid ")
	again := prepareHowdah(t, s.sb)
	again.start(again.command())
	if code := s.wait(5 * time.Second); code != 0 {
		t.Errorf("exit code %d", code)
	}
	again.do("stop", "--now").want(t, "stopped, pid ")
	if code := again.wait(5 * time.Second); code != 0 {
		t.Errorf("exit code %d", code)
	}
	again.do("stop").wantRefused(t, 70, "no howdah answers at "+s.sb.path("run", "control.sock"), "not running")
}

func TestLogLevelChangesUntilTheNextReload(t *testing.T) {
	s := serve(t)
	s.do("log-level").want(t, "log level notice, format text\n")
	since := s.mark()
	s.do("status").want(t)
	if lines := s.logged(since, "/v1/status"); len(lines) > 0 {
		t.Errorf("a look is logged at level notice: %q", lines)
	}
	s.do("log-level", "debug", "--format", "json").want(t, "log level debug, format json\n")
	s.do("status").want(t)
	s.wantLogged(since, 5*time.Second, `"level":"DEBUG"`, "control: GET /v1/status by uid 0")
	s.do("log-level", "loud").wantRefused(t, 64, `"loud"`, "notice")
	s.do("reload").want(t)
	s.do("log-level").want(t, "log level notice, format text\n")
}

// nobody is a user whom nothing here concerns.
var nobody = &syscall.Credential{Uid: 65534, Gid: 65534}

func TestOnlyRootHowdahsUserAndTheControlGroupMayCommand(t *testing.T) {
	s := serve(t, "[global]", `control_group = "games"`)
	socket := s.sb.path("run", "control.sock")
	info, err := os.Stat(socket)
	if err != nil || info.Mode().Perm() != 0o660 {
		t.Fatalf("control socket: %v, %v", info, err)
	}
	runAs(t, nobody, "status", "--socket", socket).wantRefused(t, 70, "may not use "+socket, "control_group")

	// A mode that somebody has widened lets nobody in either: the kernel is asked who it is.
	if err := os.Chmod(socket, 0o666); err != nil {
		t.Fatal(err)
	}
	since := s.mark()
	runAs(t, nobody, "stop", "--socket", socket).wantRefused(t, 70, "user 65534 may not command this howdah")
	s.wantLogged(since, 5*time.Second, "WARNING", "control: POST /v1/stop refused to uid 65534")
	if err := os.Chmod(socket, 0o660); err != nil {
		t.Fatal(err)
	}

	member := &syscall.Credential{Uid: 65534, Gid: 65534, Groups: []uint32{60}}
	runAs(t, member, "status", "--socket", socket).want(t, "www")
	runAs(t, &syscall.Credential{Uid: 65534, Gid: 60}, "log-level", "debug", "--socket", socket).want(t, "log level debug")
	s.wantLogged(since, 5*time.Second, "control: PUT /v1/log by uid 65534")
}

func TestControlCanBeOffAndElsewhere(t *testing.T) {
	sb := newSandbox(t)
	h := startHowdah(t, sb, "[global]", `control_listen = "off"`)
	if left := glob(sb.path("run", "control.sock")); len(left) > 0 {
		t.Errorf("there is a control socket: %q", left)
	}
	h.do("status").wantRefused(t, 70, `control_listen = "off"`)
	h.stop(syscall.SIGTERM, 10*time.Second)

	h = startHowdah(t, sb, "[global]", `control_listen = "`+sb.path("scratch", "c.sock")+`"`)
	h.do("status").want(t, "www")
	h.stop(syscall.SIGTERM, 10*time.Second)
	if exists(sb.path("scratch", "c.sock")) {
		t.Error("the control socket is left behind")
	}
}

func TestWorkersAreListedWithWhatTheyDo(t *testing.T) {
	s := serve(t, `pm_max_children = 2`)
	inside := s.hold("one")
	s.do("workers").want(t, "PID", "CPU TIME", "busy", "GET /hold.php?gate=one", "idle")
	var pools []struct {
		Workers []struct {
			PID         int
			State       string
			MemoryBytes int `json:"memory_bytes"`
			Request     *struct {
				Running bool
				Script  string
			}
		}
	}
	r := s.do("workers", "www", "--json")
	r.want(t)
	if err := json.Unmarshal([]byte(r.stdout), &pools); err != nil {
		t.Fatal(err)
	}
	found := false
	for _, w := range pools[0].Workers {
		if w.PID == inside.pid {
			found = w.State == "busy" && w.MemoryBytes > 100<<10 && w.Request != nil && w.Request.Running && w.Request.Script == s.sb.path("site", "hold.php")
		}
	}
	if !found {
		t.Errorf("worker %d, which is busy, is not shown so: %s", inside.pid, r.stdout)
	}
	inside.finish()
	s.do("status").want(t, "(GET /hold.php?gate=one)")
}

func TestRecycleReplacesWorkersAndLosesNothing(t *testing.T) {
	s := serve(t, `pm_max_children = 2`)
	before, _ := s.family()
	inside := s.hold("one")
	s.do("recycle", "www").want(t, "when they have answered")
	inside.finish()
	wantWithin(t, 5*time.Second, "the workers' end", func() bool {
		return !exists("/proc/"+strconv.Itoa(inside.pid)) && !exists("/proc/"+strconv.Itoa(before))
	})

	pid, _ := s.family()
	s.do("recycle", strconv.Itoa(pid)).want(t, "recycled: 1 workers at once, 0 when they have answered")
	s.do("recycle", "1").wantRefused(t, 64, "process 1 is no worker")
	s.do("recycle", "blog").wantRefused(t, 64, "there is no pool blog")

	l := s.kept.startLoad(8, "/hello.php", "hello")
	every(100*time.Millisecond, phase(2*time.Second), func() { s.do("recycle") })
	if c := l.stop(); c.bad() > 0 || c.total < 50 {
		t.Errorf("recycled under load: %v", c)
	}
}

func TestAPauseLosesNoRequest(t *testing.T) {
	s := serve(t, `pm_max_children = 2`)
	l := s.kept.startLoad(8, "/hello.php", "hello")
	l.wantProgress(50, 10*time.Second)
	for range 3 {
		s.do("pool", "pause", "www").want(t, "pool www is paused (queue), ")
		wantWithin(t, 10*time.Second, "all requests waiting", func() bool {
			p := s.status().Pools[0]
			return p.State == "paused" && p.Paused == "queue" && p.Busy == 0 && p.Queue.Length == 8
		})
		s.do("status").want(t, "! pool www is paused (queue): howdah pool resume www")
		s.do("pool", "resume", "www").want(t, "pool www is serving\n")
		l.wantProgress(50, 10*time.Second)
	}
	if c := l.stop(); c.bad() > 0 {
		t.Errorf("paused under load: %v", c)
	}

	s.do("pool", "pause", "www", "--mode", "503").want(t, "paused (503)")
	if p := s.plain.get("/hello.php"); p.status != 503 || !strings.Contains(p.body, "paused") {
		t.Errorf("paused with 503: %d %q", p.status, p.body)
	}
	s.do("reload").want(t)
	if p := s.plain.get("/hello.php"); p.status != 503 {
		t.Errorf("after a reload: %d", p.status)
	}
	s.do("pool", "pause", "www", "--mode", "slow").wantRefused(t, 64, "queue or 503")
	s.do("pool", "resume", "www").want(t)
	s.plain.wantPage("/hello.php", 200, "hello")

	s.do("pool", "pause", "www").want(t)
	waiting := s.queue(2, "/hello.php")
	if code := s.stop(syscall.SIGTERM, 15*time.Second); code != 0 {
		t.Errorf("exit code %d", code)
	}
	for _, w := range waiting {
		if p := w.result(t); p.status != 200 {
			t.Errorf("what waited when a paused pool was stopped: %d", p.status)
		}
	}
}

func TestStatusSaysWhenPHPOnDiskIsNewer(t *testing.T) {
	sb := newSandbox(t)
	mkdir(t, sb.path("ini"), 0o755)
	write(t, sb.path("ini", "a.ini"), "memory_limit=64M\n")
	s := behindNginx(t, startHowdah(t, sb, `php_ini_scan_dir = "`+sb.path("ini")+`"`))
	if r := s.do("status"); strings.Contains(r.stdout, "older PHP") {
		t.Errorf("nothing has changed: %s", r.stdout)
	}
	write(t, sb.path("ini", "a.ini"), "memory_limit=128M\n")
	s.do("status").want(t, "! pool www runs an older PHP than the one on disk ("+sb.path("ini", "a.ini")+"): howdah reload")
	s.do("reload").want(t)
	if r := s.do("status"); strings.Contains(r.stdout, "older PHP") {
		t.Errorf("after the reload: %s", r.stdout)
	}
}

func TestHowdahItselfCanBeProfiled(t *testing.T) {
	s := serve(t)
	file := s.sb.path("scratch", "p")
	s.do("debug", "pprof", "goroutine", "--text").want(t, "goroutine ", "reactor.(*Loop).run")
	for _, args := range [][]string{{"heap"}, {"cpu", "--for", "100ms"}, {"goroutine"}} {
		s.do(append([]string{"debug", "pprof", "-o", file}, args...)...).want(t)
		if text := read(t, file); !strings.HasPrefix(text, "\x1f\x8b") { // gzip, as pprof's files are
			t.Errorf("%v: %.20q", args, text)
		}
	}
	remove(file)
	s.do("debug", "pprof", "cpu", "--for", "1h", "-o", file).wantRefused(t, 64, "300 seconds")
	if exists(file) {
		t.Error("a profile that failed is left behind")
	}
}
