package wsbridge

import (
	"context"
	"sync"
)

// closesPerSecond bounds the close events that reach PHP: when a network fails, pages come first.
const closesPerSecond = 100

// executors run the events of event routes, at most so many at once: a goroutine for each, with a connection into the pool. A session
// is in at most one place: with an executor, in a queue, or waiting for its turn.
type executors struct {
	bridge *Bridge
	dial   Dial
	ctx    context.Context // ends with stop
	cancel context.CancelFunc

	mu      sync.Mutex
	changed sync.Cond
	queue   fifo // next event is an open or a message
	closes  fifo // next event is the close
	rate    bucket
	turns   map[string]*fifo // turns that run, and who waits for each
	want    int              // executors there are to be
	running int              // executors there are
	active  int              // of them, with an event
	hurried bool             // close events are not held back
	stopped bool
}

func newExecutors(b *Bridge, dial Dial) *executors {
	x := &executors{bridge: b, dial: dial, turns: map[string]*fifo{}}
	x.changed.L = &x.mu
	x.ctx, x.cancel = context.WithCancel(context.Background())
	return x
}

// ready takes a session that has an event.
func (x *executors) ready(s *Session) {
	x.mu.Lock()
	stopped := x.stopped
	if !stopped {
		x.enqueue(s)
	}
	x.mu.Unlock()
	x.changed.Signal()
	if stopped && s.take().kind == openEvent {
		s.answered <- outcome{err: context.Canceled}
	}
}

// enqueue needs mu.
func (x *executors) enqueue(s *Session) {
	if s.take().kind == closeEvent {
		x.closes.push(s)
	} else {
		x.queue.push(s)
	}
}

// resize sets how many events may run at once.
func (x *executors) resize(n int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.want = n
	for x.running < n && !x.stopped {
		x.running++
		x.bridge.background.Go(x.run)
	}
	x.changed.Broadcast()
}

// hurry lets close events through as fast as PHP takes them.
func (x *executors) hurry() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.hurried = true
	x.changed.Broadcast()
}

// nudge has the executors look whether a close event may run.
func (x *executors) nudge() {
	x.mu.Lock()
	waiting := x.closes.len() > 0
	x.mu.Unlock()
	if waiting {
		x.changed.Broadcast()
	}
}

// busy tells whether events run or wait.
func (x *executors) busy() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.active > 0 || x.queue.len() > 0 || x.closes.len() > 0
}

// stop ends the executors; events that wait are lost, and those that run lose their connection.
func (x *executors) stop() {
	x.mu.Lock()
	x.stopped = true
	waiting := append(x.queue.all(), x.closes.all()...)
	for _, f := range x.turns {
		waiting = append(waiting, f.all()...)
	}
	x.mu.Unlock()
	x.cancel()
	x.changed.Broadcast()
	for _, s := range waiting {
		if s.take().kind == openEvent {
			s.answered <- outcome{err: context.Canceled}
		}
	}
}

// run is one executor.
func (x *executors) run() {
	l := &link{dial: x.dial}
	defer l.close()
	release := context.AfterFunc(x.ctx, l.interrupt)
	defer release()
	for s := x.next(); s != nil; s = x.next() {
		s.run(l)
		x.finished(s)
	}
}

// next waits for a session whose turn it is. nil: the executor is to end.
func (x *executors) next() *Session {
	x.mu.Lock()
	defer x.mu.Unlock()
	for {
		if x.stopped || x.running > x.want {
			x.running--
			return nil
		}
		if s := x.pick(); s != nil {
			x.active++
			return s
		}
		x.changed.Wait()
	}
}

// pick needs mu.
func (x *executors) pick() *Session {
	for x.queue.len() > 0 {
		if s := x.queue.pop(); x.begin(s) {
			return s
		}
	}
	for x.closes.len() > 0 && (x.hurried || x.rate.allow(closesPerSecond, x.bridge.now()) == 0) {
		if s := x.closes.pop(); x.begin(s) {
			return s
		}
	}
	return nil
}

// begin takes a session's turn, or has it wait for that. It needs mu.
func (x *executors) begin(s *Session) bool {
	if s.turn == "" {
		return true
	}
	if waiting := x.turns[s.turn]; waiting != nil {
		waiting.push(s)
		return false
	}
	x.turns[s.turn] = &fifo{}
	return true
}

// finished is called when a session's event has been dealt with.
func (x *executors) finished(s *Session) {
	more := s.done()
	x.mu.Lock()
	x.active--
	wake := x.changed.Signal
	if waiting := x.turns[s.turn]; waiting != nil {
		delete(x.turns, s.turn)
		for waiting.len() > 0 {
			wake = x.changed.Broadcast
			x.enqueue(waiting.pop())
		}
	}
	if more {
		x.enqueue(s)
	}
	x.mu.Unlock()
	wake()
}

// fifo is a queue of sessions.
type fifo struct {
	items []*Session
	head  int
}

func (f *fifo) len() int        { return len(f.items) - f.head }
func (f *fifo) all() []*Session { return f.items[f.head:] }
func (f *fifo) push(s *Session) { f.items = append(f.items, s) }

func (f *fifo) pop() *Session {
	s := f.items[f.head]
	f.items[f.head] = nil
	if f.head++; f.head == len(f.items) {
		f.items, f.head = f.items[:0], 0
	} else if f.head >= 1024 && f.head*2 > len(f.items) {
		f.items, f.head = append([]*Session(nil), f.items[f.head:]...), 0
	}
	return s
}
