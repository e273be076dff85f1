package reactor

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// Events that a Handler is told about, the kernel's own bits.
const (
	In    = unix.EPOLLIN
	Out   = unix.EPOLLOUT
	RdHup = unix.EPOLLRDHUP
	Hup   = unix.EPOLLHUP
	Err   = unix.EPOLLERR
)

// batch is how many events one epoll_wait may return.
const batch = 512

// yieldEvery is how often a loop that is never idle enters Go's scheduler by itself. Left alone, the runtime would take it for a
// goroutine that runs for too long, preempt it by a signal every 10 ms, and poll every 20 µs meanwhile (decision 9).
const yieldEvery = 5 * time.Millisecond

// ErrStopped is returned by Call on a loop that has ended.
var ErrStopped = errors.New("the loop has stopped")

// Handler reacts to the readiness of one descriptor. It is called on the loop.
type Handler interface {
	Ready(events uint32)
}

// HandlerFunc is a function as a Handler.
type HandlerFunc func(events uint32)

// Ready calls f.
func (f HandlerFunc) Ready(events uint32) { f(events) }

// source is what the loop knows of a registered descriptor. serial tells an event of this registration from one of an
// earlier descriptor with the same number that was closed within the same batch.
type source struct {
	handler Handler
	serial  int32
}

// Loop is one reactor.
type Loop struct {
	epfd, wake int
	sources    []source // by descriptor
	serial     int32
	now        time.Duration
	start      time.Time
	timers     timerHeap
	after      []func()
	stopping   bool
	done       chan struct{}

	mu     sync.Mutex
	posted []func()
	closed bool
}

// Start makes a loop and runs it on a thread of its own.
//
// Errors: no descriptors left, in which case nothing was started.
func Start() (*Loop, error) {
	epfd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("cannot start an event loop: epoll_create1: %w", err)
	}
	wake, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		_ = unix.Close(epfd)
		return nil, fmt.Errorf("cannot start an event loop: eventfd: %w", err)
	}
	l := &Loop{epfd: epfd, wake: wake, start: time.Now(), done: make(chan struct{})}
	if err := l.Add(wake, In, HandlerFunc(l.drainWake)); err != nil {
		_ = unix.Close(wake)
		_ = unix.Close(epfd)
		return nil, fmt.Errorf("cannot start an event loop: %w", err)
	}
	go l.run()
	return l, nil
}

// Post queues f to run on the loop. It reports false, and f never runs, once the loop has ended. Any goroutine may call it.
func (l *Loop) Post(f func()) bool {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return false
	}
	l.posted = append(l.posted, f)
	first := len(l.posted) == 1
	if first { // written under the lock: the descriptor is closed under it too
		_, _ = unix.Write(l.wake, []byte{1, 0, 0, 0, 0, 0, 0, 0})
	}
	l.mu.Unlock()
	return true
}

// Call runs f on the loop and waits for it. It must not be called on the loop.
//
// Errors: ErrStopped, and then f did not run.
func (l *Loop) Call(f func()) error {
	ran := make(chan struct{})
	if !l.Post(func() { f(); close(ran) }) {
		return ErrStopped
	}
	<-ran
	return nil
}

// Stop ends the loop after what was posted before it. Any goroutine may call it, more than once.
func (l *Loop) Stop() { l.Post(func() { l.stopping = true }) }

// Wait returns when the loop has ended. It must not be called on the loop.
func (l *Loop) Wait() { <-l.done }

// Now is the loop's clock: monotonic time since it started, as of the current batch of events.
func (l *Loop) Now() time.Duration { return l.now }

// AtBatchEnd queues f to run once the events of the current batch have all been handled.
func (l *Loop) AtBatchEnd(f func()) { l.after = append(l.after, f) }

// Add registers fd. The handler is called for events, and for Hup and Err whether asked for or not (level triggered).
func (l *Loop) Add(fd int, events uint32, h Handler) error {
	for fd >= len(l.sources) {
		l.sources = append(l.sources, make([]source, max(64, len(l.sources)))...)
	}
	l.serial++
	l.sources[fd] = source{handler: h, serial: l.serial}
	e := unix.EpollEvent{Events: events, Fd: int32(fd), Pad: l.serial}
	if err := unix.EpollCtl(l.epfd, unix.EPOLL_CTL_ADD, fd, &e); err != nil {
		l.sources[fd] = source{}
		return fmt.Errorf("epoll_ctl add: %w", err)
	}
	return nil
}

