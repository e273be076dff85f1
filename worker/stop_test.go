package worker

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestAGracefulStopFinishesWhatRunsAndWhatWaits(t *testing.T) {
	t.Parallel()
	p := startPHPPool(t, nil, nil, func(o *Options) { o.MaxChildren = 1 })
	runs, release := p.held()
	waits := p.begin("pid.php")
	stopped := p.stopping(20 * time.Second)
	late := p.begin("pid.php")
	if got := late.wait(); got != "503 unavailable" {
		t.Errorf("a request after the stop began: %q", got)
	}
	select {
	case <-stopped:
		t.Error("it has stopped, and a request runs")
	default:
	}
	release()
	runs.body()
	waits.body()
	receive(t, stopped)
	if err := p.reload(nil); !errors.Is(err, ErrStopping) {
		t.Errorf("a reload after the stop: %v", err)
	}
	if got := p.begin("pid.php").wait(); got != "503 unavailable" {
		t.Errorf("a request after the stop: %q", got)
	}
	p.stop(0)
	p.stop(time.Second)
}

func TestAGracefulStopEndsAtItsLimit(t *testing.T) {
	t.Parallel()
	p := startPHPPool(t, nil, nil, func(o *Options) { o.MaxChildren = 1 })
	runs, _ := p.held()
	waits := p.begin("pid.php")
	p.stop(300 * time.Millisecond)
	if got := runs.wait() + ", " + waits.wait(); got != "502 stopped, 503 stopped" {
		t.Errorf("what ran and what waited: %s", got)
	}
}

func TestAStopAtOnceEndsEverything(t *testing.T) {
	t.Parallel()
	p := startPHPPool(t, nil, nil, func(o *Options) { o.MaxChildren = 2 })
	old, _ := p.held()
	if err := p.reload(nil); err != nil {
		t.Fatal(err)
	}
	fresh, _ := p.held()
	lingers, _ := p.held()
	lingers.abort()
	waits := p.begin("pid.php")
	first := p.stopping(20 * time.Second)
	p.stop(0)
	receive(t, first)
	if got := old.wait() + ", " + fresh.wait() + ", " + waits.wait(); got != "502 stopped, 502 stopped, 503 stopped" {
		t.Errorf("in the old generation, in the new one, waiting: %s", got)
	}
}

func TestAStopDuringAStartReportsBoth(t *testing.T) {
	t.Parallel()
	for _, limit := range []time.Duration{0, 20 * time.Second} {
		for _, started := range []bool{false, true} {
			p := newPHPPool(t, nil, nil, nil, nil)
			reloaded := p.reloading(nil)
			again := p.reloading(nil)
			if started {
				if !eventually(func() (there bool) { p.do(func() { there = p.pool.starting != nil }); return there }) {
					t.Fatal("it does not start")
				}
			}
			p.stop(limit)
			for _, done := range []<-chan error{reloaded, again} {
				if err := receive(t, done); err == nil || !strings.Contains(err.Error(), ErrStopping.Error()) {
					t.Errorf("limit %v, zygote there: %v: the reload reports %v", limit, started, err)
				}
			}
		}
	}
}

func TestAStopDuringAReloadLetsTheOldGenerationFinish(t *testing.T) {
	t.Parallel()
	p := startPHPPool(t, nil, nil, nil)
	c, release := p.held()
	reloaded := p.reloading(nil)
	stopped := p.stopping(20 * time.Second)
	if err := receive(t, reloaded); err == nil {
		t.Log("the reload was faster than the stop")
	}
	release()
	c.body()
	receive(t, stopped)
}

func TestAStopWhoseLastWaitingRequestIsTakenBackGoesOn(t *testing.T) {
	t.Parallel()
	p := startPHPPool(t, nil, nil, func(o *Options) { o.MaxChildren = 1 })
	runs, release := p.held()
	waits := p.begin("pid.php")
	stopped := p.stopping(20 * time.Second)
	waits.abort()
	p.do(func() {
		if len(p.pool.old) != 1 {
			t.Error("nothing waits, and the generation is not draining")
		}
	})
	release()
	runs.body()
	receive(t, stopped)
}
