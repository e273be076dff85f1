package process

import (
	"maps"
	"os/signal"
	"slices"
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
			s.reapChildren()
			s.reapStrays()
		case <-s.idle:
			s.killAll()
			close(s.killed)
			return
		}
	}
}

// reapChildren reaps those of the Spawner's own children that have exited.
func (s *Spawner) reapChildren() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for pid, child := range s.children {
		var status unix.WaitStatus
		got, err := unix.Wait4(pid, &status, unix.WNOHANG, nil)
		switch {
		case err == nil && got == pid:
			child.cause = causeOf(int(status))
		case err == unix.ECHILD: // somebody else in this process has reaped it; the kernel may still know
			child.cause = child.exitInfo()
		default:
			continue
		}
		delete(s.children, pid)
		close(child.reaped)
	}
}

// reapStrays reaps the adopted processes that have exited.
//
// A process of our own session that the Spawner did not start belongs to a package that uses os/exec, which waits for it.
// A stray is always of another session: a child begins one, and a daemon its own.
func (s *Spawner) reapStrays() {
	pids, err := Children(syscall.Getpid())
	if err != nil {
		return
	}
	session, _ := unix.Getsid(0)
	for _, pid := range pids {
		st, err := ReadStat(pid)
		if err != nil || st.State != 'Z' || st.Session == session || s.started(pid) {
			continue
		}
		var status unix.WaitStatus
		if got, err := unix.Wait4(pid, &status, unix.WNOHANG, nil); err == nil && got == pid && s.stray != nil {
			s.stray(Stray{PID: pid, Name: st.Name, Cause: causeOf(int(status))})
		}
	}
}

func (s *Spawner) started(pid int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.children[pid] != nil
}

// killAll ends the groups of the children that are left, reaps them, and closes the pipes that detached jobs still hold.
func (s *Spawner) killAll() {
	s.mu.Lock()
	var left []*Process
	for _, p := range s.children {
		left = append(left, p)
	}
	s.mu.Unlock()
	for _, p := range left {
		unix.Kill(p.PID, unix.SIGKILL) // not reaped, so the number is its own
		p.KillGroup()
		waitExited(p.PID)
		s.reapChildren()
		waitGroup(p.PID)
	}
	s.reapStrays()
	s.mu.Lock()
	lines := slices.Collect(maps.Keys(s.lines))
	s.mu.Unlock()
	for _, l := range lines {
		l.Last() // takes what has been written
		l.pipe.Close()
	}
}

// waitGroup blocks until the members of a killed group, which this subreaper has inherited, have exited.
func waitGroup(pgid int) {
	pids, _ := Children(syscall.Getpid())
	for _, pid := range pids {
		if st, err := ReadStat(pid); err == nil && st.PGID == pgid {
			waitExited(pid)
		}
	}
}

// waitExited blocks until our child has exited, and leaves it to be reaped.
func waitExited(pid int) {
	for unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOWAIT, nil) == unix.EINTR {
	}
}