// Modify changes the events that a registered fd waits for.
func (l *Loop) Modify(fd int, events uint32) error {
	e := unix.EpollEvent{Events: events, Fd: int32(fd), Pad: l.sources[fd].serial}
	if err := unix.EpollCtl(l.epfd, unix.EPOLL_CTL_MOD, fd, &e); err != nil {
		return fmt.Errorf("epoll_ctl mod: %w", err)
	}
	return nil
}

// Remove ends the registration of fd, which stays open.
func (l *Loop) Remove(fd int) {
	l.Forget(fd)
	_ = unix.EpollCtl(l.epfd, unix.EPOLL_CTL_DEL, fd, nil)
}

// Forget ends the registration of fd without a system call: for a descriptor that the caller closes at once and of which no
// duplicate is open, so that the kernel drops it by itself.
func (l *Loop) Forget(fd int) {
	if fd < len(l.sources) {
		l.sources[fd] = source{}
	}
}

// run is the loop. It is not locked to its thread: a busy loop never enters the scheduler by itself, so the runtime preempts it
// every 10 ms, and then an unlocked goroutine goes on at once on the thread that it was on, where a locked one waits until two
// other threads have handed it back (decision 9).
func (l *Loop) run() {
	defer l.end()
	events := make([]unix.EpollEvent, batch)
	var yielded time.Duration
	for {
		n := l.ready(events)
		l.now = time.Since(l.start)
		if l.now-yielded > yieldEvery {
			yielded = l.now
			runtime.Gosched()
		}
		for i := range n {
			e := &events[i]
			if s := &l.sources[e.Fd]; s.serial == e.Pad && s.handler != nil {
				s.handler.Ready(e.Events)
			}
		}
		l.fireTimers()
		l.runAfter()
		if l.stopping {
			return
		}
	}
}

// ready waits for events. What is ready already is fetched by a raw call: only a call that may sleep has to tell the scheduler.
func (l *Loop) ready(events []unix.EpollEvent) int {
	if n := pollNow(l.epfd, events); n > 0 {
		return n
	}
	timeout := l.timeout()
	if timeout == 0 {
		return 0
	}
	n, err := unix.EpollWait(l.epfd, events, timeout)
	if err != nil && !errors.Is(err, unix.EINTR) {
		panic("reactor: epoll_wait: " + err.Error()) // only a descriptor closed under us: a bug, not an operational fault
	}
	return max(n, 0)
}

// timeout is how long epoll_wait may sleep, in milliseconds, rounded up so that a timer never fires early.
func (l *Loop) timeout() int {
	if len(l.timers) == 0 {
		return -1
	}
	d := l.timers[0].at - time.Since(l.start)
	if d <= 0 {
		return 0
	}
	return int(min((d+time.Millisecond-1)/time.Millisecond, math.MaxInt32))
}

func (l *Loop) drainWake(uint32) {
	var buf [8]byte
	_, _ = unix.Read(l.wake, buf[:])
	l.runPosted()
}

func (l *Loop) runPosted() {
	l.mu.Lock()
	posted := l.posted
	l.posted = nil
	l.mu.Unlock()
	for _, f := range posted {
		f()
	}
}

func (l *Loop) runAfter() {
	for i := 0; i < len(l.after); i++ { // a function may add another
		l.after[i]()
		l.after[i] = nil
	}
	l.after = l.after[:0]
}

// end refuses further posts, runs those that were accepted, and closes the loop's descriptors.
func (l *Loop) end() {
	for {
		l.mu.Lock()
		if len(l.posted) == 0 {
			l.closed = true
			_ = unix.Close(l.wake)
			l.mu.Unlock()
			break
		}
		l.mu.Unlock()
		l.runPosted()
		l.runAfter()
	}
	_ = unix.Close(l.epfd)
	close(l.done)
}
