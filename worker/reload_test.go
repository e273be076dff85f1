package worker

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestAReloadEvery100MillisecondsLosesNothing(t *testing.T) {
	asUsers(t, func(t *testing.T, u *User) {
		p := startPHPPool(t, u, map[string]string{"some.php": `<?php usleep(3000); echo getmypid();`}, func(o *Options) { o.MaxChildren = 3 })
		l := p.load(8, 0, "pid.php", "some.php")
		const reloads = 6
		for range reloads {
			if err := p.reload(nil); err != nil {
				t.Errorf("reload: %v", err)
			}
			<-time.After(100 * time.Millisecond) // what the test is about
		}
		l.wantNoneLost(l.end())
		if s := p.stats(); s.Generations != reloads+1 || s.Generation != reloads+1 {
			t.Errorf("%+v", s)
		}
		p.wantAllIdle()
		p.wantSoon("the old generations are gone", func(Stats) (gone bool) { p.do(func() { gone = len(p.pool.old) == 0 }); return gone })
	})
}

func TestARequestThatRunsIsFinishedByTheOldGeneration(t *testing.T) {
	t.Parallel()
	p := startPHPPool(t, nil, nil, nil)
	c, release := p.held()
	old := p.serving()
	if err := p.reload(nil); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		p.get("pid.php")
	}
	if s := p.stats(); s.Busy != 1 || s.Generation != 2 {
		t.Errorf("%+v", s)
	}
	if !eventually(func() bool { return len(groupOf(old.PID())) == 2 }) { // the zygote, which is stopped, and the busy one
		t.Errorf("of the old generation live %v", groupOf(old.PID()))
	}
	release()
	if got := c.body(); got != fmt.Sprint(c.job.pid) {
		t.Errorf("got %q", got)
	}
	if !eventually(func() bool { return groupGone(old.PID()) && !exists(old.dir) }) {
		t.Errorf("of the old generation live %v", groupOf(old.PID()))
	}
}

func TestAReloadThatDoesNotStartChangesNothing(t *testing.T) {
	t.Parallel()
	p := startPHPPool(t, nil, nil, nil)
	before := p.get("pid.php")
	exits := filepath.Join(openDir(t), "php-cgi")
	if err := os.WriteFile(exits, []byte("#!/bin/sh\necho it cannot be >&2\nexit 3\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		spec func(*ZygoteSpec)
		want string
	}{
		"no such program":     {func(s *ZygoteSpec) { s.Binary = "/nowhere/php-cgi" }, "/nowhere/php-cgi"},
		"it exits":            {func(s *ZygoteSpec) { s.Binary = exits }, "it said: it cannot be"},
		"a preload that dies": {func(s *ZygoteSpec) { s.Defines, s.PreloadFile = []string{"opcache.preload=/nowhere.php"}, "" }, "it said: "},
	} {
		other := newPHPPool(t, nil, nil, nil, c.spec)
		err := p.reload(func(o *Options) { o.Start = other.opts.Start })
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: the error is %v, want %q in it", name, err, c.want)
		}
		if got := p.get("pid.php"); got != before {
			t.Errorf("%s: worker %s answers, before it was %s", name, got, before)
		}
		if s := p.stats(); s.Generation != 1 || s.Workers != 4 {
			t.Errorf("%s: %+v", name, s)
		}
	}
	if err := p.reload(nil); err != nil {
		t.Errorf("a good one afterwards: %v", err)
	}
}

func TestReloadsThatArriveDuringAnotherAreJoined(t *testing.T) {
	t.Parallel()
	p := startPHPPool(t, nil, nil, nil)
	var all []<-chan error
	p.do(func() {
		for i := range 5 {
			opts := p.opts
			opts.MaxChildren = 4 - i%2
			done := make(chan error, 2)
			all = append(all, done)
			p.pool.Reload(opts, func(err error) { done <- err })
		}
	})
	for i, done := range all {
		if err := receive(t, done); err != nil {
			t.Errorf("reload %d: %v", i, err)
		}
	}
	if s := p.stats(); s.Generations != 3 { // the first start, the first wish, and the last
		t.Errorf("%d generations for 5 wishes", s.Generations)
	}
	p.do(func() {
		if n := p.pool.opts.MaxChildren; n != 4 {
			t.Errorf("in force is not the last wish: %d children", n)
		}
		if len(all[4]) > 0 {
			t.Error("a wish was reported on twice")
		}
	})
	p.wantAllIdle()
}

