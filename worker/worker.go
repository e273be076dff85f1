package worker

import (
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/sys/unix"

	"howdah/internal/process"
	"howdah/internal/reactor"
)

// Worker is one fork of a zygote and the one connection to it: the fork that accepts a connection keeps it, so that the
// connection stands for the process (fact 3). It belongs to the pool's loop.
type Worker struct {
	gen   *generation
	state State
	fd    int // -1 when there is no connection
	pid   int // 0 until hello
	pidfd int // -1 until hello

	task   *Task // what it works on; without a job once that has ended before PHP has
	served int   // requests completed
	born   time.Duration
	since  time.Duration // idle since
	doomed string        // why it is to be recycled at the next chance; "" if it is not

	interest uint32 // what the loop watches fd for; 0: not registered
	unsent   []byte // of the request's wire
	spill    spill
	answer   answer
	called   bool // the request that runs has called one of Howdah's functions

	tally tally // for the table of workers

	below, above *Worker        // in the idle stack
	watch        *reactor.Timer // hello, or the second after SIGPROF
	measured     time.Duration  // when its memory was last looked at
	replaced     bool           // the connection to its successor is open already
	gone         bool           // its process has ended; what it still said is being read
}

// step moves the worker to its next state. An impossible event is reported and leaves the state as it is.
func (w *Worker) step(e Event) {
	to, err := w.state.on(e)
	if err != nil {
		w.gen.pool.log.Error("cannot happen: "+err.Error(), w.attrs()...)
		return
	}
	w.gen.busy += to.occupied() - w.state.occupied()
	w.state = to
	if e == Assigned {
		w.gen.pool.noteBusy()
	}
}

func (w *Worker) attrs() []any {
	return []any{slog.Int("generation", w.gen.id), slog.Int("pid", w.pid)}
}

// Ready is called by the loop for the connection.
func (w *Worker) Ready(events uint32) {
	if events&reactor.Out != 0 {
		w.flush()
	}
	if w.fd >= 0 && events&(reactor.In|reactor.RdHup|reactor.Hup|reactor.Err) != 0 {
		w.read()
	}
}

// wait sets what the loop watches the connection for; 0 takes it out of the loop, since a peer's hang-up is reported always.
func (w *Worker) wait(events uint32) {
	if w.fd < 0 || w.interest == events {
		return
	}
	loop := w.gen.pool.loop
	var err error
	switch {
	case events == 0:
		loop.Remove(w.fd)
	case w.interest == 0:
		err = loop.Add(w.fd, events, w)
	default:
		err = loop.Modify(w.fd, events)
	}
	w.interest = events
	if err != nil {
		w.gen.pool.log.Error(fmt.Sprintf("cannot watch a worker: %v", err), w.attrs()...)
	}
}

// disconnect closes the connection. The worker goes back to accept once its script is done, or ends if it was told to.
func (w *Worker) disconnect() {
	if w.fd < 0 {
		return
	}
	w.gen.pool.loop.Forget(w.fd)
	reactor.Close(w.fd)
	w.fd, w.interest = -1, 0
	w.dropBody()
	w.answer = answer{}
}

// abandon gives up the connection of a worker whose client has gone, or that closed it itself. The worker lingers until it
// accepts the connection that is opened in its place, or until its deadline.
func (w *Worker) abandon() {
	if w.state == Idle {
		w.gen.idle.remove(w)
	}
	w.disconnect()
	w.step(Abandoned)
	if !w.replaced {
		w.replaced = true
		w.gen.connect()
	}
}

// signal sends sig to the worker's process, and to no other: by its pidfd.
func (w *Worker) signal(sig unix.Signal) {
	if w.pidfd >= 0 {
		_ = process.Signal(w.pidfd, sig) // it may have ended already; its pidfd says so
	}
}

// attach makes the connected worker known by the process that answered hello.
func (w *Worker) attach(pid, pidfd int) error {
	w.pid, w.pidfd = pid, pidfd
	return w.gen.pool.loop.Add(pidfd, reactor.In, reactor.HandlerFunc(func(uint32) { w.exited() }))
}

// detach ends our knowledge of the process.
func (w *Worker) detach() {
	if w.pidfd >= 0 {
		w.gen.pool.loop.Forget(w.pidfd)
		reactor.Close(w.pidfd)
		w.pidfd = -1
	}
	w.tally.usage.look.Leave()
	if w.watch != nil {
		w.watch.Stop()
	}
}

// exited is called when the worker's process has ended, for whatever reason. Its last words are read first: the answer may be
// complete.
func (w *Worker) exited() {
	if w.state == Idle {
		w.gen.idle.remove(w)
	}
	w.gone = true
	for w.fd >= 0 && w.task != nil && w.read() {
	}
	if w.state == Dead {
		return
	}
	cause := process.ExitInfo(w.pidfd)
	killed := w.state == Killing
	expected := killed || w.state == Draining
	task := w.task
	w.task = nil
	w.step(Exited)
	w.disconnect()
	w.detach()
	if !expected {
		w.gen.pool.died(w, task, cause)
	} else if killed {
		w.gen.pool.counters.DeathCauses[CauseTimedOut]++
	}
	if task != nil {
		if w.gen.state != genPreparing {
			w.gen.pool.counters.Durations.add(w.gen.pool.loop.Now() - task.begun)
		}
		task.fail(502, 0, CauseDied)
		task.release()
	}
	w.gen.lost(w)
}
