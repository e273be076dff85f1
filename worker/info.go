package worker

import (
	"cmp"
	"slices"
	"time"

	"howdah/internal/request"
)

// Info is a picture of one worker at one moment, with its current request or, while it has none, its last.
type Info struct {
	PID        int
	Generation int
	State      State
	Started    time.Time
	Requests   int    // begun, those of a warm-up not counted
	Doomed     string // why it will be recycled at the next chance; "" if it will not

	Request  request.Info  // cut to php-fpm's lengths; nothing before the first request
	Begun    time.Time     // zero before the first request
	Waited   time.Duration // in the queue
	Duration time.Duration // so far, or in the end; without the time in the queue
	CPU      float64       // percent of one processor; 0 while the request runs, and for one below 10 ms
	Memory   uint64        // what the request added to the worker's resident memory at its peak, in bytes; 0 as CPU is
}

// Running tells whether the worker has a request.
func (i *Info) Running() bool { return i.State.occupied() > 0 }

// Stage is php-fpm's word for what the worker does.
func (i *Info) Stage() string {
	switch {
	case i.Running():
		return "Running"
	case i.State == Draining:
		return "Ending"
	}
	return "Idle"
}

// Workers returns a picture of each worker that serves or drains, in the order of their pids.
func (p *Pool) Workers() []Info {
	now := time.Now()
	var all []Info
	add := func(g *generation) {
		for _, w := range g.workers {
			all = append(all, w.info(now))
		}
	}
	p.each(func(m *Pool) {
		if m.serving != nil {
			add(m.serving)
		}
		for g := range m.old {
			add(g)
		}
	})
	slices.SortFunc(all, func(a, b Info) int { return cmp.Compare(a.PID, b.PID) })
	return all
}

// Worker returns a picture of the worker that is process pid.
func (p *Pool) Worker(pid int) (Info, bool) {
	var w *Worker
	p.each(func(m *Pool) {
		if m.serving != nil && m.serving.workers[pid] != nil {
			w = m.serving.workers[pid]
		}
		for g := range m.old {
			if g.workers[pid] != nil {
				w = g.workers[pid]
			}
		}
	})
	if w == nil {
		return Info{}, false
	}
	return w.info(time.Now()), true
}

func (w *Worker) info(now time.Time) Info {
	p, y := w.gen.pool, &w.tally
	i := Info{PID: w.pid, Generation: w.gen.id, State: w.state, Started: p.wallTime(w.born, now), Requests: y.requests, Doomed: w.doomed}
	if y.requests == 0 {
		return i
	}
	i.Request, i.Begun, i.Waited = y.note.Info(), p.wallTime(y.begun, now), y.waited
	if i.Running() {
		i.Duration = p.loop.Now() - y.begun
	} else {
		i.Duration, i.CPU, i.Memory = y.took, y.usage.cpu, y.usage.memory
	}
	return i
}

// wallTime is when the loop's clock showed at, seen from now.
func (p *Pool) wallTime(at time.Duration, now time.Time) time.Time { return now.Add(at - p.loop.Now()) }

// ZygoteInfo is the php-cgi of a generation.
type ZygoteInfo struct{ Generation, PID int }

// Zygotes returns those that serve or drain.
func (p *Pool) Zygotes() (all []ZygoteInfo) {
	if g := p.serving; g != nil {
		all = append(all, ZygoteInfo{g.id, g.zygote.PID()})
	}
	for g := range p.old {
		all = append(all, ZygoteInfo{g.id, g.zygote.PID()})
	}
	return all
}
