package main

import (
	"errors"
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

// childAttr keeps a terminal's Ctrl-C from the child, so that bench ends it in order, and ties its life to bench's.
func childAttr() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
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

// stop sends sig and waits. What is left of the child and its descendants after stopTime is killed, each by its pid.
// Stopping a child that has ended does nothing.
func (c *child) stop(sig syscall.Signal) error {
	if c.ended() {
		return nil
	}
	tree := descendants(c.pid())
	if err := c.cmd.Process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-c.done:
	case <-time.After(stopTime):
	}
	left := 0
	for _, p := range tree {
		if now, ok := readProc(p.PID); ok && now.Start == p.Start && now.State != 'Z' {
			left++
			syscall.Kill(p.PID, syscall.SIGKILL)
		}
	}
	<-c.done
	if left > 0 {
		return fmt.Errorf("%s: %d of its processes were still there %v after %v and were killed", c.cmd.Path, left, stopTime, sig)
	}
	return nil
}
