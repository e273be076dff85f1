package e2e

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestWorkerKilledUnderLoadCostsOnlyItsOwnRequest(t *testing.T) {
	s := serve(t)
	_, zygote := s.family()
	loads := []*load{s.plain.startLoad(6, "/hello.php", "hello"), s.kept.startLoad(6, "/hello.php", "hello")}
	killed := 0
	every(250*time.Millisecond, phase(5*time.Second), func() {
		if workers := childrenOf(zygote); len(workers) > 0 {
			kill(t, workers[killed%len(workers)].pid, syscall.SIGKILL)
			killed++
		}
	})
	lost := 0
	for _, l := range loads {
		c := l.stop()
		lost += c.outcomes["502"]
		if c.bad("502") > 0 || c.slowest > 5*time.Second {
			t.Errorf("with %d workers killed: %v", killed, c)
		}
	}
	if lost > killed {
		t.Errorf("%d requests lost with %d workers killed", lost, killed)
	}
	wantWithin(t, 5*time.Second, "all workers there again", func() bool { return len(childrenOf(zygote)) == 4 })
}

func TestCrashInARequestGets502AndALogLineThatSaysWhere(t *testing.T) {
	s := serve(t, `pm_max_children = 1`)
	since := s.mark()
	if p := s.plain.get("/hurt.php?how=self"); p.status != 502 {
		t.Errorf("a worker killed in its request: %d %q", p.status, p.body)
	}
	line := s.wantLogged(since, 5*time.Second, "hurt.php")
	for _, word := range []string{"SIGKILL", "how=self"} {
		if !strings.Contains(line, word) {
			t.Errorf("the log line has no %q: %s", word, line)
		}
	}
	s.plain.wantPage("/hello.php", 200, "hello")
	if p := s.plain.get("/hurt.php?how=segfault"); p.status != 502 {
		t.Errorf("a segmentation fault: %d %q", p.status, p.body)
	}
	s.plain.wantPage("/hello.php", 200, "hello")
}

// What PHP may have executed is never sent to another worker.
func TestRequestOfADeadWorkerIsNotRepeated(t *testing.T) {
	s := serve(t)
	s.sb.page(t, "once.php", `<?php file_put_contents(dirname(__DIR__) . '/scratch/once', 'x', FILE_APPEND); posix_kill(getmypid(), 9);`)
	if p := s.plain.get("/once.php"); p.status != 502 {
		t.Errorf("status %d", p.status)
	}
	s.plain.wantPage("/hello.php", 200, "hello")
	if text := read(t, s.sb.path("scratch", "once")); text != "x" {
		t.Errorf("the script ran %d times", len(text))
	}
}

func TestZygoteKilledUnderLoadIsReplaced(t *testing.T) {
	s := serve(t)
	_, first := s.family()
	loads := []*load{s.plain.startLoad(4, "/hello.php", "hello"), s.kept.startLoad(4, "/hello.php", "hello")}
	loads[0].wantProgress(20, 5*time.Second)
	kill(t, first, syscall.SIGKILL)
	loads[0].wantProgress(1, 2*time.Second)
	wantWithin(t, 10*time.Second, "a new zygote with all its workers", func() bool {
		_, zygote := s.family()
		return zygote != first && zygote != s.pid() && len(childrenOf(zygote)) == 4
	})
	deaths := 1
	every(2*time.Second, phase(5*time.Second), func() { // from the second death on there is a back-off, and orphans serve
		_, zygote := s.family()
		if zygote == s.pid() {
			return // the worker is an orphan that Howdah has adopted: the next zygote is not there yet
		}
		kill(t, zygote, syscall.SIGKILL)
		deaths++
		loads[0].wantProgress(1, 2*time.Second)
	})
	for _, l := range loads {
		if c := l.stop(); c.bad() > 0 || c.slowest > 2*time.Second {
			t.Errorf("with %d zygotes killed: %v", deaths, c)
		}
	}
}

func TestHowdahKilledAndStartedAgainUnderLoad(t *testing.T) {
	s := serve(t)
	inside := s.hold("hung") // a script that outlives Howdah
	busy := inside.pid
	_, zygote := s.family()
	idle := childrenOf(zygote)
	l := s.kept.startLoad(4, "/hello.php", "hello")
	l.wantProgress(100, 10*time.Second)

	if code := s.stop(syscall.SIGKILL, 5*time.Second); code != -1 {
		t.Errorf("exit code %d after SIGKILL", code)
	}
	wantWithin(t, 2*time.Second, "no idle worker and no zygote left", func() bool {
		for _, p := range idle {
			if p.pid != busy && alive(p.pid) {
				return false
			}
		}
		return !alive(zygote)
	})
	s.start(s.command())
	l.wantProgress(100, 10*time.Second)
	wantWithin(t, 5*time.Second, "what the hung script held ended", func() bool { return !alive(busy) })
	c := l.stop()
	// In between nobody listened: nginx says 502.
	if c.bad("502") > 0 {
		t.Error(c)
	}
	inside.release()
	if p := inside.result(t); p.status != 502 {
		t.Errorf("the hung request got %d", p.status)
	}
	fresh := s.kept.startLoad(4, "/hello.php", "hello")
	fresh.wantProgress(200, 10*time.Second)
	if c := fresh.stop(); c.bad() > 0 {
		t.Errorf("after the restart: %v", c)
	}
}