func TestAfterTheOverlapOldAndNewAreNotBusierThanTheyMay(t *testing.T) {
	t.Parallel()
	p := startPHPPool(t, nil, nil, func(o *Options) { o.MaxChildren, o.ReloadOverlap = 3, 300*time.Millisecond })
	var held []*call
	var release []func()
	for range 2 {
		c, r := p.held()
		held, release = append(held, c), append(release, r)
	}
	if err := p.reload(nil); err != nil {
		t.Fatal(err)
	}
	p.wantSoon("the new ones are there", func(s Stats) bool { return s.Idle == 3 })
	<-time.After(350 * time.Millisecond) // the overlap
	var fresh []*call
	var letFresh []func()
	for range 3 {
		c, r := p.hold()
		fresh, letFresh = append(fresh, c), append(letFresh, r)
	}
	if s := p.stats(); s.Busy != 3 || s.Waiting != 2 {
		t.Errorf("two old are busy, and there may be three: %d busy, %d wait", s.Busy, s.Waiting)
	}
	release[0]()
	held[0].body()
	p.wantSoon("another may run", func(s Stats) bool { return s.Busy == 3 && s.Waiting == 1 })
	unix.Kill(held[1].job.pid, unix.SIGKILL) // not only the end of a request makes room
	p.wantSoon("the last may run", func(s Stats) bool { return s.Busy == 3 && s.Waiting == 0 })
	for i, c := range fresh {
		letFresh[i]()
		c.body()
	}
	if got := held[1].wait(); got != "502 worker_died" {
		t.Errorf("the killed one: %q", got)
	}
}

func TestAWorkerOfTheOldGenerationThatLingeredMakesRoomWhenItIsBack(t *testing.T) {
	t.Parallel()
	p := startPHPPool(t, nil, nil, func(o *Options) { o.MaxChildren, o.ReloadOverlap = 2, 0 })
	lingers, letGo := p.held()
	lingers.abort()
	if err := p.reload(nil); err != nil {
		t.Fatal(err)
	}
	one, letOne := p.held()
	two := p.begin("pid.php")
	if s := p.stats(); s.Busy != 2 || s.Waiting != 1 {
		t.Errorf("%d busy, %d wait", s.Busy, s.Waiting)
	}
	letGo()
	two.body()
	letOne()
	one.body()
}

func TestWithinTheOverlapTheNewGenerationMayBeAllBusy(t *testing.T) {
	t.Parallel()
	p := startPHPPool(t, nil, nil, func(o *Options) { o.MaxChildren, o.ReloadOverlap = 2, time.Minute })
	old, release := p.held()
	if err := p.reload(nil); err != nil {
		t.Fatal(err)
	}
	one, letOne := p.held()
	two, letTwo := p.held()
	if s := p.stats(); s.Busy != 3 {
		t.Errorf("%d busy", s.Busy)
	}
	for _, r := range []func(){release, letOne, letTwo} {
		r()
	}
	for _, c := range []*call{old, one, two} {
		c.body()
	}
}

func TestAnOldGenerationIsEndedAtItsTime(t *testing.T) {
	t.Parallel()
	p := startPHPPool(t, nil, nil, func(o *Options) { o.DrainTimeout = 200 * time.Millisecond })
	c, _ := p.held()
	if err := p.reload(nil); err != nil {
		t.Fatal(err)
	}
	if got := c.wait(); got != "502 stopped" {
		t.Errorf("it ended with %q", got)
	}
	p.wantAllIdle()
	p.wantLogged("is still running 200ms after its generation was told to end")
}

