package worker

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"howdah/internal/process"
)

func TestForksShareOneOpcache(t *testing.T) {
	asUsers(t, func(t *testing.T, u *User) {
		dir := site(t, map[string]string{
			"a.php": `<?php echo getmypid(), ' ', opcache_is_script_cached(__DIR__ . '/b.php') ? 'cached' : 'cold'; require 'b.php';`,
			"b.php": `<?php return 1;`,
		})
		old := time.Now().Add(-time.Hour) // opcache leaves files alone that are younger than two seconds
		for _, name := range []string{"a.php", "b.php"} {
			if err := os.Chtimes(filepath.Join(dir, name), old, old); err != nil {
				t.Fatal(err)
			}
		}
		z := startZygote(t, u, nil)
		one, two := dial(t, z), dial(t, z)
		pid1, state1, _ := strings.Cut(one.get(dir+"/a.php").body(), " ")
		pid2, state2, _ := strings.Cut(two.get(dir+"/a.php").body(), " ")
		if pid1 == pid2 || state1 != "cold" || state2 != "cached" {
			t.Errorf("worker %s found it %s, then worker %s found it %s", pid1, state1, pid2, state2)
		}
		if pids := forks(t, z, 2); !slices.Contains(pids, number(t, pid1)) || !slices.Contains(pids, number(t, pid2)) {
			t.Errorf("Children is %v; the workers are %s and %s", pids, pid1, pid2)
		}
	})
}