// Scripts can reach the zygote, which is their parent: php-cgi passes a SIGTERM on to its whole group.
func TestScriptThatSignalsItsParentDoesNotEndTheService(t *testing.T) {
	s := serve(t)
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL, syscall.SIGINT, syscall.SIGHUP} {
		t.Run(sig.String(), func(t *testing.T) {
			_, before := s.family()
			s.plain.try("GET", fmt.Sprintf("/hurt.php?how=parent&signal=%d", sig), nil) // its own fate is open
			wantWithin(t, 2*time.Second, "an answer after the signal", func() bool {
				p, err := s.plain.try("GET", "/hello.php", nil)
				return err == nil && p.status == 200
			})
			wantWithin(t, 10*time.Second, "a zygote with all its workers", func() bool {
				_, zygote, ok := s.tryFamily()
				return ok && zygote != before && len(childrenOf(zygote)) == 4
			})
		})
	}
	wantWithin(t, 10*time.Second, "twenty good answers in a row", func() bool {
		for range 20 {
			if p, err := s.plain.try("GET", "/hello.php", nil); err != nil || p.status != 200 {
				return false
			}
		}
		return true
	})
}

func TestStoppedZygoteDoesNotStopTheService(t *testing.T) {
	s := serve(t)
	_, zygote := s.family()
	kill(t, zygote, syscall.SIGSTOP)
	defer syscall.Kill(zygote, syscall.SIGCONT)
	for range 20 {
		s.plain.wantPage("/hello.php", 200, "hello")
	}
}

func TestStoppedWorkerIsEndedAtTheDeadline(t *testing.T) {
	s := serve(t, `pm_max_children = 2`, `request_terminate_timeout = "1s"`)
	p := s.plain.get("/hurt.php?how=stop")
	if p.status != 504 || p.took > 5*time.Second {
		t.Errorf("a worker that stopped itself: %d after %v", p.status, p.took)
	}
	for range 10 {
		s.plain.wantPage("/hello.php", 200, "hello")
	}
}

// A PHP that can't start: requests get 503 at once, the log has PHP's own words, and no core burns.
func TestPHPThatDiesAtBirthMeans503AtOnceAndBackOff(t *testing.T) {
	s := serve(t)
	script := s.sb.path("php-cgi-wrapper")
	write(t, script, "#!/bin/sh\n[ -e "+s.sb.path("broken")+" ] && { echo 'the words of a broken PHP' >&2; exit 1; }\nexec php-cgi8.2 \"$@\"\n")
	if err := os.Chmod(script, 0o755); err != nil {
		t.Fatal(err)
	}
	s.rewrite(`php_binary = "` + script + `"`)
	s.reload()
	s.plain.wantPage("/hello.php", 200, "hello")

	touch(s.sb.path("broken"))
	since := s.mark()
	for _, p := range processesOf(s.run) { // the zygote and all its workers die
		if p.pid != s.pid() {
			p.kill()
		}
	}
	s.wantLogged(since, 10*time.Second, "the words of a broken PHP")
	wantWithin(t, 5*time.Second, "503 at once", func() bool {
		p, err := s.plain.try("GET", "/hello.php", nil)
		return err == nil && p.status == 503 && p.took < time.Second
	})
	starts := func() int { return len(s.logged(since, "the words of a broken PHP")) }
	before := starts()
	<-time.After(3 * time.Second) // the time over which starts are counted
	if n := starts() - before; n > 12 {
		t.Errorf("%d starts in 3 s: no back-off", n)
	}

	remove(s.sb.path("broken"))
	wantWithin(t, 40*time.Second, "service after the cure", func() bool {
		p, err := s.plain.try("GET", "/hello.php", nil)
		return err == nil && p.status == 200
	})
}

func TestManyCrashesMakeHowdahStartPHPAfresh(t *testing.T) {
	s := serve(t, "[global]", `emergency_restart_threshold = 3`, `emergency_restart_interval = "1m"`)
	_, before := s.family()
	for range 3 {
		if p := s.plain.get("/hurt.php?how=segfault"); p.status != 502 {
			t.Errorf("status %d", p.status)
		}
	}
	wantWithin(t, 10*time.Second, "another zygote", func() bool { _, zygote, ok := s.tryFamily(); return ok && zygote != before })
}
