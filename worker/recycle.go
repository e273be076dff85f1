package worker

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"howdah/internal/process"
)

// measureEvery is the least time between two looks at one worker's memory.
const measureEvery = 500 * time.Millisecond

// doom tells why a worker that has just answered is to be recycled; "" if it is not.
func (p *Pool) doom(w *Worker) string {
	o := &w.gen.opts
	switch {
	case o.MaxRequests > 0 && w.served >= o.MaxRequests:
		return "requests"
	case o.RecycleAge > 0 && p.loop.Now()-w.born >= o.RecycleAge:
		return "age"
	}
	return ""
}

// measure looks at the private memory of an idle worker, off the loop, and recycles it if it has grown too large.
func (p *Pool) measure(w *Worker) {
	limit := w.gen.opts.RecycleMemory
	if limit == 0 || w.served == 0 || (w.measured > 0 && p.loop.Now()-w.measured < measureEvery) {
		return
	}
	w.measured = p.loop.Now()
	pid := w.pid
	p.off(func() {
		bytes, err := PrivateBytes(pid)
		if err != nil || bytes <= limit {
			return
		}
		p.loop.Post(func() {
			if w.pid != pid || w.doomed != "" || w.state == Dead {
				return
			}
			p.log.Info(fmt.Sprintf("child %d holds %d bytes of its own, more than recycle_memory (%d): recycled", pid, bytes, limit), w.attrs()...)
			w.doomed = "memory"
			p.retireIdle(w)
		})
	})
}

// retireIdle retires a doomed worker if it is idle now; else it is retired when it has answered.
func (p *Pool) retireIdle(w *Worker) {
	if w.state == Idle && w.gen.state == genServing {
		w.gen.idle.remove(w)
		w.retire()
	}
}

// crashed counts crashes and starts a new generation when there were too many: emergency_restart_threshold within
// emergency_restart_interval, as in php-fpm, where SIGSEGV and SIGBUS count.
func (p *Pool) crashed(cause process.ExitCause) {
	if p.opts.CrashThreshold == 0 || !cause.Known || (cause.Signal != int(unix.SIGSEGV) && cause.Signal != int(unix.SIGBUS)) {
		return
	}
	p = p.root()
	now := p.loop.Now()
	p.crashes = append(p.crashes, now)
	for len(p.crashes) > 0 && now-p.crashes[0] > p.opts.CrashInterval {
		p.crashes = p.crashes[1:]
	}
	if len(p.crashes) >= p.opts.CrashThreshold {
		p.log.Warn(fmt.Sprintf("failed processes threshold (%d in %v) is reached, initiating reload", p.opts.CrashThreshold, p.opts.CrashInterval))
		p.crashes = nil
		p.Reload(p.opts, nil)
	}
}

// Recycle ends workers between requests, so that fresh forks take their places: the one that is process pid, or with pid 0 all
// that have worked. now is how many went at once, later how many will when they have answered.
func (p *Pool) Recycle(pid int) (now, later int) {
	p.each(func(m *Pool) {
		n, l := m.recycle(pid)
		now, later = now+n, later+l
	})
	return now, later
}

// recycle is Recycle without the sides.
func (p *Pool) recycle(pid int) (now, later int) {
	g := p.serving
	if g == nil || g.state != genServing {
		return 0, 0
	}
	for _, w := range g.workers {
		if pid != w.pid && (pid != 0 || w.served == 0 && w.state == Idle) {
			continue
		}
		if w.doomed == "" {
			w.doomed = "command"
		}
		if w.state == Idle {
			now++
		} else {
			later++
		}
		p.retireIdle(w)
	}
	return now, later
}
