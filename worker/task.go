package worker

import (
	"time"

	"howdah/internal/reactor"
)

// Task is a job in the pool: in the queue, or with a worker. It is the submitter's handle until the job has ended.
type Task struct {
	pool    *Pool
	job     Job     // nil once it has ended; the worker may go on
	worker  *Worker // nil while it waits
	entered time.Duration
	begun   time.Duration
	queued  bool
	sent    bool // part of an answer went to the job
	limit   reactor.Deadline
	slow    reactor.Deadline
	own     *reactor.Timer // the job's own limit; nil: it has none

	prev, next *Task // in the queue
}

// Abort takes the job back: its client has gone. A job that waits is never run. One that runs loses its connection, so that
// PHP stops at its next write unless ignore_user_abort (fact 17); but not if it has called one of Howdah's functions: what it told
// others it shall also do. It must be called on the loop, before the job has ended.
func (t *Task) Abort() {
	t.job = nil
	t.pool.counters.Aborted++
	if t.queued {
		p := t.pool
		p.queue.remove(t)
		p.recycleTask(t)
		p.settleStop()
		return
	}
	if w := t.worker; w != nil {
		if w.finishAlone() {
			return
		}
		w.abandon()
	}
}

// limitOwn starts the job's own time limit, if it has one.
func (t *Task) limitOwn() {
	if job, ok := t.job.(Limited); ok {
		if d := job.Limit(); d > 0 {
			t.own = t.pool.loop.After(d, t.expired)
		}
	}
}

// unlimit ends the time limits.
func (t *Task) unlimit() {
	t.limit.Leave()
	if t.own != nil {
		t.own.Stop()
		t.own = nil
	}
}

// Resume lets the answer flow again after Job.Output returned false.
func (t *Task) Resume() {
	if t.worker != nil {
		t.worker.resume()
	}
}

// fail ends the job without a (further) answer.
func (t *Task) fail(status int, retryAfter time.Duration, cause Cause) {
	if job := t.job; job != nil {
		t.job = nil
		t.pool.counters.Failed[cause]++
		job.Fail(status, retryAfter, cause)
	}
}
