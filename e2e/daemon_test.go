package e2e

import (
	"bufio"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// daemon is a program that a test runs beside itself, with what it said on stdout and stderr.
type daemon struct {
	t    *testing.T
	name string
	cmd  *exec.Cmd
	quit syscall.Signal // how it is stopped at the end of the test

	exited chan struct{} // closed when the process has been waited for
	err    error         // of that wait

	mu    sync.Mutex
	lines []string
	news  chan struct{} // closed and replaced at every line
	eof   bool
}

// startDaemon runs cmd with its output collected, and stops it with quit when the test ends.
func startDaemon(t *testing.T, name string, quit syscall.Signal, cmd *exec.Cmd) *daemon {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	cmd.Stdout, cmd.Stderr = w, w
	d := &daemon{t: t, name: name, cmd: cmd, quit: quit, exited: make(chan struct{}), news: make(chan struct{})}
	if err := cmd.Start(); err != nil {
		r.Close()
		t.Fatalf("cannot start %s: %v", name, err)
	}
	read := make(chan struct{})
	go func() { defer close(read); d.collect(r) }()
	go func() { d.err = cmd.Wait(); close(d.exited) }()
	t.Cleanup(func() {
		if !d.hasExited() {
			d.signal(d.quit)
			d.wait(15 * time.Second)
		}
		r.Close() // a process that the daemon left may hold the other end
		<-read
		if t.Failed() {
			t.Logf("%s said at last:\n%s", name, strings.Join(d.tail(60), "\n"))
		}
	})
	return d
}

func (d *daemon) pid() int { return d.cmd.Process.Pid }

func (d *daemon) collect(r io.Reader) {
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadString('\n')
		d.mu.Lock()
		if line != "" {
			d.lines = append(d.lines, strings.TrimRight(line, "\n"))
		}
		d.eof = err != nil
		close(d.news)
		d.news = make(chan struct{})
		d.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// mark is the place in the log to look from: what is said after this call.
func (d *daemon) mark() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.lines)
}

// logged returns the lines since mark that contain all of the words.
func (d *daemon) logged(since int, words ...string) []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var found []string
	for _, line := range d.lines[min(since, len(d.lines)):] {
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(line, w) }) {
			found = append(found, line)
		}
	}
	return found
}

// wantLogged waits for a line since mark with all of the words and returns it.
func (d *daemon) wantLogged(since int, limit time.Duration, words ...string) string {
	d.t.Helper()
	timeout := time.After(limit)
	for {
		d.mu.Lock()
		news, eof := d.news, d.eof
		d.mu.Unlock()
		if found := d.logged(since, words...); len(found) > 0 {
			return found[0]
		}
		if eof {
			d.t.Fatalf("%s ended without a log line with %q", d.name, words)
		}
		select {
		case <-news:
		case <-timeout:
			d.t.Fatalf("%s logged no line with %q in %v", d.name, words, limit)
		}
	}
}

func (d *daemon) tail(n int) []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.lines[max(0, len(d.lines)-n):])
}

func (d *daemon) signal(s syscall.Signal) {
	d.t.Helper()
	if err := d.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		d.t.Errorf("cannot send %v to %s: %v", s, d.name, err)
	}
}

func (d *daemon) hasExited() bool {
	select {
	case <-d.exited:
		return true
	default:
		return false
	}
}

// wait waits for the exit and returns the code, -1 after a signal. Being late fails the test and kills the daemon.
func (d *daemon) wait(limit time.Duration) int {
	d.t.Helper()
	select {
	case <-d.exited:
	case <-time.After(limit):
		d.t.Errorf("%s has not exited after %v", d.name, limit)
		d.signal(syscall.SIGKILL)
		<-d.exited
	}
	return d.cmd.ProcessState.ExitCode()
}

// stop sends a signal and waits for the exit.
func (d *daemon) stop(s syscall.Signal, limit time.Duration) int {
	d.t.Helper()
	d.signal(s)
	return d.wait(limit)
}
