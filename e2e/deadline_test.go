package e2e

import (
	"strings"
	"testing"
	"time"
)

func TestScriptThatRunsTooLongGets504AndItsShutdownFunctionsRun(t *testing.T) {
	t.Parallel()
	s := serve(t, `request_terminate_timeout = "1s"`)
	since := s.mark()
	p := s.plain.get("/endless.php?name=long")
	if p.status != 504 {
		t.Errorf("status %d %q, want 504", p.status, p.body)
	}
	if p.took < 900*time.Millisecond || p.took > 4*time.Second {
		t.Errorf("answered after %v, want 1 s to 2 s", p.took)
	}
	wantWithin(t, 3*time.Second, "the shutdown function run", func() bool { return exists(s.sb.path("scratch", "long.shutdown")) })
	s.wantLogged(since, 3*time.Second, "endless.php", "execution timed out")
	s.plain.wantPage("/hello.php", 200, "hello")
}

func TestAnswerThatHasBegunEndsAtTheDeadline(t *testing.T) {
	t.Parallel()
	s := serve(t, `request_terminate_timeout = "1s"`)
	p, err := s.plain.try("GET", "/endless.php?name=begun&begin", nil)
	if p.status == 504 || p.took > 5*time.Second {
		t.Errorf("%d after %v (%v)", p.status, p.took, err)
	}
	if !strings.HasPrefix(p.body, "begun") {
		t.Errorf("body %q", p.body)
	}
	s.plain.wantPage("/hello.php", 200, "hello")
}

// PHP's own way can't end a blocked read: the worker is killed a second later.
func TestBlockedScriptIsKilledASecondAfterTheDeadline(t *testing.T) {
	t.Parallel()
	s := serve(t, `request_terminate_timeout = "1s"`, `pm_max_children = 1`)
	worker, _ := s.family()
	p := s.plain.get("/endless.php?name=blocked&blocked")
	if p.status != 504 || p.took > 5*time.Second {
		t.Errorf("%d after %v", p.status, p.took)
	}
	s.plain.wantPage("/hello.php", 200, "hello")
	wantWithin(t, 5*time.Second, "the blocked worker gone", func() bool { return !alive(worker) })
}

func TestDeadlineCountsNoTimeInTheQueue(t *testing.T) {
	t.Parallel()
	s := serve(t, `request_terminate_timeout = "2s"`, `pm_max_children = 1`)
	s.sb.page(t, "second.php", `<?php $until = microtime(true) + 1.2; while (microtime(true) < $until) usleep(1000); echo "done";`)
	first := s.plain.start("/second.php")
	second := s.plain.start("/second.php")
	for _, p := range []*pending{first, second} {
		if p := p.result(t); p.status != 200 || p.body != "done" {
			t.Errorf("%d %q", p.status, p.body)
		}
	}
}

func TestIdleWorkersAndConnectionsMeetNoDeadline(t *testing.T) {
	t.Parallel()
	s := serve(t, `request_terminate_timeout = "1s"`, `pm_max_children = 1`)
	before, _ := s.family()
	s.kept.wantPage("/hello.php", 200, "hello")
	<-time.After(2500 * time.Millisecond) // idle for longer than the deadline
	s.kept.wantPage("/hello.php", 200, "hello")
	if after, _ := s.family(); after != before {
		t.Errorf("worker %d was replaced by %d while idle", before, after)
	}
}
