package process

import (
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
)

// A Stray is a process that was not started by us: one that a child left behind and this subreaper inherited.
type Stray struct {
	PID   int
	Name  string
	Cause ExitCause
}

// reap answers SIGCHLD until the Spawner closes, then ends what is left.
func (s *Spawner) reap() {
	defer s.group.Done()
	defer signal.Stop(s.sigchld)
	for {
		select {
		case <-s.sigchld:
			s.sweep()
		case <-s.quit:
			s.killAll()
			return
		}
	}
}

func (s *Spawner) killAll() {
	for {
		s.mu.Lock()
		var left *Process
		for _, left = range s.children {
			unix.Kill(-left.PID, unix.SIGKILL)
			unix.Kill(left.PID, unix.SIGKILL) // not reaped, so the pid is still its own
		}
		s.mu.Unlock()
		s.sweep()
		if left == nil {
			return
		}
		waitExited(left.PID)
		s.sweep()
	}
}

// waitExited blocks until our child has exited, and leaves it to be reaped.
func waitExited(pid int) {
	for unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOWAIT, nil) == unix.EINTR {
	}
}

// sweep reaps every zombie child that is the Spawner's business: its own children and strays.
//
// A process of our own session that the Spawner did not start belongs to a package that uses os/exec, which waits for it.
// A stray is always of another session: php-cgi begins one before it forks, and a daemon begins its own.
func (s *Spawner) sweep() {
	pids, err := Children(syscall.Getpid())
	if err != nil {
		return
	}
	session, _ := unix.Getsid(0)
	for _, pid := range pids {
		st, err := ReadStat(pid)
		if err != nil || st.State != 'Z' {
			continue
		}
		s.mu.Lock()
		child := s.children[pid]
		if child == nil && st.Session == session {
			s.mu.Unlock()
			continue
		}
		var status unix.WaitStatus
		got, err := unix.Wait4(pid, &status, unix.WNOHANG, nil)
		if err == nil && got == pid && child != nil {
			delete(s.children, pid)
			child.cause = causeOf(int(status))
			close(child.reaped)
		}
		s.mu.Unlock()
		if err == nil && got == pid && child == nil && s.stray != nil {
			s.stray(Stray{PID: pid, Name: st.Name, Cause: causeOf(int(status))})
		}
	}
}
