package e2e

import (
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// serving is Howdah behind nginx, with a browser each for the plain way (a connection for each request) and for kept ones.
type serving struct {
	*howdah
	t     *testing.T
	plain *browser
	kept  *browser
}

// serve starts Howdah with the lines of pool.toml, and nginx in front of it.
func serve(t *testing.T, lines ...string) *serving {
	t.Helper()
	sb := newSandbox(t)
	return behindNginx(t, startHowdah(t, sb, lines...))
}

func behindNginx(t *testing.T, h *howdah) *serving {
	t.Helper()
	n := startNginx(t, h.sb,
		server{name: "plain", backend: h.socket, location: plainLocation},
		server{name: "kept", backend: h.socket, location: plainLocation, keepalive: true})
	return &serving{howdah: h, t: t, plain: newBrowser(t, n.socket("plain")), kept: newBrowser(t, n.socket("kept"))}
}

// family asks a page for the pids of its worker and of the zygote.
func (s *serving) family() (worker, zygote int) {
	s.t.Helper()
	worker, zygote, ok := s.tryFamily()
	if !ok {
		s.t.Fatal("pid.php was not answered")
	}
	return worker, zygote
}

// tryFamily is family where a failure is no surprise.
func (s *serving) tryFamily() (worker, zygote int, ok bool) {
	p, err := s.plain.try("GET", "/pid.php", nil)
	if err != nil || p.status != 200 {
		s.t.Logf("pid.php: %d %q, %v", p.status, p.body, err)
		return 0, 0, false
	}
	lines := strings.Split(p.body, "\n")
	worker, err1 := strconv.Atoi(lines[0])
	zygote, err2 := strconv.Atoi(lines[min(1, len(lines)-1)])
	return worker, zygote, err1 == nil && err2 == nil
}

// held is a request that is inside PHP and stays there until it is released.
type held struct {
	*pending
	t    *testing.T
	path string // of the gate
	pid  int    // of the worker
}

// hold sends a request that keeps a worker busy, and waits until it is inside.
func (s *serving) hold(gate string) *held {
	s.t.Helper()
	h := &held{pending: s.plain.start("/hold.php?gate=" + gate), t: s.t, path: s.sb.path("scratch", gate)}
	s.t.Cleanup(func() { touch(h.path) }) // runs before the request is waited for
	h.pid = s.pidIn(gate)
	return h
}

// pidIn waits for the file scratch/GATE.PID, which hold.php writes, and returns the pid. Each is returned once.
func (s *serving) pidIn(gate string) int {
	s.t.Helper()
	pid := 0
	wantWithin(s.t, 10*time.Second, "a worker held at "+gate, func() bool {
		for _, path := range glob(s.sb.path("scratch", gate+".*")) {
			pid, _ = strconv.Atoi(path[strings.LastIndexByte(path, '.')+1:])
			remove(path)
		}
		return pid != 0
	})
	return pid
}

// release lets the script go on.
func (h *held) release() { touch(h.path) }

// finish lets the script go on and checks that its answer is whole.
func (h *held) finish() {
	h.t.Helper()
	h.release()
	if p := h.result(h.t); p.status != 200 || p.body != "held" {
		h.t.Errorf("held request = %d %q", p.status, p.body)
	}
}

// kill sends a signal to a process that is not our child.
func kill(t *testing.T, pid int, s syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(pid, s); err != nil {
		t.Errorf("cannot send %v to %d: %v", s, pid, err)
	}
}

// queue sends n requests that find no free worker, and waits until Howdah holds them.
func (s *serving) queue(n int, path string) []*pending {
	s.t.Helper()
	before := openFiles(s.pid())
	var queued []*pending
	for range n {
		queued = append(queued, s.plain.start(path))
	}
	wantWithin(s.t, 10*time.Second, "the requests in the queue", func() bool { return openFiles(s.pid()) >= before+n })
	return queued
}
