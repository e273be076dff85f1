package worker

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"howdah/internal/request"
)

func (p *phpPool) workers() (all []Info) {
	p.t.Helper()
	p.do(func() { all = p.pool.Workers() })
	return all
}

// burn.php computes for as many milliseconds as it is told, and holds so many MiB meanwhile.
const burn = `<?php
	$s = str_repeat(str_repeat('x', 1024), 1024 * ($_GET['mib'] ?? 0));
	$until = hrtime(true) + 1e6 * ($_GET['burn'] ?? 0);
	while (hrtime(true) < $until) { }
	usleep(1000 * ($_GET['sleep'] ?? 0));
	echo getmypid();`

func TestTheTableOfWorkersShowsWhatEachDoesAndDidLast(t *testing.T) {
	t.Parallel()
	p := startPHPPool(t, nil, nil, func(o *Options) { o.MaxChildren = 2 })
	before := time.Now()
	for _, w := range p.workers() {
		if w.Requests != 0 || w.Stage() != "Idle" || w.Request != (request.Info{}) || !w.Begun.IsZero() || w.Duration != 0 {
			t.Errorf("a worker that has done nothing: %+v", w)
		}
	}
	c, release := p.held()
	all := p.workers()
	if len(all) != 2 || all[0].PID >= all[1].PID {
		t.Fatalf("%+v", all)
	}
	var running *Info
	for i := range all {
		if all[i].Running() {
			running = &all[i]
		}
	}
	want := request.Info{Method: "GET", URI: "/test.php", Script: "/srv/test.php"}
	if running == nil || running.Stage() != "Running" || running.State != Busy || running.Requests != 1 || running.Request != want ||
		running.Duration < 0 || running.Begun.Before(before.Add(-time.Second)) || running.Begun.After(time.Now()) || running.Generation != 1 {
		t.Fatalf("with one at work: %+v", all)
	}
	var same Info
	var ok bool
	p.do(func() { same, ok = p.pool.Worker(running.PID) })
	if !ok || same.PID != running.PID || !same.Running() {
		t.Errorf("asked for by its pid: %+v, %v", same, ok)
	}
	release()
	if pid := c.body(); pid != strconv.Itoa(running.PID) {
		t.Errorf("process %s answered, the table said %d", pid, running.PID)
	}
	p.do(func() { same, _ = p.pool.Worker(running.PID) })
	if same.Stage() != "Idle" || same.Requests != 1 || same.Request != want || same.Duration <= 0 {
		t.Errorf("after its request: %+v", same)
	}
	p.do(func() { _, ok = p.pool.Worker(1) })
	if ok {
		t.Error("process 1 is a worker")
	}
}

func TestALongRequestIsMeasuredAndAShortOneIsNot(t *testing.T) {
	t.Parallel()
	p := startPHPPool(t, nil, map[string]string{"burn.php": burn}, func(o *Options) { o.MaxChildren = 1 })
	last := func(ok func(Info) bool) (w Info) {
		t.Helper()
		if !eventually(func() bool { w = p.workers()[0]; return ok(w) }) {
			t.Errorf("it never came about: %+v", w)
		}
		return w
	}
	p.get("burn.php?burn=60")
	w := last(func(w Info) bool { return w.CPU > 0 && w.CPU <= 130 })
	p.get("burn.php?sleep=200")
	if w = last(func(w Info) bool { return w.Requests == 2 && w.Duration >= 200*time.Millisecond }); w.CPU >= 50 {
		t.Errorf("a request that slept for 200 ms: %+v", w)
	}
	// The kernel's figures for resident memory may be a few pages behind.
	p.get("burn.php?sleep=20&mib=64")
	w = last(func(w Info) bool { return w.Memory > 60<<20 })
	if w.Memory > 80<<20 {
		t.Errorf("a request that held 64 MiB: %+v", w)
	}
	p.get("burn.php?sleep=20")
	p.get("burn.php?sleep=20&mib=32")
	if w = last(func(w Info) bool { return w.Memory > 28<<20 }); w.Memory > 48<<20 {
		t.Errorf("a request that held 32 MiB after one that held 64: %+v", w)
	}
	if s := p.stats(); s.MemoryMax < 60<<20 || s.MemoryMax > 80<<20 {
		t.Errorf("the most memory is %d", s.MemoryMax)
	}
}

func TestAWorkerThatLingeredKeepsItsPlaceInTheTable(t *testing.T) {
	t.Parallel()
	p := startPHPPool(t, nil, nil, func(o *Options) { o.MaxChildren = 1 })
	pid := p.get("pid.php")
	c, release := p.held()
	c.abort()
	if w := p.workers(); len(w) != 1 || w[0].State != Lingering || w[0].Stage() != "Running" || w[0].Requests != 2 {
		t.Errorf("while it lingers: %+v", w)
	}
	release()
	p.wantAllIdle()
	if w := p.workers(); len(w) != 1 || strconv.Itoa(w[0].PID) != pid || w[0].Requests != 2 || w[0].Duration <= 0 {
		t.Errorf("when it is back: %+v", w)
	}
}

func TestReachingMaxChildrenIsCountedOnceUntilThereIsRoom(t *testing.T) {
	t.Parallel()
	p := startPHPPool(t, nil, nil, func(o *Options) { o.MaxChildren = 2 })
	reached := func(when string, times uint64, lines int) {
		t.Helper()
		if s := p.stats(); s.ChildrenReached != times {
			t.Errorf("%s: counted %d times, want %d", when, s.ChildrenReached, times)
		}
		if n := strings.Count(p.log.String(), "server reached pm.max_children setting (2), consider raising it"); n != lines {
			t.Errorf("%s: %d lines in the log, want %d", when, n, lines)
		}
	}
	saidAgo := func(d time.Duration) { p.do(func() { p.pool.crowdSaid = p.pool.loop.Now() - d }) }
	a, releaseA := p.held()
	reached("with one busy", 0, 0)
	b, releaseB := p.held()
	var waiting []*call
	for range 5 {
		waiting = append(waiting, p.begin("pid.php"))
	}
	reached("with all busy and five that wait", 1, 1)
	if s := p.stats(); s.BusyMax != 2 || s.Begun != 2 || s.Accepted != 7 || s.WaitingMax != 5 {
		t.Errorf("with all busy and five that wait: %+v", s)
	}
	for range 3 {
		saidAgo(time.Hour)
		waiting = append(waiting, p.begin("pid.php"))
	}
	reached("an hour after the other, each with all busy", 1, 1)
	for _, c := range waiting {
		c.abort()
	}
	waiting = []*call{p.begin("pid.php")}
	reached("with a queue that was empty while all were busy", 1, 1)
	releaseA()
	releaseB()
	for _, c := range append(waiting, a, b) {
		c.body()
	}
	reached("in the end", 1, 1)

	crowd := func() {
		a, releaseA := p.held()
		b, releaseB := p.held()
		c := p.begin("pid.php")
		releaseA()
		releaseB()
		for _, c := range []*call{a, b, c} {
			c.body()
		}
	}
	p.wantAllIdle()
	crowd()
	reached("when there was room, an hour later", 2, 2)
	p.wantAllIdle()
	saidAgo(-time.Hour) // it can't be a second ago before the next
	crowd()
	reached("when there was room, at once", 3, 2)
}
