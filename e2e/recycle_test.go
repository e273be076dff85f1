package e2e

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestRecyclingAfterOneTwoOrThreeRequestsLosesNone(t *testing.T) {
	for n := 1; n <= 3; n++ {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			s := serve(t, fmt.Sprint("pm_max_requests = ", n))
			loads := []*load{s.plain.startLoad(6, "/pid.php", ""), s.kept.startLoad(6, "/pid.php", "")}
			<-time.After(phase(3 * time.Second)) // how long the storm lasts
			for _, l := range loads {
				if c := l.stop(); c.bad() > 0 || c.total < 20 {
					t.Error(c)
				}
			}
		})
	}
}

func TestWorkerIsReplacedAfterItsRequests(t *testing.T) {
	s := serve(t, `pm_max_requests = 3`, `pm_max_children = 1`)
	served := map[int]int{}
	for range 12 {
		worker, _ := s.family()
		served[worker]++
	}
	for worker, n := range served {
		if n > 3 {
			t.Errorf("worker %d served %d requests", worker, n)
		}
	}
	if len(served) > 5 { // Howdah's own probe may count as one
		t.Errorf("12 requests at 3 each were served by %v", served)
	}
}

func TestPHPFPMNamesEachWorkerThatComesOrGoesAndHowdahDoesNot(t *testing.T) {
	t.Parallel()
	sb := newSandbox(t)
	f := startFPM(t, sb, "pm.max_children = 1", "pm.max_requests = 1")
	h := startHowdah(t, sb, `pm_max_children = 1`, `pm_max_requests = 1`, "[global]", `log_level = "notice"`)
	for _, socket := range []string{f.socket, h.socket} {
		served := map[string]bool{}
		for range 3 {
			served[askOnce(t, socket, sb.script("GET", "pid.php")...).stdout] = true
		}
		if len(served) != 3 {
			t.Errorf("%s: 3 requests at 1 each were served by %v", socket, served)
		}
	}
	f.wantLogged(0, 5*time.Second, "NOTICE: [pool www] child", "exited with code 0")
	f.wantLogged(0, 5*time.Second, "NOTICE: [pool www] child", "started")
	h.stop(syscall.SIGTERM, 10*time.Second)
	if lines := h.logged(0, "child"); len(lines) > 0 {
		t.Errorf("howdah says %q", lines)
	}
}

func TestWorkerThatGrewIsReplaced(t *testing.T) {
	s := serve(t, `recycle_memory = "32M"`, `pm_max_children = 1`)
	small, _ := s.family()
	for range 5 {
		if worker, _ := s.family(); worker != small {
			t.Fatalf("a small worker was replaced")
		}
	}
	if p := s.plain.get("/grow.php?bytes=150000000"); p.status != 200 || p.body != fmt.Sprint(small) {
		t.Fatalf("grow.php: %d %q", p.status, p.body)
	}
	wantWithin(t, 5*time.Second, "the large worker replaced", func() bool { worker, _ := s.family(); return worker != small })
}

func TestOldAndIdleWorkersAreReplaced(t *testing.T) {
	for _, key := range []string{"recycle_age", "recycle_idle"} {
		t.Run(key, func(t *testing.T) {
			s := serve(t, key+` = "1s"`, `pm_max_children = 1`)
			first, zygote := s.family()
			wantWithin(t, 6*time.Second, "another worker", func() bool { return !alive(first) })
			second, same := s.family()
			if second == first || same != zygote {
				t.Errorf("worker %d after %d, zygote %d after %d", second, first, same, zygote)
			}
		})
	}
}

func TestRecyclingUnderLoadKeepsAllWorkers(t *testing.T) {
	s := serve(t, `recycle_memory = "8M"`, `recycle_age = "1s"`, `pm_max_requests = 50`)
	loads := []*load{s.plain.startLoad(4, "/hello.php", "hello"), s.kept.startLoad(4, "/grow.php?bytes=20000000", "")}
	<-time.After(phase(4 * time.Second)) // how long the storm lasts
	for _, l := range loads {
		if c := l.stop(); c.bad() > 0 {
			t.Error(c)
		}
	}
	var inside []*held
	for i := range 4 { // all four can be busy at once
		inside = append(inside, s.hold(fmt.Sprint("all", i)))
	}
	for _, h := range inside {
		h.finish()
	}
}

// The most recent idle worker gets the next request, so memory follows the load.
func TestLightLoadUsesOneWorker(t *testing.T) {
	s := serve(t, `pm_max_children = 10`)
	used := map[int]bool{}
	for range 30 {
		worker, _ := s.family()
		used[worker] = true
	}
	if len(used) != 1 {
		t.Errorf("one request at a time used %d workers", len(used))
	}
}

func TestOpcacheIsSharedByAllWorkers(t *testing.T) {
	s := serve(t, `pm_max_children = 4`)
	s.sb.page(t, "cached.php", `<?php $s = opcache_get_status(); echo getmypid(), ' ', isset($s['scripts'][__FILE__]) ? $s['scripts'][__FILE__]['hits'] : 'none', ' ', $s['opcache_statistics']['misses'];`)
	var misses []string
	for range 3 {
		inside := s.hold("opcache-" + fmt.Sprint(len(misses)))
		p := s.plain.get("/cached.php")
		misses = append(misses, strings.Fields(p.body)[2])
		defer inside.finish()
	}
	if misses[2] != misses[1] {
		t.Errorf("each worker compiles for itself: misses %v", misses)
	}
}
