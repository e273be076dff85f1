package worker

import (
	"fmt"
	"testing"
	"time"
)

func TestJobsThatWaitAreServedInTheirOrderAndTheRestRefusedAtOnce(t *testing.T) {
	t.Parallel()
	p := startPHPPool(t, nil, map[string]string{
		"turn.php": `<?php file_put_contents($_GET['list'], $_GET['n'], FILE_APPEND); echo file_get_contents($_GET['list']);`,
	}, func(o *Options) { o.MaxChildren, o.QueueMax = 1, 5 })
	busy, release := p.held()
	list := p.file()
	var waiting []*call
	for n := range 5 {
		waiting = append(waiting, p.begin(fmt.Sprintf("turn.php?n=%d&list=%s", n, list)))
	}
	for range 3 {
		if c := p.begin("pid.php"); !c.hasEnded() || c.wait() != "503 queue_full" {
			t.Error("the queue is full, and a request is not refused at once")
		}
	}
	if s := p.stats(); s.Waiting != 5 || s.WaitingMax != 5 || s.Failed[CauseQueueFull] != 3 || s.Accepted != 9 {
		t.Errorf("%+v", s)
	}
	release()
	busy.body()
	for _, c := range waiting {
		c.wait()
	}
	if got := waiting[4].body(); got != "01234" {
		t.Errorf("served in the order %s", got)
	}
	p.wantLogged("requests refused with 503: queue_full")
}

func TestAJobThatWaitsTooLongIsRefusedAndNeverRun(t *testing.T) {
	t.Parallel()
	p := startPHPPool(t, nil, nil, func(o *Options) { o.MaxChildren, o.QueueTimeout = 1, 50*time.Millisecond })
	busy, release := p.held()
	late, letLate := p.hold()
	letLate()
	if got := late.wait(); got != "503 queue_timeout" || busy.hasEnded() {
		t.Errorf("the job that waited: %q", got)
	}
	release()
	busy.body()
	p.wantAllIdle()
	if got := late.wait(); got != "503 queue_timeout" || late.job.pid != 0 {
		t.Errorf("it was refused, then run: %q", got)
	}
}

func TestAJobThatIsTakenBackFromTheQueueIsNeverRun(t *testing.T) {
	t.Parallel()
	p := startPHPPool(t, nil, nil, func(o *Options) { o.MaxChildren = 1 })
	busy, release := p.held()
	gone, letGone := p.hold()
	after := p.begin("pid.php")
	gone.abort()
	letGone()
	release()
	busy.body()
	after.body()
	p.wantAllIdle()
	if gone.hasEnded() || gone.job.pid != 0 || gone.job.outcome() != "" {
		t.Errorf("a job that was taken back: worker %d, %q", gone.job.pid, gone.job.outcome())
	}
	if s := p.stats(); s.Aborted != 1 || s.Completed != 2 {
		t.Errorf("%+v", s)
	}
}
