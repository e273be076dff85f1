package worker

import (
	"fmt"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

func TestEveryForkSaysHelloAndIsKnownByItsPid(t *testing.T) {
	asUsers(t, func(t *testing.T, u *User) {
		p := startPHPPool(t, u, nil, func(o *Options) { o.MaxChildren = 7 })
		p.wantAllIdle()
		var pids []int
		p.do(func() {
			for pid, w := range p.pool.serving.workers {
				pids = append(pids, pid)
				if w.pid != pid || w.state != Idle || w.served != 0 {
					t.Errorf("worker %d: pid %d, %s, %d served", pid, w.pid, w.state, w.served)
				}
			}
		})
		if forks := forks(t, p.serving(), 7); !slices.Equal(sorted(pids), sorted(forks)) {
			t.Errorf("known are %v, the forks are %v", sorted(pids), sorted(forks))
		}
		var calls []*call
		var releases []func()
		for range 7 {
			c, release := p.held()
			calls, releases = append(calls, c), append(releases, release)
		}
		if s := p.stats(); s.Busy != 7 || s.Idle != 0 {
			t.Errorf("with 7 requests: %d busy, %d idle", s.Busy, s.Idle)
		}
		var answered []int
		for i, c := range calls {
			releases[i]()
			pid := number(t, c.body())
			if answered = append(answered, pid); c.job.pid != pid {
				t.Errorf("the job was told worker %d, and ran in %d", c.job.pid, pid)
			}
		}
		if !slices.Equal(sorted(answered), sorted(pids)) {
			t.Errorf("the workers are %v, and answered have %v", sorted(pids), sorted(answered))
		}
	})
}

func TestOneRequestAfterTheOtherIsServedByOneWorker(t *testing.T) {
	t.Parallel()
	p := startPHPPool(t, nil, nil, nil)
	first := p.get("pid.php")
	for range 20 {
		if got := p.get("pid.php"); got != first {
			t.Fatalf("worker %s, then worker %s", first, got)
		}
	}
	if s := p.stats(); s.Used != 1 || s.Reused != 20 || s.Completed != 21 {
		t.Errorf("%+v", s)
	}
}

func TestAWorkerThatIsKilledInARequestFailsItOnceAndIsReplaced(t *testing.T) {
	asUsers(t, func(t *testing.T, u *User) {
		p := startPHPPool(t, u, nil, func(o *Options) { o.MaxChildren = 2 })
		c, _ := p.held()
		unix.Kill(c.job.pid, unix.SIGKILL)
		if got := c.wait(); got != "502 worker_died" {
			t.Errorf("the request ended with %q", got)
		}
		p.wantAllIdle()
		if got := c.wait(); got != "502 worker_died" {
			t.Errorf("the request ended with %q", got)
		}
		p.wantLogged(fmt.Sprintf("child %d exited on signal 9 (SIGKILL)", c.job.pid))
		p.wantLogged("in script '/srv/test.php'")
		if s := p.stats(); s.Deaths != 1 || s.Failed[CauseDied] != 1 {
			t.Errorf("%+v", s)
		}
		for range 5 {
			p.get("pid.php")
		}
	})
}

func TestAWorkerThatIsKilledWhileIdleIsReplaced(t *testing.T) {
	t.Parallel()
	p := startPHPPool(t, nil, nil, nil)
	p.wantAllIdle()
	pid := number(t, p.get("pid.php"))
	unix.Kill(pid, unix.SIGKILL)
	p.wantSoon("the death is seen", func(s Stats) bool { return s.Deaths == 1 })
	p.wantAllIdle()
	if got := p.get("pid.php"); got == fmt.Sprint(pid) {
		t.Error("the dead answer")
	}
	if s := p.stats(); len(s.Failed) > 0 {
		t.Errorf("failed: %v", s.Failed)
	}
}