// prepared is what a new generation must answer before it serves.
func (p *phpPool) prepared(ended func(outcome string), rounds ...[]string) func(*Zygote) [][]Job {
	return func(*Zygote) (all [][]Job) {
		for _, scripts := range rounds {
			var jobs []Job
			for _, script := range scripts {
				j := &recorder{wire: p.wire(script, "")}
				j.ended = func(*recorder) { ended(script + " " + j.outcome()) }
				j.failed = func(int, Cause) { ended(script + " " + j.outcome()) }
				jobs = append(jobs, j)
			}
			all = append(all, jobs)
		}
		return all
	}
}

func TestTheWarmUpIsOverBeforeTheGenerationServes(t *testing.T) {
	t.Parallel()
	var told []string
	p := newPHPPool(t, nil, map[string]string{"warm.php": `<?php usleep(20000); echo getmypid();`}, func(o *Options) { o.MaxRequests = 1; o.MaxChildren = 2 }, nil)
	p.opts.Prepare = p.prepared(func(s string) { told = append(told, s) }, []string{"pid.php"}, []string{"warm.php", "warm.php"}, []string{"warm.php"}, nil)
	served := 0
	p.opts.Serving = func(*Zygote) { served = len(told) }
	if err := p.reload(nil); err != nil {
		t.Fatal(err)
	}
	p.do(func() {
		if served != 4 && served != 3 || strings.Count(strings.Join(told, ""), "end") != len(told) {
			t.Errorf("it serves after %d of the warm-up: %q", served, told)
		}
	})
	p.get("pid.php")
}

func TestAGenerationThatDiesInItsWarmUpLeavesTheOldOneServing(t *testing.T) {
	t.Parallel()
	p := startPHPPool(t, nil, map[string]string{"killer.php": `<?php posix_kill(posix_getppid(), 9); sleep(20);`}, nil)
	before := p.get("pid.php")
	err := p.reload(func(o *Options) { o.Prepare = p.prepared(func(string) {}, []string{"killer.php"}) })
	if err == nil || !strings.Contains(err.Error(), "php-cgi has ended") {
		t.Errorf("the reload: %v", err)
	}
	if got := p.get("pid.php"); got != before {
		t.Errorf("worker %s answers, before it was %s", got, before)
	}
	if s := p.stats(); s.Generation != 1 || s.Busy != 0 {
		t.Errorf("%+v", s)
	}
}

func TestAWarmUpThatFailsDoesNotKeepAGenerationFromServing(t *testing.T) {
	t.Parallel()
	var told []string
	p := startPHPPool(t, nil, map[string]string{"die.php": `<?php posix_kill(getmypid(), 9);`}, nil)
	err := p.reload(func(o *Options) {
		o.Prepare = p.prepared(func(s string) { told = append(told, s) }, []string{"die.php", "pid.php"}, []string{"die.php"})
	})
	if err != nil {
		t.Fatal(err)
	}
	p.do(func() {
		if n := strings.Count(strings.Join(told, ""), "502 worker_died"); n != 2 || len(told) != 3 {
			t.Errorf("the warm-up: %q", told)
		}
	})
	p.wantAllIdle()
}

func TestAReloadThatIsGivenUpLeavesTheOldGenerationServing(t *testing.T) {
	t.Parallel()
	p := startPHPPool(t, nil, map[string]string{"sleep.php": `<?php sleep(20);`}, nil)
	before := p.get("pid.php")
	done := p.reloading(func(o *Options) { o.Prepare = p.prepared(func(string) {}, []string{"sleep.php"}) })
	p.wantSoon("the warm-up runs", func(Stats) (runs bool) {
		p.do(func() { runs = p.pool.starting != nil && p.pool.starting.awaited == 1 })
		return runs
	})
	p.do(p.pool.CancelReload)
	if err := receive(t, done); err == nil {
		t.Error("it reports no error")
	}
	if got := p.get("pid.php"); got != before {
		t.Errorf("worker %s answers, before it was %s", got, before)
	}
}
