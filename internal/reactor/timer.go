package reactor

import (
	"container/heap"
	"time"
)

// Timer calls a function once, on the loop. It belongs to the loop.
type Timer struct {
	loop  *Loop
	at    time.Duration // by the loop's clock
	index int           // place in the heap, -1 outside it
	fire  func()
}

// NewTimer makes a timer that is not set.
func (l *Loop) NewTimer(fire func()) *Timer { return &Timer{loop: l, index: -1, fire: fire} }

// After makes a timer that fires d from now.
func (l *Loop) After(d time.Duration, fire func()) *Timer {
	t := l.NewTimer(fire)
	t.Set(d)
	return t
}

// Set makes t fire d from now, instead of when it would have.
func (t *Timer) Set(d time.Duration) { t.setAt(t.loop.now + d) }

func (t *Timer) setAt(at time.Duration) {
	t.at = at
	if t.index >= 0 {
		heap.Fix(&t.loop.timers, t.index)
		return
	}
	heap.Push(&t.loop.timers, t)
}

// Stop keeps t from firing. It may be stopped at any time, and set again.
func (t *Timer) Stop() {
	if t.index >= 0 {
		heap.Remove(&t.loop.timers, t.index)
	}
}

// Active tells whether t is set and has not fired.
func (t *Timer) Active() bool { return t.index >= 0 }

func (l *Loop) fireTimers() {
	for len(l.timers) > 0 && l.timers[0].at <= l.now {
		t := l.timers[0]
		heap.Pop(&l.timers)
		t.fire()
	}
}

// timerHeap orders timers by time for container/heap.
type timerHeap []*Timer

func (h timerHeap) Len() int           { return len(h) }
func (h timerHeap) Less(i, j int) bool { return h[i].at < h[j].at }
func (h timerHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}
func (h *timerHeap) Push(x any) {
	t := x.(*Timer)
	t.index = len(*h)
	*h = append(*h, t)
}
func (h *timerHeap) Pop() any {
	last := len(*h) - 1
	t := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	t.index = -1
	return t
}
