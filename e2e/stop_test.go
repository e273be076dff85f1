package e2e

import (
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestGracefulStopFinishesRunningRequests(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGQUIT} {
		t.Run(sig.String(), func(t *testing.T) {
			s := serve(t)
			inside := s.hold("last")
			s.signal(sig)
			s.wantLogged(0, 5*time.Second, "Finishing")
			if s.hasExited() || !alive(inside.pid) {
				t.Fatal("ended before the running request")
			}
			inside.finish()
			if code := s.wait(5 * time.Second); code != 0 {
				t.Errorf("exit code %d", code)
			}
		})
	}
}

func TestQueuedRequestsAreServedAtAGracefulStop(t *testing.T) {
	s := serve(t, `pm_max_children = 1`)
	inside := s.hold("one")
	queued := s.queue(2, "/hello.php")
	s.signal(syscall.SIGTERM)
	inside.finish()
	for _, q := range queued {
		if p := q.result(t); p.status != 200 || p.body != "hello" {
			t.Errorf("queued request = %d %q", p.status, p.body)
		}
	}
	if code := s.wait(5 * time.Second); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

func TestSecondSignalStopsAtOnce(t *testing.T) {
	for _, signals := range [][]syscall.Signal{{syscall.SIGTERM, syscall.SIGTERM}, {syscall.SIGQUIT, syscall.SIGTERM}, {syscall.SIGINT}} {
		t.Run(signals[len(signals)-1].String()+strconv.Itoa(len(signals)), func(t *testing.T) {
			s := serve(t)
			inside := s.hold("never")
			start := time.Now()
			for _, sig := range signals {
				since := s.mark()
				s.signal(sig)
				if len(signals) > 1 {
					s.wantLogged(since, 5*time.Second, "ing") // it has been heard: two equal signals at once would merge
				}
			}
			s.wait(3 * time.Second)
			if took := time.Since(start); took > 3*time.Second {
				t.Errorf("stopped after %v", took)
			}
			if alive(inside.pid) {
				t.Errorf("the busy worker %d lives on", inside.pid)
			}
		})
	}
}

func TestNothingIsLeftBehindAfterAStop(t *testing.T) {
	s := serve(t)
	l := s.plain.startLoad(4, "/hello.php", "hello")
	if p := s.plain.post("/input.php", "text/plain", noise(1, 3<<20)); p.status != 200 {
		t.Errorf("upload: %d", p.status)
	}
	l.wantProgress(50, 10*time.Second)
	s.reload()
	l.stop()
	if code := s.stop(syscall.SIGTERM, 5*time.Second); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if left := processesOf(s.run); len(left) > 0 {
		t.Errorf("processes: %v", left)
	}
	for _, path := range append(glob(s.run+"/*"), glob(s.run+"/*/*")...) {
		if info, err := os.Lstat(path); err == nil && info.Mode()&os.ModeSocket != 0 || strings.Contains(path, ".sock") {
			t.Errorf("socket %s", path)
		}
	}
}

func TestPidFileHoldsThePidAndGoesAtTheEnd(t *testing.T) {
	sb := newSandbox(t)
	path := sb.path("howdah.pid")
	h := startHowdah(t, sb, "[global]", `pid = "`+path+`"`)
	if text := strings.TrimSpace(read(t, path)); text != strconv.Itoa(h.pid()) {
		t.Errorf("pid file says %q, want %d", text, h.pid())
	}
	if code := h.stop(syscall.SIGTERM, 5*time.Second); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if exists(path) {
		t.Error("the pid file is left")
	}
}

func TestSecondInstanceIsRefusedAndTheFirstServesOn(t *testing.T) {
	s := serve(t)
	second := startDaemon(t, "second howdah", syscall.SIGTERM, s.command())
	if code := second.wait(10 * time.Second); code != 78 {
		t.Errorf("exit code %d, want 78", code)
	}
	second.wantLogged(0, 5*time.Second, s.run)
	s.plain.wantPage("/hello.php", 200, "hello")
}

// Another runtime_dir, the same socket: a live socket is never taken.
func TestLiveSocketIsNeverTakenOver(t *testing.T) {
	s := serve(t)
	other := &howdah{daemon: &daemon{t: t}, sb: s.sb, config: s.sb.path("other.toml"), run: s.sb.path("other-run")}
	write(t, other.config, poolTOML(s.sb, "[global]", `runtime_dir = "`+other.run+`"`))
	second := startDaemon(t, "second howdah", syscall.SIGTERM, other.command())
	if code := second.wait(10 * time.Second); code != 78 {
		t.Errorf("exit code %d, want 78", code)
	}
	s.plain.wantPage("/hello.php", 200, "hello")
}

func TestLogIsReopenedAtSIGUSR1(t *testing.T) {
	sb := newSandbox(t)
	log := sb.path("log", "howdah.log")
	h := prepareHowdah(t, sb, "[global]", `error_log = "`+log+`"`)
	h.daemon = startDaemon(t, "howdah", syscall.SIGTERM, h.command())
	wantListening(t, h.daemon, h.socket)
	if err := os.Rename(log, log+".1"); err != nil {
		t.Fatal(err)
	}
	h.signal(syscall.SIGUSR1)
	wantWithin(t, 5*time.Second, "a new log file", func() bool { return exists(log) })
	if code := h.stop(syscall.SIGTERM, 5*time.Second); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if text := read(t, log); !strings.Contains(text, "bye") {
		t.Errorf("the new log file says %q", text)
	}
}

func TestCountsAreLoggedAtSIGUSR1AndAtTheEnd(t *testing.T) {
	s := serve(t)
	for range 7 {
		s.plain.wantPage("/hello.php", 200, "hello")
	}
	since := s.mark()
	s.signal(syscall.SIGUSR1)
	s.wantLogged(since, 5*time.Second, "requests", "7")
	since = s.mark()
	s.stop(syscall.SIGTERM, 5*time.Second)
	s.wantLogged(since, time.Second, "requests", "7")
}