func number(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestAMessageOnDescriptor1CarriesItsWorkersPid(t *testing.T) {
	asUsers(t, func(t *testing.T, u *User) {
		dir := site(t, map[string]string{"say.php": `<?php
			$out = fopen('php://stdout', 'wb'); fwrite($out, "one\0two"); fwrite($out, str_repeat('x', 120000));
			\Howdah\Internal\call('greet', "a\0b"); echo getmypid();`})
		z := startZygote(t, u, nil)
		for range 2 {
			pid := number(t, dial(t, z).get(dir+"/say.php").body())
			got := messages(t, z)
			if len(got) != 3 || got[0] != (message{"one\x00two", pid}) || len(got[1].text) != 120_000 || got[2].pid != pid {
				t.Fatalf("worker %d: got %d messages: %.200v", pid, len(got), got)
			}
			if _, err := ParseHostCall([]byte(got[0].text), z.Token()); err != ErrNotHostCall {
				t.Errorf("output of a script is taken for a call: %v", err)
			}
			if call, err := ParseHostCall([]byte(got[2].text), z.Token()); err != nil || call.Kind != "greet" || string(call.Payload) != "a\x00b" {
				t.Errorf("the call is %+v, %v", call, err)
			}
		}
	})
}

func TestFreezeKeepsForksFromBeingReplacedAndThawReplacesThem(t *testing.T) {
	needPHP(t)
	z := startZygote(t, nil, nil)
	before := forks(t, z, 2)
	if err := z.Freeze(); err != nil {
		t.Fatal(err)
	}
	if !eventually(func() bool { st, _ := process.ReadStat(z.PID()); return st.State == 'T' }) {
		t.Fatal("the zygote does not stop")
	}
	for _, pid := range before {
		unix.Kill(pid, unix.SIGKILL)
	}
	if !eventually(func() bool { return aliveOf(before) == 0 }) {
		t.Fatal("forks live on")
	}
	if now, _ := z.Children(); !slices.Equal(now, before) {
		t.Errorf("frozen, but the children %v became %v", before, now)
	}
	if err := z.Thaw(); err != nil {
		t.Fatal(err)
	}
	if !eventually(func() bool { now, _ := z.Children(); return aliveOf(now) == 2 && !slices.Contains(now, before[0]) }) {
		t.Error("forks are not replaced")
	}
	if ticks, err := z.CPUTicks(); err != nil || ticks > 1000 {
		t.Errorf("%d ticks, %v", ticks, err)
	}
}

// forks returns the zygote's children once there are n.
func forks(t *testing.T, z *Zygote, n int) (pids []int) {
	t.Helper()
	if !eventually(func() bool { pids, _ = z.Children(); return len(pids) == n }) {
		t.Fatalf("the zygote has the children %v, want %d; it said %q", pids, n, z.LastLine())
	}
	return pids
}

// aliveOf counts the processes that are there and no zombies.
func aliveOf(pids []int) (n int) {
	for _, pid := range pids {
		if st, err := process.ReadStat(pid); err == nil && st.State != 'Z' {
			n++
		}
	}
	return n
}

func TestAKilledZygoteLeavesItsWorkersServing(t *testing.T) {
	needPHP(t)
	dir := site(t, map[string]string{"hello.php": `<?php echo 'hello';`})
	z := startZygote(t, nil, nil)
	c := dial(t, z)
	if got := c.get(dir + "/hello.php").body(); got != "hello" {
		t.Fatalf("got %q", got)
	}
	z.Kill()
	if got := z.Exit(); got.Signal != int(unix.SIGKILL) {
		t.Errorf("the zygote %v", got)
	}
	if got := c.get(dir + "/hello.php").body(); got != "hello" {
		t.Errorf("after the zygote's death: %q", got)
	}
}

func TestReleaseLeavesNoFileAndIsIdempotent(t *testing.T) {
	needPHP(t)
	z := startZygote(t, nil, nil)
	dial(t, z)
	z.KillGroup()
	z.Exit()
	z.Release()
	z.Release()
	left, err := os.ReadDir(z.spec.Dir)
	if err != nil || len(left) > 0 {
		t.Errorf("left in runtime_dir/NAME: %v, %v", left, err)
	}
	if err := z.Kill(); err == nil {
		t.Error("a released zygote can still be signalled")
	}
}

func TestAPHPThatDoesNotStartSaysWhy(t *testing.T) {
	asUsers(t, func(t *testing.T, u *User) {
		dir, none := openDir(t), openDir(t)
		ini := filepath.Join(dir, "php.ini")
		if err := os.WriteFile(ini, []byte("log_errors=1\nopcache.preload=/nowhere/preload.php\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		z := startZygote(t, u, func(s *ZygoteSpec) { s.PHPIni, s.PHPIniScanDir = ini, none; s.AdminValues = opcacheOf(t) })
		if !eventually(func() bool { return process.Exited(z.Pidfd()) }) {
			t.Fatal("it runs")
		}
		if got := z.LastLine(); !strings.HasPrefix(got, "PHP Fatal error:") || !strings.Contains(got, "/nowhere/preload.php") {
			t.Errorf("its last line is %q", got)
		}
		if cause := z.Exit(); !cause.Known || cause.Code == 0 {
			t.Errorf("it %v", cause)
		}
	})
}

// opcacheOf loads opcache where it is an extension of its own.
func opcacheOf(t *testing.T) []Setting {
	info, err := InspectPHP(t.Context(), ZygoteSpec{Binary: phpCGI, PHPIniScanDir: openDir(t)})
	if err != nil {
		t.Fatal(err)
	}
	if info.Opcache {
		return nil
	}
	return []Setting{{"zend_extension", "opcache"}}
}

func TestAStartThatCannotWorkIsAnErrorThatSaysWhatToDo(t *testing.T) {
	needPHP(t)
	private := openDir(t)
	if err := os.Chmod(private, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		change func(*testing.T, *ZygoteSpec)
		want   string
	}{
		"no such program":        {func(_ *testing.T, s *ZygoteSpec) { s.Binary = "/nowhere/php-cgi" }, "/nowhere/php-cgi"},
		"path too long":          {func(_ *testing.T, s *ZygoteSpec) { s.Dir = filepath.Join(s.Dir, strings.Repeat("x", 90)) }, "use a shorter runtime_dir"},
		"name with a line break": {func(_ *testing.T, s *ZygoteSpec) { s.Values = []Setting{{"a\n[PATH=/]", "1"}} }, "a name has only letters"},
		"value with NUL":         {func(_ *testing.T, s *ZygoteSpec) { s.AdminValues = []Setting{{"error_log", "a\x00b"}} }, "NUL"},
		"no such chdir":          {func(_ *testing.T, s *ZygoteSpec) { s.Chdir = "/nowhere" }, "chdir"},
		"user cannot get there":  {func(t *testing.T, s *ZygoteSpec) { s.User, s.Dir = wwwData(t), filepath.Join(private, "www") }, "chmod o+x " + private},
	} {
		t.Run(name, func(t *testing.T) {
			spec := ZygoteSpec{Pool: "www", Binary: phpCGI, Children: 1, Dir: filepath.Join(openDir(t), "www"), PreloadFile: BuiltinPreload}
			test.change(t, &spec)
			z, err := StartZygote(spawner(t), spec)
			if err == nil {
				z.KillGroup()
				t.Fatal("it starts")
			}
			if !strings.Contains(err.Error(), "pool www") || !strings.Contains(err.Error(), test.want) {
				t.Errorf("the error does not say %q: %v", test.want, err)
			}
			if left, err := os.ReadDir(spec.Dir); len(left) > 0 || err != nil && !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}

func TestAScriptThatRunsPHPItselfDoesNotTakeOurSocket(t *testing.T) {
	asUsers(t, func(t *testing.T, u *User) {
		dir := site(t, map[string]string{
			"rogue.php": `<?php
				foreach (['php-cgi', PHP_BINARY] as $binary) {
					$p = proc_open($binary . ' & echo started', [1 => ['pipe', 'w'], 2 => ['file', '/dev/null', 'w']], $pipes);
					echo fgets($pipes[1]);
				}
				stream_set_blocking(STDIN ?? fopen('php://stdin', 'r'), false);`,
			"pid.php": `<?php echo getmypid();`,
		})
		z := startZygote(t, u, func(s *ZygoteSpec) { s.Children = 3; s.ClearEnv = false })
		if got := dial(t, z).get(dir + "/rogue.php").body(); strings.Count(got, "started") != 2 {
			t.Fatalf("the script says %q", got)
		}
		workers := forks(t, z, 3)
		for range 30 {
			c := dial(t, z)
			if pid := number(t, c.get(dir+"/pid.php").body()); !slices.Contains(workers, pid) {
				t.Fatalf("process %d, which is none of %v, answered on our socket", pid, workers)
			}
			c.conn.Close()
		}
	})
}

func TestTheTokenIsNowhereThatAScriptCanSee(t *testing.T) {
	asUsers(t, func(t *testing.T, u *User) {
		dir := site(t, map[string]string{"spy.php": `<?php
			phpinfo(); var_dump($_SERVER, getenv(), $_ENV, ini_get_all(), get_defined_constants(), $GLOBALS, opcache_get_status());
			echo (new ReflectionFunction('Howdah\Internal\call')), (new ReflectionFunction('fastcgi_finish_request'));
			var_dump((new ReflectionFunction('Howdah\Internal\call'))->getStaticVariables());
			$file = (new ReflectionFunction('Howdah\Internal\call'))->getFileName();
			echo @file_get_contents($file);
			echo file_get_contents('/proc/self/environ'), file_get_contents('/proc/self/cmdline');
			echo @stream_socket_client('unix://' . dirname($file) . '/sock') ? 'CONNECTED' : 'refused';`})
		z := startZygote(t, u, nil)
		c := dial(t, z)
		c.get(z.Probe())
		if err := z.Seal(); err != nil {
			t.Fatal(err)
		}
		got := c.get(dir + "/spy.php").body()
		if u == nil {
			return // the same user may read its own files; there is nothing to hide
		}
		if i := strings.Index(got, z.Token()); i >= 0 {
			t.Errorf("the token shows: …%s…", got[max(0, i-200):i+40])
		}
		if !strings.HasSuffix(got, "refused") {
			t.Errorf("a script could reach a worker's socket")
		}
		dial(t, z).get(dir + "/spy.php") // we still can
	})
}

func TestAPHPIniInChdirIsNotRead(t *testing.T) {
	needPHP(t)
	dir := site(t, map[string]string{"php.ini": "precision=3\n", "show.php": `<?php echo ini_get('precision'), ' ', php_ini_loaded_file();`})
	z := startZygote(t, nil, func(s *ZygoteSpec) { s.Chdir = dir })
	if got := dial(t, z).get(dir + "/show.php").body(); strings.HasPrefix(got, "3 ") {
		t.Errorf("got %q", got)
	}
}

func TestLimitsAndPriorityHoldInTheForks(t *testing.T) {
	asUsers(t, func(t *testing.T, u *User) {
		files, core, nice := uint64(300), uint64(0), 6
		z := startZygote(t, u, func(s *ZygoteSpec) { s.RlimitFiles, s.RlimitCore, s.Priority, s.Batch = &files, &core, &nice, true })
		dial(t, z)
		for _, pid := range append(forks(t, z, 2), z.PID()) {
			limits, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/limits")
			if err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(string(limits)) {
				if f := strings.Fields(line); strings.HasPrefix(line, "Max open files") && (f[3] != "300" || f[4] != "300") ||
					strings.HasPrefix(line, "Max core file") && (f[4] != "0" || f[5] != "0") {
					t.Errorf("process %d: %s", pid, line)
				}
			}
			if n, err := unix.Getpriority(unix.PRIO_PROCESS, pid); err != nil || 20-n != nice {
				t.Errorf("process %d: nice %d, %v", pid, 20-n, err)
			}
		}
	})
}

func TestABackgroundJobOutlivesItsZygoteAndIsStillHeard(t *testing.T) {
	asUsers(t, func(t *testing.T, u *User) {
		dir := site(t, map[string]string{"job.php": `<?php exec('sh -c "read x < ' . __DIR__ . '/fifo; echo the job is done >&2; echo done > ' . __DIR__ . '/done" > /dev/null &');`})
		fifo := filepath.Join(dir, "fifo")
		if err := unix.Mkfifo(fifo, 0o600); err != nil {
			t.Fatal(err)
		}
		if u != nil {
			if err := os.Chown(fifo, int(u.UID), int(u.GID)); err != nil {
				t.Fatal(err)
			}
		}
		heard := make(chan string, 10)
		z := startZygote(t, u, func(s *ZygoteSpec) { s.Log = func(line string) { heard <- line } })
		dial(t, z).get(dir + "/job.php")
		workers := forks(t, z, 2)
		z.Freeze() // as a pool ends a generation: nobody is told to end but the workers and the zygote
		for _, pid := range workers {
			unix.Kill(pid, unix.SIGTERM)
		}
		z.Kill()
		z.Exit()
		z.Release()
		w, err := os.OpenFile(fifo, os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		w.Close()
		select {
		case line := <-heard:
			if line != "the job is done" {
				t.Errorf("heard %q", line)
			}
		case <-time.After(5 * time.Second):
			t.Error("the job is not heard")
		}
		if !eventually(func() bool { _, err := os.Stat(dir + "/done"); return err == nil }) {
			t.Error("the job did not come to its end")
		}
	})
}
