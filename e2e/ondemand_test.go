package e2e

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"
)

// parked tells whether a pool is at rest: its zygote is stopped and has no forks.
func parked(zygote int) bool {
	p, ok := inspect(zygote)
	return ok && p.state == 'T' && len(childrenOf(zygote)) == 0
}

func TestIdleOndemandPoolIsParkedAndWakesAtOnce(t *testing.T) {
	t.Parallel()
	s := serve(t, `pm = "ondemand"`, `pm_max_children = 10`, `pm_process_idle_timeout = "1s"`)
	s.plain.wantPage("/hello.php", 200, "hello")
	_, zygote := s.family()
	for range 3 {
		wantWithin(t, 6*time.Second, "the pool parked", func() bool { return parked(zygote) })
		start := time.Now()
		s.plain.wantPage("/hello.php", 200, "hello")
		if took := time.Since(start); took > 500*time.Millisecond {
			t.Errorf("woke after %v", took)
		}
		if _, now := s.family(); now != zygote {
			t.Errorf("zygote %d was replaced by %d: its opcache is lost", zygote, now)
		}
	}
	wantWithin(t, 6*time.Second, "the pool parked", func() bool { return parked(zygote) })
	l := s.plain.startLoad(30, "/hello.php", "hello") // a burst wakes it
	l.wantProgress(300, 10*time.Second)
	if c := l.stop(); c.bad() > 0 {
		t.Error(c)
	}
}

func TestParkedPoolKeepsItsOpcache(t *testing.T) {
	t.Parallel()
	s := serve(t, `pm = "ondemand"`, `pm_max_children = 3`, `pm_process_idle_timeout = "1s"`)
	s.sb.page(t, "hits.php", `<?php echo opcache_get_status()['opcache_statistics']['misses'];`)
	_, zygote := s.family()
	s.plain.get("/hits.php")
	first := s.plain.get("/hits.php").body
	wantWithin(t, 6*time.Second, "the pool parked", func() bool { return parked(zygote) })
	s.plain.get("/hits.php")
	if again := s.plain.get("/hits.php").body; again != first {
		t.Errorf("misses went from %s to %s: compiled again", first, again)
	}
}

func TestParkedPoolCanBeReloadedAndStopped(t *testing.T) {
	t.Parallel()
	s := serve(t, append([]string{`pm = "ondemand"`, `pm_max_children = 3`, `pm_process_idle_timeout = "1s"`}, mark("one")...)...)
	if env := s.plain.where().Env; env != "one" {
		t.Fatalf("MARK is %v", env)
	}
	_, zygote := s.family()
	wantWithin(t, 6*time.Second, "the pool parked", func() bool { return parked(zygote) })
	s.rewrite(append([]string{`pm = "ondemand"`, `pm_max_children = 3`, `pm_process_idle_timeout = "1s"`}, mark("two")...)...)
	s.reload()
	if env := s.plain.where().Env; env != "two" {
		t.Errorf("after the reload MARK is %v", env)
	}
	wantWithin(t, 10*time.Second, "the old zygote gone", func() bool { return !alive(zygote) })
	_, zygote = s.family()
	wantWithin(t, 6*time.Second, "the pool parked again", func() bool { return parked(zygote) })
	// and the end of the test stops it while it is parked
}

// A background job is a child of a worker, not of the zygote: parking leaves it alone.
func TestParkingLeavesBackgroundJobsAlone(t *testing.T) {
	t.Parallel()
	s := serve(t, `pm = "ondemand"`, `pm_max_children = 3`, `pm_process_idle_timeout = "1s"`)
	job := s.job("quiet")
	_, zygote := s.family()
	wantWithin(t, 6*time.Second, "the pool parked", func() bool { return parked(zygote) })
	if !alive(job) {
		t.Error("the job was ended")
	}
}

func TestManyOndemandPoolsRestAndWakeSideBySide(t *testing.T) {
	t.Parallel()
	sb := newSandbox(t)
	const pools = 12
	var lines []string
	for i := range pools {
		lines = append(lines, fmt.Sprintf("[pool.site%d]", i), `user = "www-data"`, fmt.Sprintf("listen = %q", sb.path(fmt.Sprintf("s%d.sock", i))),
			`pm = "ondemand"`, `pm_max_children = 2`, `pm_process_idle_timeout = "1s"`)
	}
	startHowdah(t, sb, lines...)
	for round := range 2 {
		for i := range pools {
			r := dialFastCGI(t, sb.path(fmt.Sprintf("s%d.sock", i))).ask(0, "", sb.script("GET", "hello.php")...)
			if !strings.HasSuffix(r.stdout, "hello") {
				t.Errorf("round %d, pool %d: %q", round, i, r.stdout)
			}
		}
	}
}

func TestDynamicPoolGivesMemoryBackAfterABurst(t *testing.T) {
	t.Parallel()
	s := serve(t, `pm = "dynamic"`, `pm_max_children = 8`, `pm_start_servers = 1`, `pm_min_spare_servers = 1`, `pm_max_spare_servers = 2`, `pm_process_idle_timeout = "1s"`)
	var inside []*held
	for i := range 8 {
		inside = append(inside, s.hold(fmt.Sprint("burst", i)))
	}
	var used []int
	for _, h := range inside {
		used = append(used, h.pid)
		h.finish()
	}
	wantWithin(t, 8*time.Second, "at most two of the used workers left", func() bool {
		left := 0
		for _, pid := range used {
			if alive(pid) {
				left++
			}
		}
		return left <= 2
	})
	_, zygote := s.family()
	wantWithin(t, 5*time.Second, "eight forks, used and fresh", func() bool { return len(childrenOf(zygote)) == 8 })
}

// A stopped process keeps its SIGTERM for later: the parent-death signal alone does not end a parked zygote.
func TestKilledHowdahLeavesNoParkedZygote(t *testing.T) {
	t.Parallel()
	s := serve(t, `pm = "ondemand"`, `pm_max_children = 3`, `pm_process_idle_timeout = "1s"`)
	_, zygote := s.family()
	wantWithin(t, 6*time.Second, "the pool parked", func() bool { return parked(zygote) })
	s.stop(syscall.SIGKILL, 5*time.Second)
	gone := within(2*time.Second, func() bool { return !alive(zygote) })
	if !gone {
		t.Errorf("the parked zygote %d outlives Howdah", zygote)
	}
	s.start(s.command()) // which finds what is left and takes over the socket
	wantWithin(t, 2*time.Second, "the old zygote gone after the next start", func() bool { return !alive(zygote) })
	s.plain.wantPage("/hello.php", 200, "hello")
}
