package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// stopTime is how long a child may take to end after the first signal.
const stopTime = 5 * time.Second

// child is a process that bench started and ends.
type child struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when it was waited for
}

// startChild starts argv with its output going to the end of logFile. Call it from the main goroutine only: the kernel
// sends Pdeathsig when the thread that forked ends.
func startChild(logFile string, argv ...string) (*child, error) {
	log, err := os.OpenFile(logFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = childAttr()
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("cannot start %s: %w", argv[0], err)
	}
	c := &child{cmd: cmd, done: make(chan struct{})}
	go func() {
		cmd.Wait() // how it ended is in its log
		close(c.done)
	}()
	return c, nil
}

// childAttr gives the child a session of its own, as systemd gives each service: the kernel's autogroups share the processors between
// sessions. It also keeps a terminal's Ctrl-C from the child, so that bench ends it in order; and it ties its life to bench's.
func childAttr() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGTERM}
}

func (c *child) pid() int { return c.cmd.Process.Pid }

// ended reports whether the child is gone.
func (c *child) ended() bool {
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}

// awaitEnd waits for a child that ends by itself. When ctx ends first, or it takes over 30 s, the child is killed, which is an error.
func (c *child) awaitEnd(ctx context.Context) error {
	select {
	case <-c.done:
		return nil
	case <-ctx.Done():
	case <-time.After(30 * time.Second):
	}
	killTree(c.pid())
	<-c.done
	return fmt.Errorf("%s did not end in time and was killed", c.cmd.Path)
}

// stop sends sig and waits. It sends sig again each second, because php-fpm loses a signal that comes while it executes itself anew
// in a reload. What is left after stopTime is killed, process by process, and is an error. Stopping a child that has ended does nothing.
func (c *child) stop(sig syscall.Signal) error {
	end := time.After(stopTime)
	for !c.ended() {
		c.cmd.Process.Signal(sig) // an error means that it has just ended
		select {
		case <-c.done:
		case <-time.After(time.Second):
		case <-end:
			n := killTree(c.pid())
			<-c.done
			return fmt.Errorf("%s was there %v after %v and was killed, with %d processes that it had started", c.cmd.Path, stopTime, sig, n)
		}
	}
	return nil
}

// killTree kills the descendants of root, which is stopped first so that it starts no more, and then root itself. It returns how many there were.
func killTree(root int) int {
	syscall.Kill(root, syscall.SIGSTOP)
	killed := map[int]bool{}
	for {
		again := false
		for _, p := range descendants(root) {
			if p.PID != root && p.State != 'Z' && !killed[p.PID] {
				syscall.Kill(p.PID, syscall.SIGKILL)
				killed[p.PID] = true
				again = true // it may have forked a moment ago
			}
		}
		if !again {
			break
		}
	}
	syscall.Kill(root, syscall.SIGKILL)
	return len(killed)
}
