package worker

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func parking(o *Options) { o.Mode, o.MaxChildren, o.IdleTimeout = OnDemand, 5, 100*time.Millisecond }

func TestAnIdleOnDemandPoolIsParkedAndWakesWithItsOpcache(t *testing.T) {
	asUsers(t, func(t *testing.T, u *User) {
		p := startPHPPool(t, u, map[string]string{
			"cached.php": `<?php echo opcache_is_script_cached(__DIR__ . '/part.php') ? 'cached' : 'cold'; require 'part.php';`,
			"part.php":   `<?php return 1;`,
		}, parking)
		old := time.Now().Add(-time.Hour) // opcache leaves files alone that are younger than two seconds
		for _, name := range []string{"cached.php", "part.php"} {
			if err := os.Chtimes(filepath.Join(p.site, name), old, old); err != nil {
				t.Fatal(err)
			}
		}
		if got := p.get("cached.php"); got != "cold" {
			t.Errorf("at first it is %s", got)
		}
		z := p.serving()
		for range 2 {
			p.wantParked(z)
			begun := time.Now()
			if got := p.get("cached.php"); got != "cached" {
				t.Errorf("after a park it is %s", got)
			}
			if took := time.Since(begun); took > 500*time.Millisecond {
				t.Errorf("to wake up took %v", took)
			}
			if s := p.stats(); s.Parked || s.Generation != 1 {
				t.Errorf("%+v", s)
			}
		}
		if s := p.stats(); s.Deaths != 0 || len(s.Failed) > 0 {
			t.Errorf("%+v", s)
		}
	})
}

// wantParked waits until only the zygote is left.
func (p *phpPool) wantParked(z *Zygote) {
	p.t.Helper()
	p.wantSoon("it is parked", func(s Stats) bool { return s.Parked && s.Workers == 0 })
	if left := groupOf(z.PID()); len(left) != 1 || left[0] != z.PID() {
		p.t.Errorf("of php-cgi %d live %v", z.PID(), left)
	}
	p.do(func() {
		if g := p.pool.serving; len(g.fresh) > 0 || g.idle.len > 0 || g.busy != 0 || p.pool.scaling.Active() {
			p.t.Errorf("parked, with %d connections, %d idle, %d busy", len(g.fresh), g.idle.len, g.busy)
		}
	})
}

func TestABurstWakesAllOfAParkedPool(t *testing.T) {
	t.Parallel()
	p := startPHPPool(t, nil, nil, parking)
	z := p.serving()
	for range 3 {
		p.wantParked(z)
		l := p.load(50, 300, "pid.php")
		l.wantNoneLost(l.wait())
		p.wantSoon("all are there", func(s Stats) bool { return s.Workers == 5 || s.Parked })
		p.do(func() {
			if g := p.pool.serving; len(g.fresh)+len(g.workers) > 5 {
				t.Errorf("%d connections and %d workers", len(g.fresh), len(g.workers))
			}
		})
	}
}

func TestAPoolIsNotParkedWhileItWorks(t *testing.T) {
	t.Parallel()
	p := startPHPPool(t, nil, nil, parking)
	c, release := p.held()
	<-time.After(300 * time.Millisecond) // three times as long as it takes to be parked
	if s := p.stats(); s.Parked || s.Busy != 1 {
		t.Errorf("%+v", s)
	}
	release()
	c.body()
	p.wantParked(p.serving())
}

func TestAParkedPoolIsReloadedAndStopped(t *testing.T) {
	t.Parallel()
	p := startPHPPool(t, nil, nil, parking)
	old := p.serving()
	p.wantParked(old)
	if err := p.reload(nil); err != nil {
		t.Fatal(err)
	}
	if !eventually(func() bool { return groupGone(old.PID()) }) {
		t.Errorf("of the old generation live %v", groupOf(old.PID()))
	}
	p.get("pid.php")
	p.wantParked(p.serving())
	p.stop(20 * time.Second)
}

func TestAParkedZygoteThatIsKilledIsReplaced(t *testing.T) {
	t.Parallel()
	p := startPHPPool(t, nil, nil, parking)
	z := p.serving()
	p.wantParked(z)
	unix.Kill(z.PID(), unix.SIGKILL)
	p.wantSoon("another serves", func(s Stats) bool { return s.Generation == 2 })
	p.wantLogged("while its pool was parked")
	p.wantParked(p.serving())
	p.get("pid.php")
	if s := p.stats(); len(s.Failed) > 0 {
		t.Errorf("%+v", s)
	}
}

func TestAZygoteThatIsKilledAsItWakesFailsNothing(t *testing.T) {
	t.Parallel()
	p := startPHPPool(t, nil, nil, parking)
	z := p.serving()
	p.wantParked(z)
	var c *call
	p.do(func() { // the loop sees the death only after it has tried to wake it
		unix.Kill(z.PID(), unix.SIGKILL)
	})
	c = p.begin("pid.php")
	if got := c.wait(); got != "end" {
		t.Errorf("the request that woke it ended with %q", got)
	}
}

func TestARequestThatIsTakenBackAfterItWokeThePoolLeavesItToBeParkedAgain(t *testing.T) {
	t.Parallel()
	p := startPHPPool(t, nil, nil, parking)
	z := p.serving()
	p.wantParked(z)
	c := p.begin("pid.php")
	p.do(func() {
		if !strings.Contains(c.job.outcome(), "end") && c.task.queued {
			c.task.Abort()
		}
	})
	p.wantParked(z)
}
