package process

import (
	"sync"

	"golang.org/x/sys/unix"
)

// A Process is a child that a Spawner started.
type Process struct {
	PID   int
	Pidfd int // readable once the process has exited; owned by the Process

	reaped chan struct{} // closed when the status is known
	cause  ExitCause     // valid once reaped is closed

	mu     sync.Mutex
	closed bool
}

// Signal sends sig to this process alone.
func (p *Process) Signal(sig unix.Signal) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return unix.ESRCH
	}
	return Signal(p.Pidfd, sig)
}

// KillGroup sends SIGKILL to the process and to the group that it leads, if it leads one.
func (p *Process) KillGroup() {
	p.Signal(unix.SIGKILL)
	// The number stays taken while the group has a member. A process that has it now, after ours was reaped, is another's.
	select {
	case <-p.reaped:
		if unix.Kill(p.PID, 0) != unix.ESRCH {
			return
		}
	default:
	}
	unix.Kill(-p.PID, unix.SIGKILL)
}

func (p *Process) exitInfo() ExitCause {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return ExitCause{}
	}
	return ExitInfo(p.Pidfd)
}

// Done is closed when the process has been reaped.
func (p *Process) Done() <-chan struct{} { return p.reaped }

// Cause returns how the process ended. It waits until that is known.
func (p *Process) Cause() ExitCause {
	<-p.reaped
	return p.cause
}

// Close closes the pidfd. It neither ends the process nor stops its reaping. It is idempotent.
func (p *Process) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed {
		p.closed = true
		unix.Close(p.Pidfd)
	}
}
