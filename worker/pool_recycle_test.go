package worker

import (
	"testing"
	"time"
)

func TestRecyclingByRequestsLosesNothing(t *testing.T) {
	asUsers(t, func(t *testing.T, u *User) {
		for limit := 1; limit <= 3; limit++ {
			p := startPHPPool(t, u, nil, func(o *Options) { o.MaxRequests = limit })
			l := p.load(12, 50*limit, "pid.php")
			l.wantNoneLost(l.wait())
			p.wantAllIdle()
			s := p.stats()
			if s.Recycled["requests"] < 45 || s.Deaths != 0 || s.Completed != uint64(50*limit) {
				t.Errorf("max_requests %d: %+v", limit, s)
			}
		}
	})
}

func TestAWorkerServesAsManyRequestsAsItMay(t *testing.T) {
	t.Parallel()
	p := startPHPPool(t, nil, nil, func(o *Options) { o.MaxChildren, o.MaxRequests = 1, 3 })
	var pids []string
	for range 9 {
		pids = append(pids, p.get("pid.php"))
	}
	for i, pid := range pids {
		if same := i > 0 && pid == pids[i-1]; same != (i%3 != 0) {
			t.Fatalf("the requests went to %v", pids)
		}
	}
}

func TestAWorkerThatHoldsTooMuchMemoryIsRecycledAlsoUnderLoad(t *testing.T) {
	t.Parallel()
	p := startPHPPool(t, nil, nil, func(o *Options) { o.RecycleMemory = 1 }) // whoever has worked holds more
	l := p.load(8, 0, "pid.php")                                             // somebody always waits
	p.wantSoon("workers are recycled", func(s Stats) bool { return s.Recycled["memory"] >= 8 })
	l.wantNoneLost(l.end())
	p.wantSoon("the idle ones are recycled too", func(s Stats) bool { return s.Used == 0 && s.Idle == 4 })
	p.wantLogged("more than recycle_memory (1)")
}

func TestMemoryBelowTheLimitIsLeftAlone(t *testing.T) {
	t.Parallel()
	p := startPHPPool(t, nil, nil, func(o *Options) { o.RecycleMemory = 1 << 40 })
	l := p.load(8, 400, "pid.php")
	l.wantNoneLost(l.wait())
	if s := p.stats(); len(s.Recycled) > 0 {
		t.Errorf("recycled %v", s.Recycled)
	}
}

func TestOldWorkersAreRecycledUnderLoadAndWhenIdle(t *testing.T) {
	t.Parallel()
	p := startPHPPool(t, nil, nil, func(o *Options) { o.RecycleAge = 100 * time.Millisecond })
	l := p.load(8, 0, "pid.php")
	p.wantSoon("workers are recycled", func(s Stats) bool { return s.Recycled["age"] >= 8 })
	l.wantNoneLost(l.end())
	p.wantSoon("the idle ones are recycled too", func(s Stats) bool { return s.Used == 0 && s.Idle == 4 })
}

func TestIdleWorkersAreRecycledAfterTheirTimeAndFreshOnesAreNot(t *testing.T) {
	t.Parallel()
	p := startPHPPool(t, nil, nil, func(o *Options) { o.RecycleIdle = 50 * time.Millisecond })
	p.get("pid.php")
	p.wantSoon("the used one is recycled", func(s Stats) bool { return s.Recycled["idle"] == 1 && s.Used == 0 && s.Idle == 4 })
	if !eventually(func() (still bool) { p.do(func() { still = p.pool.scaling.Active() }); return !still }) {
		t.Error("nothing will fall due, and a timer is set again and again")
	}
	if s := p.stats(); s.Recycled["idle"] != 1 {
		t.Errorf("recycled %v", s.Recycled)
	}
}

func TestDynamicKeepsAsManyWarmAsItShould(t *testing.T) {
	t.Parallel()
	p := startPHPPool(t, nil, nil, func(o *Options) {
		o.Mode, o.MinSpare, o.MaxSpare, o.MaxChildren, o.IdleTimeout = Dynamic, 1, 2, 6, 100*time.Millisecond
	})
	p.useAll()
	p.wantSoon("two stay used", func(s Stats) bool { return s.Used == 2 && s.Idle == 6 && s.Recycled["spare"] == 4 })
}

func TestNoMoreIdleWorkersAreRecycledInASecondThanTheSpawnRate(t *testing.T) {
	t.Parallel()
	p := startPHPPool(t, nil, nil, func(o *Options) {
		o.Mode, o.MaxChildren, o.IdleTimeout, o.MaxSpawn = Dynamic, 6, 20*time.Millisecond, 2
	})
	p.useAll()
	begun := time.Now()
	p.wantSoon("all are recycled", func(s Stats) bool { return s.Used == 0 && s.Recycled["spare"] == 6 })
	if took := time.Since(begun); took < time.Second {
		t.Errorf("6 at 2 a second took %v", took)
	}
}

// useAll has every worker serve a request at once.
func (p *phpPool) useAll() {
	p.t.Helper()
	p.wantAllIdle()
	var calls []*call
	var releases []func()
	for range p.opts.MaxChildren {
		c, release := p.held()
		calls, releases = append(calls, c), append(releases, release)
	}
	for i, c := range calls {
		releases[i]()
		c.body()
	}
}

func TestCapacityIsThereAgainAfterEveryRecycling(t *testing.T) {
	t.Parallel()
	p := startPHPPool(t, nil, nil, func(o *Options) { o.MaxRequests = 1 })
	for range 10 {
		p.useAll()
	}
	if s := p.stats(); s.Recycled["requests"] != 40 {
		t.Errorf("recycled %v", s.Recycled)
	}
	pids := map[string]bool{}
	for range 5 {
		pids[p.get("pid.php")] = true
	}
	if len(pids) != 5 {
		t.Errorf("workers %v", pids)
	}
}
