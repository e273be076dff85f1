package worker

import (
	"fmt"
	"time"

	"howdah/internal/request"
)

// crowdEvery is how often the log says at most that pm_max_children was reached. php-fpm looks once a second.
const crowdEvery = time.Second

// tally is what is kept of a worker for those who ask: its current request, or its last.
type tally struct {
	requests int // begun, those before serving not counted
	note     request.Note
	waited   time.Duration // in the queue
	begun    time.Duration
	took     time.Duration // 0 while it runs
	usage    usage
}

// noteBegin is called when the worker has got a request. It is on the way of every request: it copies a hundred bytes, and
// makes no system call.
func (w *Worker) noteBegin(t *Task) {
	if w.gen.state == genPreparing {
		return
	}
	p, y := w.gen.pool, &w.tally
	p.counters.Begun++
	y.requests++
	t.job.Note(&y.note)
	y.begun, y.waited, y.took = t.begun, t.begun-t.entered, 0
	p.counters.Waits.add(y.waited)
	y.usage.begin(w)
}

// noteEnd is called when PHP has answered.
func (w *Worker) noteEnd() {
	if w.gen.state == genPreparing || w.tally.requests == 0 {
		return
	}
	w.tally.took = max(w.gen.pool.loop.Now()-w.tally.begun, 1)
	w.gen.pool.counters.Durations.add(w.tally.took)
	w.tally.usage.end(w)
}

// noteBusy is called when one more worker is busy.
func (p *Pool) noteBusy() {
	busy := p.busyNow()
	if f := p.family; f != nil {
		busy = 0
		for _, m := range f.members {
			busy += m.busyNow()
		}
	}
	p.counters.BusyMax = max(p.counters.BusyMax, busy)
}

// noteCrowd is called when a request has to wait. It counts once until there was room, however long that takes: noteRoom.
func (p *Pool) noteCrowd() {
	g := p.serving
	if g == nil || g.state != genServing || g.busy+p.othersBusy() < p.opts.MaxChildren {
		return // it waits for PHP to come up, or for an older generation
	}
	p = p.root()
	if p.crowded {
		return
	}
	p.crowded = true
	p.counters.ChildrenReached++
	if now := p.loop.Now(); now-p.crowdSaid >= crowdEvery {
		p.crowdSaid = now
		p.log.Warn(fmt.Sprintf("server reached pm.max_children setting (%d), consider raising it", p.opts.MaxChildren))
	}
}

// noteRoom is called when a request gets a worker without waiting: one was idle, and no other request wanted it.
func (p *Pool) noteRoom() { p.root().crowded = false }
