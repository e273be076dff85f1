package worker

import (
	"testing"
	"time"
)

func TestTheRestartDelayDoublesUpTo30SecondsWithATenthOfJitter(t *testing.T) {
	for n, want := range map[int]time.Duration{
		1: 100 * time.Millisecond, 2: 200 * time.Millisecond, 5: 1600 * time.Millisecond, 9: 25600 * time.Millisecond,
		10: 30 * time.Second, 11: 30 * time.Second, 64: 30 * time.Second, 1 << 40: 30 * time.Second,
	} {
		if got := restartDelay(n, 0); got != want {
			t.Errorf("attempt %d without jitter: %v, want %v", n, got, want)
		}
		if got := restartDelay(n, 0.999); got <= want || got > want+want/10 {
			t.Errorf("attempt %d with all jitter: %v, want up to %v", n, got, want+want/10)
		}
	}
	for n := 2; n <= 20; n++ {
		if restartDelay(n, 0) < restartDelay(n-1, 0) {
			t.Errorf("attempt %d waits for less time than the one before", n)
		}
	}
}

func TestOnlyWhatTheModeDoesNotKeepWarmIsSurplus(t *testing.T) {
	for _, c := range []struct {
		mode                           Mode
		used, minSpare, maxSpare, want int
	}{
		{Static, 100, 1, 2, 0},
		{Dynamic, 0, 1, 3, 0},
		{Dynamic, 3, 1, 3, 0},
		{Dynamic, 5, 1, 3, 2},
		{Dynamic, 5, 4, 3, 1}, // a minimum above the maximum wins
		{OnDemand, 0, 1, 3, 0},
		{OnDemand, 5, 1, 3, 5},
		{"", 5, 1, 3, 0},
	} {
		if got := surplus(c.mode, c.used, c.minSpare, c.maxSpare); got != c.want {
			t.Errorf("%q with %d used, spare %d to %d: %d surplus, want %d", c.mode, c.used, c.minSpare, c.maxSpare, got, c.want)
		}
	}
}

func TestAnIdleWorkerIsRecycledAtTheFirstThingThatFallsDue(t *testing.T) {
	const s = time.Second
	o := Options{IdleTimeout: 10 * s, RecycleIdle: 60 * s, RecycleAge: 3600 * s}
	for _, c := range []struct {
		name       string
		o          Options
		idle, born time.Duration
		spare      bool
		at         time.Duration
		cause      string
	}{
		{"spare", o, 100 * s, 50 * s, true, 110 * s, "spare"},
		{"not spare", o, 100 * s, 50 * s, false, 160 * s, "idle"},
		{"old", o, 4000 * s, 405 * s, true, 4005 * s, "age"},
		{"spare and idling alike: the first that is named", Options{IdleTimeout: s, RecycleIdle: s}, 0, 0, true, s, "spare"},
	} {
		if at, cause := retireAt(&c.o, c.idle, c.born, c.spare); at != c.at || cause != c.cause {
			t.Errorf("%s: at %v for %q, want %v for %q", c.name, at, cause, c.at, c.cause)
		}
	}
	if at, cause := retireAt(&Options{IdleTimeout: 10 * s}, 0, 0, false); cause != "" || at < 1<<62 {
		t.Errorf("a worker that stays is recycled at %v for %q", at, cause)
	}
}

func TestTheSpawnBudgetIsPerSecond(t *testing.T) {
	var b spawnBudget
	taken := func(now time.Duration, tries int) (n int) {
		for range tries {
			if b.take(now, 3) {
				n++
			}
		}
		return n
	}
	if n := taken(5*time.Second, 2) + taken(5*time.Second+999*time.Millisecond, 9); n != 3 {
		t.Errorf("%d in one second, want 3", n)
	}
	if n := taken(6*time.Second, 9); n != 3 {
		t.Errorf("%d in the next second, want 3", n)
	}
	if b.take(100*time.Second, 0) {
		t.Error("a budget of none was spent")
	}
}

func TestAWorkerIsDoomedByRequestsOrAge(t *testing.T) {
	p := testPool(t)
	p.loop.Call(func() {
		now := p.loop.Now()
		for _, c := range []struct {
			name string
			o    Options
			w    Worker
			want string
		}{
			{"no limits", Options{}, Worker{served: 1 << 30, born: now - time.Hour}, ""},
			{"below max_requests", Options{MaxRequests: 3}, Worker{served: 2}, ""},
			{"at max_requests", Options{MaxRequests: 3}, Worker{served: 3}, "requests"},
			{"beyond, since it lingered", Options{MaxRequests: 3}, Worker{served: 4}, "requests"},
			{"young", Options{RecycleAge: time.Hour}, Worker{born: now - time.Hour + 1}, ""},
			{"old", Options{RecycleAge: time.Hour}, Worker{born: now - time.Hour}, "age"},
			{"both", Options{MaxRequests: 1, RecycleAge: time.Hour}, Worker{served: 1, born: now - time.Hour}, "requests"},
		} {
			c.w.gen = &generation{pool: p, opts: c.o}
			if got := p.doom(&c.w); got != c.want {
				t.Errorf("%s: %q, want %q", c.name, got, c.want)
			}
		}
	})
}

func TestAfterTheOverlapOldAndNewTogetherStayWithinMaxChildren(t *testing.T) {
	p := testPool(t)
	p.loop.Call(func() {
		p.opts = Options{MaxChildren: 4, ReloadOverlap: 5 * time.Second}
		now := p.loop.Now()
		older := &generation{busy: 1}
		old := &generation{busy: 2}
		for _, c := range []struct {
			name     string
			switched time.Duration
			old      []*generation
			want     int
		}{
			{"no reload", now - time.Hour, nil, 4},
			{"in the overlap", now - 4*time.Second, []*generation{old, older}, 4},
			{"after it", now - 5*time.Second, []*generation{old}, 2},
			{"after it, two drain", now - time.Minute, []*generation{old, older}, 1},
			{"never none at all", now - time.Minute, []*generation{{busy: 3}, {busy: 3}}, 1},
		} {
			p.switched = c.switched
			clear(p.old)
			for _, g := range c.old {
				p.old[g] = struct{}{}
			}
			if got := p.allowance(); got != c.want {
				t.Errorf("%s: %d may be busy, want %d", c.name, got, c.want)
			}
		}
	})
}

func TestTheNextLookAtIdleWorkersIsAtTheShortestTime(t *testing.T) {
	p := testPool(t)
	p.loop.Call(func() {
		for want, o := range map[time.Duration]Options{
			10 * time.Second:      {IdleTimeout: 10 * time.Second, RecycleAge: time.Hour},
			3 * time.Second:       {IdleTimeout: 10 * time.Second, RecycleIdle: 3 * time.Second},
			time.Hour:             {},
			10 * time.Millisecond: {IdleTimeout: time.Nanosecond}, // no busy loop
		} {
			p.opts = o
			if got := p.nextLook(); got != want {
				t.Errorf("%+v: %v, want %v", o, got, want)
			}
		}
	})
}
