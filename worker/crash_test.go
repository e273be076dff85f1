package worker

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestAKilledZygoteIsReplacedAndNoRequestIsLost(t *testing.T) {
	asUsers(t, func(t *testing.T, u *User) {
		p := startPHPPool(t, u, nil, nil)
		runs, release := p.held()
		l := p.load(6, 0, "pid.php")
		l.passed(20)
		z := p.serving()
		unix.Kill(z.PID(), unix.SIGKILL)
		p.wantSoon("another generation serves", func(s Stats) bool { return s.Generation == 2 })
		l.passed(20)
		release()
		runs.body()
		l.wantNoneLost(l.end())
		p.wantAllIdle()
		p.wantLogged(fmt.Sprintf("php-cgi %d, which forks the workers, exited on signal 9 (SIGKILL): starting another", z.PID()))
		if !eventually(func() bool { return groupGone(z.PID()) }) {
			t.Errorf("of the old generation live %v", groupOf(z.PID()))
		}
	})
}

func TestAScriptThatSignalsItsParentHarmsOnlyItself(t *testing.T) {
	t.Parallel()
	p := startPHPPool(t, nil, map[string]string{
		"signal.php": `<?php posix_kill(posix_getppid(), (int) $_GET['n']); usleep(20000); echo 'done';`,
	}, nil)
	for i, signal := range []unix.Signal{unix.SIGTERM, unix.SIGKILL} {
		// At SIGTERM php-cgi sends that on to its whole group, so that this script and others that run may end.
		outcome := p.begin(fmt.Sprintf("signal.php?n=%d", signal)).wait()
		if signal == unix.SIGKILL && outcome != "end" {
			t.Errorf("signal %v: the script that sent it: %q", signal, outcome)
		}
		p.wantSoon("another generation serves", func(s Stats) bool { return s.Generation == 2+i })
		for range 20 {
			if got := p.begin("pid.php").wait(); got != "end" {
				t.Errorf("signal %v: a request afterwards: %q", signal, got)
			}
		}
	}
	p.wantAllIdle()
}

func TestBackOffBeginsWithTheSecondDeathAndLasts(t *testing.T) {
	t.Parallel()
	p := startPHPPool(t, nil, nil, nil)
	for n := 2; n <= 4; n++ {
		unix.Kill(p.serving().PID(), unix.SIGKILL)
		p.wantSoon("another generation serves", func(s Stats) bool { return s.Generation == n && s.Idle == 4 })
		p.do(func() {
			if want := n - 1; p.pool.restart.attempts != want {
				t.Errorf("generation %d serves after %d attempts, want %d", n, p.pool.restart.attempts, want)
			}
		})
	}
	if text := p.log.String(); strings.Contains(text, "(attempt 1)") || !strings.Contains(text, "(attempt 2)") || !strings.Contains(text, "(attempt 3)") {
		t.Errorf("the log:\n%s", text)
	}
	if err := p.reload(nil); err != nil {
		t.Fatal(err)
	}
	p.do(func() {
		if p.pool.restart.attempts != 0 {
			t.Error("a reload does not begin anew")
		}
	})
}

var attempt = regexp.MustCompile(`started again in ([0-9.]+m?s) \(attempt ([0-9]+)\)`)

func TestAPHPThatNeverStartsIsTriedMoreAndMoreSeldomAndRequestsAreRefusedAtOnce(t *testing.T) {
	t.Parallel()
	p := newPHPPool(t, nil, nil, nil, func(s *ZygoteSpec) { s.Binary = brokenPHP(t) })
	if err := p.reload(nil); err == nil || !strings.Contains(err.Error(), "it said: PHP says no") {
		t.Errorf("the start: %v", err)
	}
	p.wantSoon("it was tried again", func(s Stats) bool { return s.Generations >= 4 })
	begun := time.Now()
	for range 10 {
		if got := p.begin("pid.php").wait(); got != "503 unavailable" {
			t.Errorf("a request meanwhile: %q", got)
		}
	}
	if took := time.Since(begun); took > 2*time.Second {
		t.Errorf("10 refusals took %v", took)
	}
	last := time.Duration(0)
	for i, m := range attempt.FindAllStringSubmatch(p.log.String(), -1) {
		d, err := time.ParseDuration(m[1])
		if err != nil || m[2] != fmt.Sprint(i+1) || d < last*3/2 {
			t.Errorf("attempt %s in %v after one in %v", m[2], d, last)
		}
		last = d
	}
	p.wantLogged("it said: PHP says no")
	p.wantLogged("requests refused with 503: unavailable")
}

