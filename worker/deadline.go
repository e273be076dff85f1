package worker

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// profGrace is what PHP gets to run shutdown functions and destructors after SIGPROF, before SIGKILL (fact 8).
	profGrace = time.Second
	// terminateDepth is how many frames of a stack are logged.
	terminateDepth = 20
	// closedGrace is how long a closed connection waits for the pidfd to say that its process has ended.
	closedGrace = 200 * time.Millisecond
)

// expired is called when the task has waited or run too long.
func (t *Task) expired() {
	p := t.pool
	if t.queued {
		p.queue.remove(t)
		p.refused(CauseQueueTimeout)
		t.fail(503, retryAfterFull, CauseQueueTimeout)
		p.recycleTask(t)
		p.settleStop()
		return
	}
	if w := t.worker; w != nil {
		w.overdue()
	}
}

// overdue ends a request that has run too long: the client gets 504 if nothing was sent yet, PHP gets SIGPROF, which it
// reports as "Maximum execution time" with file and line and survives; a second later SIGKILL.
func (w *Worker) overdue() {
	p, t := w.gen.pool, w.task
	if w.state != Busy && w.state != Lingering {
		return
	}
	p.counters.TimedOut++
	script, request := t.describe()
	p.log.Warn(fmt.Sprintf("child %d, script '%s' (request: %q) execution timed out (%f sec), terminating", w.pid, script, request, (p.loop.Now()-t.begun).Seconds()), w.attrs()...)
	w.step(Overdue)
	if !t.sent {
		w.keepBody()
		t.fail(504, 0, CauseTimedOut)
	}
	if w.gen.stacks.image == nil {
		w.profile()
		return
	}
	w.lookThenProfile()
}

// profile has PHP end its script, and kills it if it does not.
func (w *Worker) profile() {
	w.signal(unix.SIGPROF)
	w.setWatch(profGrace, func() { w.signal(unix.SIGKILL) })
}

// setWatch has f called after d, instead of what was to be called before.
func (w *Worker) setWatch(d time.Duration, f func()) {
	if w.watch != nil {
		w.watch.Stop()
	}
	w.watch = w.gen.pool.loop.After(d, f)
}
