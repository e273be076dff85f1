package process

import (
	"errors"
	"fmt"
	"math"
	"os"
	"os/signal"
	"runtime"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// ErrClosed is returned by Spawner.Start after Close.
var ErrClosed = errors.New("process: spawner is closed")

// A Spawner starts processes that end with Howdah, reaps them, and adopts what they leave behind. A program needs one: two
// would take each other's children for strays.
type Spawner struct {
	requests chan request
	quit     chan struct{} // closed by Close: no more starts
	idle     chan struct{} // closed by run: nothing is being started
	killed   chan struct{} // closed by reap: nothing that was started is left
	sigchld  chan os.Signal
	stray    func(Stray)
	group    sync.WaitGroup

	mu       sync.Mutex
	closed   bool
	children map[int]*Process // not reaped yet
	lines    map[*Lines]struct{}
}

type request struct {
	spec  Spec
	reply chan<- reply
}

type reply struct {
	p   *Process
	err error
}

// NewSpawner starts a Spawner and makes this process a subreaper. Descriptors that whoever started Howdah left open are
// closed in every child from here on (on a kernel before 5.11 they are not: PHP then has them, as under php-fpm). stray, if not nil, is called for every adopted process
// that was reaped, on the reaping goroutine.
func NewSpawner(stray func(Stray)) (*Spawner, error) {
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return nil, fmt.Errorf("cannot become a subreaper: %w", err)
	}
	_ = unix.CloseRange(3, math.MaxUint32, unix.CLOSE_RANGE_CLOEXEC)
	s := &Spawner{
		requests: make(chan request),
		quit:     make(chan struct{}),
		idle:     make(chan struct{}),
		killed:   make(chan struct{}),
		sigchld:  make(chan os.Signal, 1),
		stray:    stray,
		children: make(map[int]*Process),
		lines:    make(map[*Lines]struct{}),
	}
	signal.Notify(s.sigchld, unix.SIGCHLD)
	s.group.Add(2)
	go s.run()
	go s.reap()
	return s, nil
}

// Start starts a process and returns once exec has succeeded. Any goroutine may call it.
func (s *Spawner) Start(spec Spec) (*Process, error) {
	answer := make(chan reply, 1)
	select {
	case s.requests <- request{spec, answer}:
		r := <-answer
		return r.p, r.err
	case <-s.quit:
		return nil, ErrClosed
	}
}

// Close kills the process groups that are still there, reaps them and waits for the Spawner's goroutines. It is idempotent.
func (s *Spawner) Close() {
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		close(s.quit)
	}
	s.mu.Unlock()
	s.group.Wait()
}

// run forks. It ends with its thread locked, so the thread ends too, and with it what would still depend on it.
func (s *Spawner) run() {
	defer s.group.Done()
	runtime.LockOSThread()
	for {
		select {
		case r := <-s.requests:
			p, err := s.start(r.spec)
			r.reply <- reply{p, err}
		case <-s.quit:
			close(s.idle)
			<-s.killed
			return
		}
	}
}

func (s *Spawner) start(spec Spec) (*Process, error) {
	name := spec.Path
	spec = wrapped(spec, capable)
	files := make([]uintptr, len(spec.Files))
	for i, f := range spec.Files {
		files[i] = f.Fd()
	}
	pidfd := -1
	// The lock keeps the reaper from meeting a child that is not in the table yet.
	s.mu.Lock()
	pid, err := syscall.ForkExec(spec.Path, spec.Args, &syscall.ProcAttr{
		Dir:   spec.Dir,
		Env:   spec.Env,
		Files: files,
		Sys: &syscall.SysProcAttr{
			Pdeathsig:  syscall.SIGTERM,
			Credential: spec.Credential,
			PidFD:      &pidfd,
			// php-cgi begins a session itself, but only once it has run its preload file, for which it may have forked.
			Setsid: true,
		},
	})
	runtime.KeepAlive(spec.Files)
	if err != nil {
		s.mu.Unlock()
		return nil, fmt.Errorf("cannot start %s: %w", name, err)
	}
	p := &Process{PID: pid, Pidfd: pidfd, reaped: make(chan struct{})}
	s.children[pid] = p
	s.mu.Unlock()
	if pidfd < 0 {
		p.Pidfd, err = OpenPidfd(pid) // a kernel without CLONE_PIDFD; the child is ours, so the pid cannot be reused
	}
	if err == nil {
		err = settle(pid, spec)
	}
	if err != nil {
		p.KillGroup()
		<-p.reaped
		p.Close()
		return nil, fmt.Errorf("cannot start %s: %w", name, err)
	}
	return p, nil
}