func brokenPHP(t *testing.T) string {
	t.Helper()
	file := filepath.Join(openDir(t), "php-cgi")
	if err := os.WriteFile(file, []byte("#!/bin/sh\necho PHP says no >&2\nexit 254\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestRequestsThatWaitWhenTheLastWorkerDiesAndNoneIsToComeAreRefused(t *testing.T) {
	t.Parallel()
	broken := brokenPHP(t)
	binary := phpCGI
	p := newPHPPool(t, nil, nil, func(o *Options) { o.MaxChildren = 1 }, func(s *ZygoteSpec) { s.Binary = binary })
	if err := p.reload(nil); err != nil {
		t.Fatal(err)
	}
	runs, _ := p.held()
	binary = broken // as if it had been removed
	waits := p.begin("pid.php")
	unix.Kill(p.serving().PID(), unix.SIGKILL)
	p.wantSoon("php-cgi does not come up", func(s Stats) bool { return s.Generations >= 3 })
	if waits.hasEnded() {
		t.Errorf("a worker lives, and what waits for it ended with %q", waits.wait())
	}
	unix.Kill(runs.job.pid, unix.SIGKILL)
	if got := runs.wait() + ", " + waits.wait(); got != "502 worker_died, 503 unavailable" {
		t.Errorf("what ran and what waited: %s", got)
	}
}

func TestAPHPThatIsRepairedComesUpByItselfAlsoAfterAReloadThatFailed(t *testing.T) {
	t.Parallel()
	broken := brokenPHP(t)
	p := startPHPPool(t, nil, nil, nil)
	good := p.opts.Start
	failing := func(o *Options) { o.Start = func(int) (*Zygote, error) { return nil, fmt.Errorf("no %s", broken) } }
	var reloaded <-chan error
	p.do(func() { // the zygote dies, and in that moment comes a reload that fails
		unix.Kill(p.pool.serving.zygote.PID(), unix.SIGKILL)
	})
	reloaded = p.reloading(failing)
	if err := receive(t, reloaded); err == nil {
		t.Fatal("a reload of what does not start reports no error")
	}
	p.opts.Start = good
	p.wantSoon("what served before serves again", func(s Stats) bool { return s.Generation >= 2 })
	p.get("pid.php")
}

func TestCrashesBeyondTheThresholdStartAnotherGeneration(t *testing.T) {
	t.Parallel()
	p := startPHPPool(t, nil, map[string]string{"crash.php": `<?php posix_kill(getmypid(), (int) $_GET['n']); sleep(5);`}, func(o *Options) {
		o.CrashThreshold, o.CrashInterval = 3, time.Minute
	})
	crash := func(signal unix.Signal) {
		if got := p.begin(fmt.Sprintf("crash.php?n=%d", signal)).wait(); got != "502 worker_died" {
			t.Errorf("signal %v: %q", signal, got)
		}
	}
	for _, signal := range []unix.Signal{unix.SIGSEGV, unix.SIGKILL, unix.SIGBUS, unix.SIGKILL} {
		crash(signal)
	}
	if s := p.stats(); s.Generations != 1 || s.Deaths != 4 {
		t.Errorf("%+v", s)
	}
	crash(unix.SIGSEGV)
	p.wantSoon("another generation serves", func(s Stats) bool { return s.Generation == 2 })
	p.wantLogged("failed processes threshold (3 in 1m0s) is reached")
}

func TestForksThatWereBornAsTheirZygoteDiedAreNotLeft(t *testing.T) {
	t.Parallel()
	for _, limit := range []time.Duration{0, 20 * time.Second} {
		t.Run(fmt.Sprintf("stop within %v", limit), func(t *testing.T) {
			p := startPHPPool(t, nil, nil, func(o *Options) { o.MaxRequests = 1 })
			l := p.load(8, 0, "pid.php")
			l.passed(10)
			unix.Kill(p.serving().PID(), unix.SIGKILL) // while it forks
			l.passed(10)
			l.wantNoneLost(l.end())
			p.stop(limit) // and so is looked for what is left
		})
	}
}

func TestWhatWorkersWriteToStdoutIsAlwaysRead(t *testing.T) {
	asUsers(t, func(t *testing.T, u *User) {
		p := startPHPPool(t, u, map[string]string{"flood.php": `<?php
			$out = fopen('php://stdout', 'wb');
			for ($i = 0; $i < 3000; $i++) { fwrite($out, "line $i\nsecond\n"); }
			for ($i = 0; $i < 50; $i++) { fwrite($out, str_repeat('x', 100000)); }
			echo 'done';`}, nil)
		var calls []*call
		for range 3 {
			calls = append(calls, p.begin("flood.php"))
		}
		for _, c := range calls {
			if got := c.body(); got != "done" {
				t.Errorf("got %q", got)
			}
		}
		count := 0
		if !eventually(func() bool {
			p.mu.Lock()
			defer p.mu.Unlock()
			count = len(p.said)
			return count == 3*(3000*2+50)
		}) {
			t.Errorf("%d lines were read", count)
		}
	})
}

func TestAnEmptyMessageOnStdoutIsNotItsEnd(t *testing.T) {
	t.Parallel()
	p := newPHPPool(t, nil, map[string]string{"say.php": `<?php
		if (!extension_loaded('ffi')) exit('no FFI');
		echo FFI::cdef('ssize_t send(int, const void *, size_t, int);')->send(1, '', 0, 0), 'sent';
		fwrite(fopen('php://stdout', 'wb'), 'heard');`}, nil, func(s *ZygoteSpec) { s.Defines = []string{"ffi.enable=1"} })
	if err := p.reload(nil); err != nil {
		t.Fatal(err)
	}
	for n := range 3 {
		switch got := p.get("say.php"); got {
		case "no FFI":
			t.Skip("PHP has no FFI here")
		case "0sent":
		default:
			t.Fatalf("got %q", got)
		}
		if !eventually(func() bool { p.mu.Lock(); defer p.mu.Unlock(); return len(p.said) == n+1 }) {
			t.Fatalf("message %d was not read", n)
		}
	}
}

func TestAPreloadThatHangsEndsWithItsZygote(t *testing.T) {
	t.Parallel()
	p := startPHPPool(t, nil, map[string]string{"hang.php": `<?php for (;;);`}, nil)
	hanging := newPHPPool(t, nil, nil, nil, func(s *ZygoteSpec) {
		s.PreloadFile, s.Defines = "", []string{"opcache.preload=" + filepath.Join(p.site, "hang.php")}
		if os.Geteuid() == 0 {
			s.Defines = append(s.Defines, "opcache.preload_user=root") // PHP forks to run it
		}
	})
	done := p.reloading(func(o *Options) { o.Start = hanging.opts.Start })
	var z *Zygote
	if !eventually(func() bool {
		hanging.mu.Lock()
		defer hanging.mu.Unlock()
		if len(hanging.zygotes) == 0 {
			return false
		}
		z = hanging.zygotes[0]
		children, _ := z.Children()
		return len(children) > 0 || os.Geteuid() != 0
	}) {
		t.Fatal("PHP does not run its preload file")
	}
	p.do(p.pool.CancelReload)
	if err := receive(t, done); err == nil {
		t.Error("it started")
	}
	p.get("pid.php")
	if !eventually(func() bool { return groupGone(z.PID()) }) {
		t.Errorf("processes %v of php-cgi %d live on", groupOf(z.PID()), z.PID())
	}
}

func TestAScriptThatFloodsStdoutDoesNotKeepOthersFromBeingServed(t *testing.T) {
	t.Parallel()
	p := startPHPPool(t, nil, map[string]string{"flood.php": `<?php
		$out = fopen('php://stdout', 'wb');
		while (!file_exists($_GET['file'])) { clearstatcache(); for ($i = 0; $i < 1000; $i++) fwrite($out, ''.$i); }`}, func(o *Options) { o.Output = nil })
	var calls []*call
	file := p.file()
	for range 3 {
		calls = append(calls, p.begin("flood.php?file="+file))
	}
	for range 20 {
		p.get("pid.php")
	}
	touch(t, file)
	for _, c := range calls {
		c.body()
	}
}

func TestAZygoteThatCannotForkAnyMoreLeavesItsWorkersServing(t *testing.T) {
	needPHP(t)
	p := newPHPPool(t, wwwData(t), map[string]string{"limit.php": `<?php
		if (!extension_loaded('ffi')) exit('no FFI');
		$c = FFI::cdef('typedef struct { long cur, max; } limit; int prlimit(int, int, limit *, void *);');
		$none = $c->new('limit');
		$none->cur = $none->max = 1;
		echo $c->prlimit(posix_getppid(), 6, FFI::addr($none), null);`}, nil, func(s *ZygoteSpec) { s.Defines = []string{"ffi.enable=1"} })
	if err := p.reload(nil); err != nil {
		t.Fatal(err)
	}
	z := p.serving()
	if got := p.get("limit.php"); got == "no FFI" {
		t.Skip("PHP has no FFI here")
	} else if got != "0" {
		t.Fatalf("the limit is not set: %s", got)
	}
	runs, release := p.held()
	idle := 0
	p.do(func() { idle = p.pool.serving.idle.top.pid })
	unix.Kill(idle, unix.SIGKILL)
	p.wantSoon("another generation serves", func(s Stats) bool { return s.Generation == 2 })
	p.wantLogged(fmt.Sprintf("php-cgi %d, which forks the workers, exited with code 1", z.PID()))
	if s := p.stats(); s.Recycled["abandoned"] > 0 {
		t.Errorf("recycled %v", s.Recycled)
	}
	release()
	runs.body()
	p.wantAllIdle()
}

func TestAGenerationThatGetsNoNewWorkersServesUntilTheNextDoes(t *testing.T) {
	t.Parallel()
	p := startPHPPool(t, nil, nil, func(o *Options) { o.MaxChildren = 2 })
	runs, release := p.held()
	p.do(func() {
		g := p.pool.serving
		g.missed = maxMissed
		g.helloMissed()
		if g.state != genServing || p.pool.serving != g {
			t.Error("it is ended at once")
		}
	})
	p.wantSoon("another generation serves", func(s Stats) bool { return s.Generation == 2 })
	release()
	runs.body()
	p.wantAllIdle()
	p.wantLogged("its workers end before they answer: starting another php-cgi")
}
