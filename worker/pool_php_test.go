package worker

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"howdah/internal/fcgi"
	"howdah/internal/process"
	"howdah/internal/reactor"
)

// The spawner of the tests that run beside each other. There may be only one at a time: each reaps what nobody started, and
// that may be another's zygote.
var shared struct {
	mu      sync.Mutex
	spawner *process.Spawner
	users   int
}

func sharedSpawner(t *testing.T) *process.Spawner {
	t.Helper()
	shared.mu.Lock()
	defer shared.mu.Unlock()
	if shared.users++; shared.users == 1 {
		var err error
		if shared.spawner, err = process.NewSpawner(nil); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		shared.mu.Lock()
		defer shared.mu.Unlock()
		if shared.users--; shared.users == 0 {
			shared.spawner.Close()
		}
	})
	return shared.spawner
}

// inspected is php-cgi -i, asked once.
var inspected = sync.OnceValues(func() (*PHPInfo, error) {
	return InspectPHP(context.Background(), ZygoteSpec{Binary: phpCGI})
})

// A phpPool is a pool of real php-cgi, with a site.
type phpPool struct {
	t    *testing.T
	pool *Pool
	loop *reactor.Loop
	log  *logBuffer
	site string // directory
	opts Options

	mu      sync.Mutex
	zygotes []*Zygote
	said    []string // what workers wrote to stdout or stderr
}

