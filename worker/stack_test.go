package worker

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// startStackPool starts a pool whose stacks are proved at its probe. What was slow comes on the channel.
func startStackPool(t *testing.T, u *User, scripts map[string]string, options func(*Options), spec func(*ZygoteSpec)) (*phpPool, <-chan Stacked) {
	t.Helper()
	slow := make(chan Stacked, 1000)
	p := newPHPPool(t, u, scripts, func(o *Options) {
		o.SlowTimeout, o.SlowDepth = 100*time.Millisecond, 20
		o.Slow = func(s Stacked) { slow <- s }
		if options != nil {
			options(o)
		}
	}, func(s *ZygoteSpec) {
		s.ProveStack = true
		if spec != nil {
			spec(s)
		}
	})
	p.opts.Prepare = func(z *Zygote) [][]Job {
		if z.Probe() == "" {
			return nil
		}
		j := &recorder{wire: p.wire("", "", "SCRIPT_FILENAME", z.Probe())}
		j.ended = func(*recorder) { _ = z.Seal() }
		return [][]Job{{j}}
	}
	if err := p.reload(nil); err != nil {
		t.Fatalf("%v\n%s", err, p.log)
	}
	return p, slow
}

const slowly = `<?php
	class Shop {
		function list(string $file): string { return $this->wait($file); }
		private function wait(string $file): string { while (!file_exists($file)) { usleep(2000); clearstatcache(); } return 'done'; }
	}
	echo (new Shop)->list($_GET['file']);`

func TestASlowRequestIsSeenOnceAndGoesOn(t *testing.T) {
	asUsers(t, func(t *testing.T, u *User) {
		p, slow := startStackPool(t, u, map[string]string{"slow.php": slowly}, nil, nil)
		file := p.file()
		c := p.begin("slow.php?file=" + file)
		seen := receive(t, slow)
		lines := seen.Stack.Lines(20)
		text := seen.Stack.String()
		if seen.Err != nil || seen.PID != c.job.pid || seen.Script != "/srv/test.php" || seen.Running < 100*time.Millisecond ||
			!strings.Contains(text, "Shop::wait() "+p.site+"/slow.php:4") || !strings.Contains(text, "Shop::list() "+p.site+"/slow.php:3") ||
			!strings.HasSuffix(lines[len(lines)-1], "Shop::list() "+p.site+"/slow.php:6") {
			t.Errorf("%+v\n%s", seen, text)
		}
		touch(t, file)
		if got := c.body(); got != "done" {
			t.Errorf("got %q", got)
		}
		p.wantLogged("executing too slow (0.1")
		p.get("pid.php")
		if s := p.stats(); s.Slow != 1 || s.Deaths != 0 || len(slow) > 0 {
			t.Errorf("%+v, %d more seen", s, len(slow))
		}
	})
}

func TestARequestOverItsDeadlineIsLoggedWithWhatItWasDoing(t *testing.T) {
	t.Parallel()
	p, slow := startStackPool(t, nil, map[string]string{
		"slow.php":  slowly,
		"quick.php": `<?php usleep(250_000);`,
	}, func(o *Options) { o.TerminateTimeout, o.SlowTimeout = 200*time.Millisecond, 0 }, nil)
	c := p.begin("slow.php?file=/nowhere")
	if got := c.wait(); got != "504 timed_out" {
		t.Errorf("it ended with %q", got)
	}
	p.wantAllIdle()
	p.wantLogged("was terminated in")
	p.wantLogged("Shop::wait() " + p.site + "/slow.php:4")
	p.begin("quick.php").wait() // ends by itself at about the time that it is looked at
	p.wantAllIdle()
	if s := p.stats(); s.TimedOut < 1 || s.Deaths != 0 || s.Slow != 0 || len(slow) > 0 {
		t.Errorf("%+v", s)
	}
	if got := p.get("pid.php"); got != fmt.Sprint(c.job.pid) {
		t.Errorf("worker %d did not survive: %s answers", c.job.pid, got)
	}
}

func TestAFinishedRequestIsSlowOnlyIfItIsTracked(t *testing.T) {
	t.Parallel()
	for _, tracked := range []bool{true, false} {
		p, slow := startStackPool(t, nil, map[string]string{"finish.php": finishing}, func(o *Options) { o.TrackFinished = tracked }, nil)
		file := p.file()
		p.begin("finish.php?file=" + file).body()
		if tracked {
			if seen := receive(t, slow); seen.Err != nil {
				t.Error(seen.Err)
			}
		} else {
			<-time.After(250 * time.Millisecond) // longer than slow
		}
		touch(t, file)
		p.wantAllIdle()
		if s := p.stats(); (s.Slow == 1) != tracked {
			t.Errorf("tracked %v: %d were slow", tracked, s.Slow)
		}
	}
}

