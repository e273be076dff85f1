package worker

import (
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestAPausedPoolKeepsItsRequestsAndRunsThemAfterwards(t *testing.T) {
	t.Parallel()
	p := startPHPPool(t, nil, nil, func(o *Options) { o.MaxChildren, o.QueueMax = 2, 3 })
	running, release := p.held()
	p.do(func() { p.pool.Pause(PauseQueue) })
	var waiting []*call
	for range 3 {
		waiting = append(waiting, p.begin("pid.php"))
	}
	if c := p.begin("pid.php"); c.wait() != "503 queue_full" {
		t.Error("the queue has no bound in a pause")
	}
	release()
	running.body() // what ran before is finished
	if s := p.stats(); s.Paused != PauseQueue || s.Waiting != 3 || s.Busy != 0 || s.Idle != 2 {
		t.Errorf("paused: %+v", s)
	}
	p.do(p.pool.Resume)
	for _, c := range waiting {
		c.body()
	}
	if s := p.stats(); s.Paused != NotPaused || s.Completed != 4 {
		t.Errorf("resumed: %+v", s)
	}
}

func TestAPoolThatIsPausedWith503RefusesAlsoWhatWaits(t *testing.T) {
	t.Parallel()
	p := startPHPPool(t, nil, nil, func(o *Options) { o.MaxChildren = 1 })
	running, release := p.held()
	waiting := p.begin("pid.php")
	p.do(func() { p.pool.Pause(PauseRefuse) })
	for _, c := range []*call{waiting, p.begin("pid.php")} {
		if got := c.wait(); got != "503 paused" {
			t.Errorf("answered %q", got)
		}
	}
	release()
	running.body()
	p.do(p.pool.Resume)
	p.get("pid.php")
	if s := p.stats(); s.Failed[CausePaused] != 2 {
		t.Errorf("failed: %v", s.Failed)
	}
}

func TestAReloadLeavesAPauseAsItIs(t *testing.T) {
	t.Parallel()
	p := startPHPPool(t, nil, nil, nil)
	p.do(func() { p.pool.Pause(PauseQueue) })
	waiting := p.begin("pid.php")
	done := make(chan error, 1)
	p.do(func() { p.pool.Reload(p.pool.opts, func(err error) { done <- err }) })
	if err := receive(t, done); err != nil {
		t.Fatal(err)
	}
	if waiting.hasEnded() {
		t.Error("the reload ran what waits")
	}
	p.do(p.pool.Resume)
	waiting.body()
}

func TestRecyclingByCommandEndsIdleWorkersNowAndBusyOnesWhenTheyHaveAnswered(t *testing.T) {
	t.Parallel()
	p := startPHPPool(t, nil, nil, func(o *Options) { o.MaxChildren = 3 })
	p.useAll()
	busy, release := p.held()
	var now, later int
	p.do(func() { now, later = p.pool.Recycle(0) })
	if now != 2 || later != 1 {
		t.Errorf("recycled %d at once and %d later, want 2 and 1", now, later)
	}
	release()
	busy.body()
	p.wantSoon("all are fresh", func(s Stats) bool { return s.Idle == 3 && s.Used == 0 && s.Recycled["command"] == 3 })
	pid := p.get("pid.php")
	p.do(func() { now, later = p.pool.Recycle(busy.job.pid) })
	if now+later != 0 {
		t.Error("a worker that has gone was recycled again")
	}
	p.do(func() {
		for id := range p.pool.serving.workers {
			if strings.TrimSpace(pid) == strconv.Itoa(id) {
				now, later = p.pool.Recycle(id)
			}
		}
	})
	if now != 1 || later != 0 {
		t.Errorf("one worker: %d now, %d later", now, later)
	}
	p.wantSoon("it is fresh", func(s Stats) bool { return s.Idle == 3 && s.Recycled["command"] == 4 && s.Deaths == 0 })
}

func TestTimesInTheQueueAndWithAWorkerAreCounted(t *testing.T) {
	t.Parallel()
	p := startPHPPool(t, nil, map[string]string{"slow.php": `<?php usleep(50000); echo 'x';`}, func(o *Options) { o.MaxChildren = 1 })
	first, second := p.begin("slow.php"), p.begin("slow.php")
	first.body()
	second.body()
	s := p.stats()
	if s.Waits.Count() != 2 || s.Waits.Sum < 40*time.Millisecond || s.Waits.Classes[0] != 1 {
		t.Errorf("waits: %+v", s.Waits)
	}
	if s.Durations.Count() != 2 || s.Durations.Sum < 90*time.Millisecond || s.Durations.Classes[0] != 0 {
		t.Errorf("durations: %+v", s.Durations)
	}
}