// newPHPPool makes a pool that runs nothing yet. user may be nil; options and spec change what is usual.
func newPHPPool(t *testing.T, user *User, scripts map[string]string, options func(*Options), spec func(*ZygoteSpec)) *phpPool {
	t.Helper()
	needPHP(t)
	info, err := inspected()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{
		"pid.php": `<?php echo getmypid();`,
		// it goes on when the file that it is told comes to be; tells that it has begun by another
		"wait.php": `<?php touch($_GET['file'] . '.begun'); while (!file_exists($_GET['file'])) { usleep(1000); clearstatcache(); } echo getmypid();`,
	}
	for name, text := range scripts {
		all[name] = text
	}
	p := &phpPool{t: t, log: &logBuffer{}, site: site(t, all)}
	sp := sharedSpawner(t)
	if p.loop, err = reactor.Start(); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(openDir(t), "www")
	p.opts = Options{
		Mode: Static, MaxChildren: 4, QueueMax: 10_000, QueueTimeout: 20 * time.Second, IdleTimeout: 20 * time.Second, MaxSpawn: 1000,
		ReloadOverlap: 5 * time.Second, DrainTimeout: 20 * time.Second,
		Output: func(pid int, stream Stream, line string) {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.said = append(p.said, line)
		},
	}
	children := func() int { return p.opts.MaxChildren }
	p.opts.Start = func(generation int) (*Zygote, error) {
		s := ZygoteSpec{
			Pool: "www", Generation: generation, Binary: phpCGI, Children: children(), User: user, ClearEnv: true,
			Dir: dir, PreloadFile: BuiltinPreload, PHP: info,
			Log: func(line string) { fmt.Fprintf(p.log, "php-cgi said: %s\n", line) },
		}
		if spec != nil {
			spec(&s)
		}
		z, err := StartZygote(sp, s)
		if err == nil {
			p.mu.Lock()
			p.zygotes = append(p.zygotes, z)
			p.mu.Unlock()
		}
		return z, err
	}
	if options != nil {
		options(&p.opts)
	}
	p.do(func() {
		p.pool = NewPool("www", p.loop, slog.New(slog.NewTextHandler(p.log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	})
	t.Cleanup(p.end)
	return p
}

// startPHPPool makes a pool and waits until it serves.
func startPHPPool(t *testing.T, user *User, scripts map[string]string, options func(*Options)) *phpPool {
	t.Helper()
	p := newPHPPool(t, user, scripts, options, nil)
	if err := p.reload(nil); err != nil {
		t.Fatalf("%v\n%s", err, p.log)
	}
	return p
}

// do runs f on the loop.
func (p *phpPool) do(f func()) {
	p.t.Helper()
	if err := p.loop.Call(f); err != nil {
		p.t.Fatal(err)
	}
}

// reload starts a generation, with other options if change is not nil, and waits for what becomes of it.
func (p *phpPool) reload(change func(*Options)) error {
	p.t.Helper()
	return receive(p.t, p.reloading(change))
}

func (p *phpPool) reloading(change func(*Options)) <-chan error {
	p.t.Helper()
	opts := p.opts
	if change != nil {
		change(&opts)
	}
	done := make(chan error, 1)
	p.do(func() { p.pool.Reload(opts, func(err error) { done <- err }) })
	return done
}

func (p *phpPool) stats() (s Stats) {
	p.t.Helper()
	p.do(func() { s = p.pool.Stats() })
	return s
}

// wantSoon waits until the figures are as they should be.
func (p *phpPool) wantSoon(what string, ok func(Stats) bool) {
	p.t.Helper()
	var s Stats
	if !eventually(func() bool { s = p.stats(); return ok(s) }) {
		p.t.Fatalf("it never came about that %s: %+v\n%s", what, s, p.log)
	}
}

// wantAllIdle waits until every worker is there and has nothing to do.
func (p *phpPool) wantAllIdle() {
	p.t.Helper()
	p.wantSoon("all workers are idle", func(s Stats) bool {
		return s.Idle == p.opts.MaxChildren && s.Workers == p.opts.MaxChildren && s.Busy == 0 && s.Waiting == 0
	})
}

func (p *phpPool) wantLogged(what string) {
	p.t.Helper()
	if !strings.Contains(p.log.String(), what) {
		p.t.Errorf("the log does not say %q:\n%s", what, p.log)
	}
}

func (p *phpPool) serving() *Zygote {
	p.t.Helper()
	var z *Zygote
	p.do(func() {
		if p.pool.serving != nil {
			z = p.pool.serving.zygote
		}
	})
	return z
}

// stop ends the pool, and with it all that it started. It may be called again.
func (p *phpPool) stop(limit time.Duration) {
	p.t.Helper()
	receive(p.t, p.stopping(limit))
}

func (p *phpPool) stopping(limit time.Duration) <-chan struct{} {
	p.t.Helper()
	stopped := make(chan struct{})
	p.do(func() { p.pool.Stop(limit, func() { close(stopped) }) })
	return stopped
}

// end stops the pool after its test and looks for what is left.
func (p *phpPool) end() {
	p.stop(0)
	p.pool.Wait()
	p.do(func() {
		if len(p.pool.old) > 0 || p.pool.serving != nil || p.pool.starting != nil || p.pool.queue.len > 0 {
			p.t.Errorf("it has stopped and holds %+v, %d old generations", p.pool.Stats(), len(p.pool.old))
		}
		for g := range p.pool.old {
			p.t.Errorf("generation %d is left", g.id)
		}
	})
	p.loop.Stop()
	p.loop.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, z := range p.zygotes {
		if !eventually(func() bool { return groupGone(z.PID()) }) {
			p.t.Errorf("processes %v of php-cgi %d are left", groupOf(z.PID()), z.PID())
			unix.Kill(-z.PID(), unix.SIGKILL)
		}
		if _, err := os.Stat(z.dir); err == nil {
			p.t.Errorf("directory %s is left", z.dir)
		}
	}
	if strings.Contains(p.log.String(), "cannot happen") {
		p.t.Error("what can't happen did")
	}
	if p.t.Failed() {
		p.t.Logf("log:\n%s", p.log)
	}
}

// groupGone reports whether a zygote's group has no member, not even one that is to be reaped.
func groupGone(pgid int) bool { return unix.Kill(-pgid, 0) == unix.ESRCH }

// groupOf lists the processes of a zygote's group that have not ended.
func groupOf(pgid int) (pids []int) {
	for _, pid := range allPIDs() {
		if st, err := process.ReadStat(pid); err == nil && st.PGID == pgid && st.State != 'Z' {
			pids = append(pids, pid)
		}
	}
	return pids
}

// A call is one request on its way.
type call struct {
	p    *phpPool
	job  *recorder
	task *Task
	done chan struct{} // closed when it has ended, one way or the other
}

// begin submits a request. script may have a query; more are further names and values.
func (p *phpPool) begin(script string, more ...string) *call {
	p.t.Helper()
	c := &call{p: p, job: &recorder{wire: p.wire(script, "", more...)}, done: make(chan struct{})}
	c.submit()
	return c
}

func (c *call) submit() {
	c.p.t.Helper()
	c.job.ended = func(*recorder) { close(c.done) }
	c.job.failed = func(int, Cause) { close(c.done) }
	c.p.do(func() { c.task = c.p.pool.Submit(c.job) })
}

// wire is a GET, or a POST of body.
func (p *phpPool) wire(script, body string, more ...string) []byte {
	p.t.Helper()
	script, query, _ := strings.Cut(script, "?")
	w := fcgi.NewParamsWriter(fcgi.AppendBeginRequest(nil, 1, fcgi.RoleResponder, fcgi.FlagKeepConn), 1)
	params := append([]string{
		"SCRIPT_FILENAME", filepath.Join(p.site, script), "SCRIPT_NAME", "/" + script, "REQUEST_METHOD", "GET", "QUERY_STRING", query,
		"SERVER_NAME", "localhost", "REMOTE_ADDR", "127.0.0.1", "CONTENT_LENGTH", strconv.Itoa(len(body)),
	}, more...)
	for i := 0; i < len(params); i += 2 {
		w.Add([]byte(params[i]), []byte(params[i+1]))
	}
	b, err := w.End()
	if err != nil {
		p.t.Fatal(err)
	}
	return fcgi.AppendHeader(fcgi.AppendStream(b, fcgi.TypeStdin, 1, []byte(body)), fcgi.TypeStdin, 1, 0, 0)
}

// wait returns the outcome: "end" or the failure. What comes twice shows.
func (c *call) wait() (outcome string) {
	c.p.t.Helper()
	receive(c.p.t, c.done)
	c.p.do(func() { outcome = c.job.outcome() })
	return strings.TrimSpace(outcome)
}

// body waits for an answer that must come.
func (c *call) body() string {
	c.p.t.Helper()
	if outcome := c.wait(); outcome != "end" {
		c.p.t.Fatalf("the request ended with %q\n%s", outcome, c.p.log)
	}
	a := c.answer()
	if a.wrong != "" || !a.end {
		c.p.t.Fatalf("the answer is not FastCGI: %s", a.wrong)
	}
	_, body, _ := bytes.Cut(a.stdout, []byte("\r\n\r\n"))
	return string(body)
}

func (c *call) answer() (a answered) {
	c.p.t.Helper()
	c.p.do(func() { a = takeApart(c.job.records) })
	return a
}

func (c *call) abort() {
	c.p.t.Helper()
	c.p.do(func() { c.task.Abort() })
}

// hasEnded tells it without waiting.
func (c *call) hasEnded() bool {
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}

// get is begin and body.
func (p *phpPool) get(script string, more ...string) string {
	p.t.Helper()
	return p.begin(script, more...).body()
}

// file is a path that scripts and test may use to tell each other something.
func (p *phpPool) file() string {
	p.t.Helper()
	return filepath.Join(openDir(p.t), "f")
}

// hold begins a request that runs until release is called.
func (p *phpPool) hold(more ...string) (c *call, release func()) {
	p.t.Helper()
	file := p.file()
	c = p.begin("wait.php?file="+file, more...)
	return c, func() { touch(p.t, file) }
}

// held is hold, and waits until the script runs.
func (p *phpPool) held() (c *call, release func()) {
	p.t.Helper()
	file := p.file()
	c = p.begin("wait.php?file=" + file)
	wantFile(p.t, file+".begun")
	return c, func() { touch(p.t, file) }
}

func touch(t *testing.T, file string) {
	t.Helper()
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

func wantFile(t *testing.T, file string) {
	t.Helper()
	if !eventually(func() bool { return exists(file) }) {
		t.Fatalf("%s never came to be", file)
	}
}

// A load keeps a number of requests under way.
type load struct {
	p        *phpPool
	over     bool // belongs to the loop, as all that follows
	begun    int
	most     int // requests to make at all; 0: no limit
	outcomes map[string]int
	running  int
	finished bool
	done     chan struct{}
}

// load begins n requests, and another for each that ends, until most were made (0: until end).
func (p *phpPool) load(n, most int, scripts ...string) *load {
	p.t.Helper()
	l := &load{p: p, most: most, outcomes: map[string]int{}, done: make(chan struct{})}
	var wires [][]byte
	for _, script := range scripts {
		wires = append(wires, p.wire(script, ""))
	}
	var next func()
	next = func() {
		if l.over || l.most > 0 && l.begun == l.most {
			l.finish()
			return
		}
		l.begun++
		l.running++
		j := &recorder{wire: wires[l.begun%len(wires)]}
		told := func() {
			l.running--
			outcome := j.outcome()
			if a := takeApart(j.records); outcome == "end " && (!a.end || a.wrong != "") {
				outcome = "broken: " + a.wrong
			}
			l.outcomes[outcome]++
			p.loop.AtBatchEnd(next)
		}
		j.ended = func(*recorder) { told() }
		j.failed = func(int, Cause) { p.loop.Post(told) } // not at once, where it may fail again
		p.pool.Submit(j)
	}
	p.do(func() {
		for range n {
			next()
		}
	})
	return l
}

// wait returns how many requests ended in which way, when the last has.
func (l *load) wait() map[string]int {
	l.p.t.Helper()
	select {
	case <-l.done:
	case <-time.After(60 * time.Second):
		l.p.t.Fatalf("%d requests are lost: %+v\n%s", l.running, l.p.stats(), l.p.log)
	}
	return l.outcomes
}

// end begins no more requests and waits for the rest.
func (l *load) end() map[string]int {
	l.p.t.Helper()
	l.p.do(func() {
		l.over = true
		l.finish()
	})
	return l.wait()
}

func (l *load) finish() {
	if l.running == 0 && !l.finished {
		l.finished = true
		close(l.done)
	}
}

// wantNoneLost wants every request answered.
func (l *load) wantNoneLost(outcomes map[string]int) {
	l.p.t.Helper()
	if len(outcomes) != 1 || outcomes["end "] == 0 {
		l.p.t.Errorf("of the requests, %v", outcomes)
	}
}

// passed waits until that many requests more have ended.
func (l *load) passed(n int) {
	l.p.t.Helper()
	count := func() (all int) {
		l.p.do(func() {
			for _, n := range l.outcomes {
				all += n
			}
		})
		return all
	}
	until := count() + n
	for deadline := time.Now().Add(30 * time.Second); count() < until; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			l.p.t.Fatalf("the load stands still: %+v\n%s", l.p.stats(), l.p.log)
			break
		}
	}
}

func sorted(pids []int) []int {
	pids = slices.Clone(pids)
	slices.Sort(pids)
	return pids
}