// Two hundred workers in five pools, all of them looked at in the same moment, and again and again: every one answers what it was
// asked.
func TestTwoHundredStacksAreReadAtOnceAndNoRequestIsDisturbed(t *testing.T) {
	t.Parallel()
	const pools, workers = 5, 40
	scripts := map[string]string{"busy.php": `<?php
		function mix(string $s, int $n): string { return $n > 0 ? mix(md5($s), $n - 1) : $s; }
		$sum = $_GET['n']; touch("$_GET[file].begun.$sum");
		while (!file_exists($_GET['file'])) { mix($sum, 200); usleep(50_000); clearstatcache(); }
		echo mix($sum, 100);`,
		"sum.php": `<?php $s = $_GET['n']; for ($i = 0; $i < 100; $i++) { $s = md5($s); } echo $s;`,
	}
	type busy struct {
		*phpPool
		slow  <-chan Stacked
		calls []*call
	}
	var all []*busy
	file := (&phpPool{t: t}).file()
	for range pools {
		p, slow := startStackPool(t, nil, scripts, func(o *Options) { o.MaxChildren, o.SlowTimeout = workers, time.Hour }, nil)
		all = append(all, &busy{phpPool: p, slow: slow})
	}
	for i, p := range all {
		for n := range workers {
			p.calls = append(p.calls, p.begin(fmt.Sprintf("busy.php?file=%s&n=%d", file, i*workers+n)))
		}
	}
	for n := range pools * workers {
		wantFile(t, fmt.Sprintf("%s.begun.%d", file, n))
	}
	for _, p := range all {
		p.do(func() { // the hour is over
			for _, w := range p.pool.serving.workers {
				w.task.slow.Leave()
				w.task.tooSlow()
			}
		})
	}
	for _, p := range all {
		for range workers {
			s := receive(t, p.slow)
			if s.Err != nil || len(s.Stack) == 0 || s.Stack[len(s.Stack)-1].File != p.site+"/busy.php" {
				t.Errorf("%v\n%s", s.Err, s.Stack)
			}
		}
		for range 3 {
			looked := make(chan []Stacked, 1)
			p.do(func() { p.pool.Look(0, 20, func(s []Stacked) { looked <- s }) })
			stacks := receive(t, looked)
			for _, s := range stacks {
				if s.Err != nil {
					t.Error(s.Err)
				}
			}
			if len(stacks) != workers {
				t.Errorf("%d of %d at work", len(stacks), workers)
			}
		}
	}
	touch(t, file)
	for i, p := range all {
		for n, c := range p.calls {
			if got, want := c.body(), p.get(fmt.Sprintf("sum.php?n=%d", i*workers+n)); got != want {
				t.Errorf("request %d: %q, want %q", i*workers+n, got, want)
			}
		}
		if s := p.stats(); s.Slow != workers || s.Deaths != 0 || len(s.Failed) > 0 {
			t.Errorf("%+v", s)
		}
	}
}

func TestWhoCannotBeLookedAtIsSlowWithoutAStack(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		spec func(*ZygoteSpec)
		why  string
	}{
		"no host calls": {func(s *ZygoteSpec) { s.PreloadFile = "" }, "host calls are off"},
		"no flock":      {func(s *ZygoteSpec) { s.AdminValues = []Setting{{"disable_functions", "flock"}} }, "flock"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, slow := startStackPool(t, nil, map[string]string{"slow.php": slowly}, nil, test.spec)
			for range 3 {
				file := p.file()
				c := p.begin("slow.php?file=" + file)
				if seen := receive(t, slow); seen.Err == nil || !strings.Contains(seen.Err.Error(), test.why) || len(seen.Stack) > 0 {
					t.Errorf("%+v", seen)
				}
				touch(t, file)
				c.body()
			}
			if n := strings.Count(p.log.String(), "no stacks of PHP"); n != 1 {
				t.Errorf("it was said %d times why", n)
			}
		})
	}
}

func TestAnyWorkerCanBeLookedAtWhileItWorks(t *testing.T) {
	t.Parallel()
	p, _ := startStackPool(t, nil, nil, func(o *Options) { o.SlowTimeout = 0 }, nil)
	c, release := p.held()
	look := func(pid int) (seen []Stacked, found bool) {
		all := make(chan []Stacked, 1)
		p.do(func() { found = p.pool.Look(pid, 20, func(s []Stacked) { all <- s }) })
		return receive(t, all), found
	}
	for _, pid := range []int{0, c.job.pid} {
		seen, found := look(pid)
		if !found || len(seen) != 1 || seen[0].PID != c.job.pid || seen[0].State != Busy || seen[0].Err != nil ||
			!strings.Contains(seen[0].Stack.String(), p.site+"/wait.php:1") {
			t.Errorf("%+v", seen)
		}
	}
	if seen, found := look(1); found || len(seen) > 0 {
		t.Errorf("process 1 was found: %+v", seen)
	}
	release()
	c.body()
	p.wantAllIdle()
	if seen, found := look(c.job.pid); !found || len(seen) != 1 || seen[0].Err == nil || seen[0].State != Idle {
		t.Errorf("idle: %+v", seen)
	}
	if seen, found := look(0); !found || len(seen) > 0 {
		t.Errorf("nobody works: %+v", seen)
	}
}

func TestAProbeIsProvedByTheFrameThatItWaitsIn(t *testing.T) {
	asUsers(t, func(t *testing.T, u *User) {
		for _, change := range []func(*ZygoteSpec){
			func(*ZygoteSpec) {},
			func(s *ZygoteSpec) { s.AdminValues = []Setting{{"opcache.enable", "0"}} },
			func(s *ZygoteSpec) { s.AdminValues = []Setting{{"open_basedir", "/nowhere"}} },
			func(s *ZygoteSpec) {
				s.Values = []Setting{{"opcache.jit_buffer_size", "8M"}, {"opcache.jit", "tracing"}}
			},
		} {
			p, _ := startStackPool(t, u, nil, nil, change)
			p.do(func() {
				if g := p.pool.serving; g.stacks.image == nil || g.stacks.why != nil {
					t.Errorf("%v\n%s", g.stacks.why, p.log)
				}
			})
		}
	})
}

func TestARefusalOfTheKernelSaysWhatToDo(t *testing.T) {
	if err := explain(fmt.Errorf("read: %w", unix.EPERM)); !errors.Is(err, unix.EPERM) || !strings.Contains(err.Error(), "CAP_SYS_PTRACE") {
		t.Error(err)
	}
	if _, err := (&Zygote{dir: filepath.Join(t.TempDir())}).proveStack(1 << 30); err == nil {
		t.Error("a process that is not there was proved")
	}
}
