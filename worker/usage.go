package worker

import (
	"time"

	"howdah/internal/process"
	"howdah/internal/reactor"
)

// longRequest is how long a request must run to be measured: one tick of the clock that php-fpm measures by (times(2)), below
// which its figure is chance. A shorter request costs no system call.
const longRequest = 10 * time.Millisecond

// usage is what the current or last request of a worker used of processor and memory, if it was a long one.
//
// Processor time is read at the first look and at the end, from the process's own clock. What was used before the first look is
// known but for short requests that came before it: the figure is too large by that look's delay at the most.
//
// Memory is the peak of what was resident, less what was resident after the last measured request. It is read off the loop.
type usage struct {
	look   reactor.Deadline // the first look
	looked bool
	before time.Duration // processor time when the request began
	last   time.Duration // processor time at the end of the last measured request
	cpu    float64       // percent of one processor

	measuring bool   // off the loop
	based     bool   // base is known
	base      uint64 // resident then
	memory    uint64
}

func (u *usage) begin(w *Worker) {
	if u.look.Expired == nil {
		u.look.Expired = w.firstLook
	}
	u.looked, u.cpu, u.memory = false, 0, 0
	w.gen.pool.looks.Enter(&u.look)
}

// firstLook is called when the worker's request has turned out to be a long one.
func (w *Worker) firstLook() {
	u := &w.tally.usage
	clock, err := process.CPUTime(w.pid)
	if err != nil {
		return // it has ended, which its pidfd says next
	}
	u.looked = true
	u.before = max(u.last, clock-(w.gen.pool.loop.Now()-w.tally.begun))
	if !u.based {
		w.measureUsage()
	}
}

func (u *usage) end(w *Worker) {
	u.look.Leave()
	if !u.looked {
		return
	}
	if clock, err := process.CPUTime(w.pid); err == nil {
		u.cpu = 100 * float64(clock-u.before) / float64(w.tally.took)
		u.last = clock
	}
	w.measureUsage()
}

// measureUsage reads the worker's memory off the loop, and has the kernel find its peak afresh from there.
func (w *Worker) measureUsage() {
	u, p, pid := &w.tally.usage, w.gen.pool, w.pid
	if u.measuring {
		return
	}
	u.measuring = true
	request := w.tally.requests
	p.off(func() {
		m, err := process.ReadMemory(pid)
		next := m.Resident
		if process.ResetPeak(pid) != nil { // not allowed: then only what goes beyond the highest peak so far can be seen
			next = m.Peak
		}
		p.loop.Post(func() {
			u := &w.tally.usage
			u.measuring = false
			if err != nil || w.state == Dead {
				return
			}
			if u.based && w.tally.requests == request && w.tally.took > 0 && m.Peak > u.base {
				u.memory = m.Peak - u.base
				p.counters.MemoryMax = max(p.counters.MemoryMax, u.memory)
			}
			u.base, u.based = next, true
		})
	})
}

// inherit takes over what is known of the process that before stood for.
func (y *tally) inherit(before *Worker, now time.Duration) {
	before.tally.usage.look.Leave()
	*y = before.tally
	y.usage.look, y.usage.measuring, y.usage.looked = reactor.Deadline{}, false, false
	if y.requests > 0 && y.took == 0 {
		y.took = now - y.begun
	}
}
