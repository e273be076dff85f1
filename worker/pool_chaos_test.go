package worker

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A storm kills, aborts, reloads and recycles at random while requests of all kinds run. Its fields belong to the loop.
type storm struct {
	*phpPool
	r       *rand.Rand
	all     []*sailor
	running map[*sailor]bool
}

// A sailor is one request in it.
type sailor struct {
	job     *recorder
	task    *Task
	aborted bool
}

var stormScripts = map[string]string{
	"page.php":   `<?php usleep(mt_rand(0, 4000)); echo str_repeat('x', mt_rand(0, 60000));`,
	"talk.php":   `<?php while (ob_get_level()) ob_end_flush(); for ($i = 0; $i < 20; $i++) { echo str_repeat('x', 3000); flush(); error_log('m'); }`,
	"finish.php": `<?php echo 'x'; fastcgi_finish_request(); usleep(mt_rand(0, 4000)); echo 'y';`,
	"ignore.php": `<?php ignore_user_abort(true); for ($i = 0; $i < 10; $i++) { echo 'x'; flush(); usleep(500); }`,
	"crash.php":  `<?php if (mt_rand(0, 3) == 0) posix_kill(getmypid(), [9, 11, 15][mt_rand(0, 2)]); usleep(1000); echo 'x';`,
	"slow.php":   `<?php for ($end = microtime(true) + 0.3; microtime(true) < $end;); echo 'late';`,
}

// newStorm starts a pool in which everything happens often.
func newStorm(t *testing.T) *storm {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	t.Cleanup(func() { t.Logf("seed %d", seed) })
	s := &storm{r: rand.New(rand.NewPCG(seed, 0)), running: map[*sailor]bool{}}
	s.phpPool = startPHPPool(t, nil, stormScripts, func(o *Options) {
		o.MaxRequests, o.RecycleAge, o.TerminateTimeout, o.RecycleMemory = 5, 300*time.Millisecond, 100*time.Millisecond, 30<<20
		o.QueueMax, o.QueueTimeout, o.ReloadOverlap, o.DrainTimeout = 20, 300*time.Millisecond, 50*time.Millisecond, 500*time.Millisecond
		o.Mode, o.IdleTimeout, o.MaxChildren = []Mode{Static, Dynamic, OnDemand, OnDemand}[s.r.IntN(4)], 60*time.Millisecond, 5
		o.MinSpare, o.MaxSpare, o.TrackFinished = 1, 2, s.r.IntN(2) == 0
	})
	return s
}

func (s *storm) submit() {
	scripts := []string{"page.php", "talk.php", "finish.php", "ignore.php", "crash.php", "slow.php", "page.php", "pid.php"}
	c := &sailor{job: &recorder{wire: s.wire(scripts[s.r.IntN(len(scripts))], "")}}
	over := func() { delete(s.running, c) }
	c.job.ended = func(*recorder) { over() }
	c.job.failed = func(int, Cause) { over() }
	slow := s.r.IntN(4) == 0
	c.job.output = func([]byte) bool {
		switch {
		case s.r.IntN(20) == 0:
			s.abort(c)
		case slow:
			s.loop.After(time.Millisecond, func() {
				if s.running[c] {
					c.task.Resume()
				}
			})
			return false
		}
		return true
	}
	s.all = append(s.all, c)
	s.running[c] = true
	if task := s.pool.Submit(c.job); s.running[c] {
		c.task = task
	}
}

func (s *storm) abort(c *sailor) {
	c.aborted = true
	delete(s.running, c)
	c.task.Abort()
}

// strike does one thing, or nothing.
func (s *storm) strike() {
	g := s.pool.serving
	switch n := s.r.IntN(1000); {
	case n < 40:
		for c := range s.running {
			s.abort(c)
			return
		}
	case n < 60 && g != nil:
		for _, w := range g.workers {
			w.signal([]unix.Signal{unix.SIGKILL, unix.SIGTERM, unix.SIGSEGV, unix.SIGPROF}[s.r.IntN(4)])
			return
		}
	case n < 61 && g != nil:
		unix.Kill(g.zygote.PID(), unix.SIGKILL)
	case n < 63:
		s.pool.Reload(s.opts, nil)
	case n < 64:
		s.pool.CancelReload()
	}
}

// blow goes on for a while.
func (s *storm) blow(d time.Duration) {
	s.t.Helper()
	for end := time.Now().Add(d); time.Now().Before(end); {
		lull := time.Millisecond
		s.do(func() {
			for range 3 {
				if len(s.running) < 12 {
					s.submit()
				}
			}
			if wrong := s.pool.wrong(); wrong != "" {
				s.t.Errorf("in between: %s", wrong)
			}
			s.strike()
			if s.r.IntN(200) == 0 {
				lull = time.Duration(s.r.IntN(150)) * time.Millisecond
			}
		})
		<-time.After(lull) // the pace; and long enough at times that the pool may be parked
	}
}

// wantAllEnded waits for the jobs, and wants each to have ended once.
func (s *storm) wantAllEnded() map[string]int {
	s.t.Helper()
	left := 0
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		s.do(func() { left = len(s.running) })
		if left == 0 || time.Now().After(deadline) {
			break
		}
	}
	if left > 0 {
		s.t.Fatalf("%d jobs never end: %+v", left, s.stats())
	}
	outcomes := map[string]int{}
	s.do(func() {
		for _, c := range s.all {
			outcome := c.job.outcome()
			if n := c.job.ends + len(c.job.fails); n > 1 || n == 1 && c.aborted || n == 0 && !c.aborted {
				s.t.Errorf("a job ended %d times, aborted %v: %q", n, c.aborted, outcome)
			}
			if c.job.ends == 1 {
				if a := takeApart(c.job.records); a.wrong != "" || !a.end {
					s.t.Errorf("an answer is broken: %s", a.wrong)
				}
			}
			if c.aborted {
				outcome = "aborted"
			}
			outcomes[strings.TrimSpace(outcome)]++
		}
		tasks := map[*Task]bool{}
		for _, task := range s.pool.spare {
			if tasks[task] {
				s.t.Error("a task came back twice")
			}
			tasks[task] = true
			if task.job != nil || task.worker != nil || task.queued {
				s.t.Errorf("a task that came back: %+v", task)
			}
		}
	})
	s.t.Logf("%d jobs: %v; %+v", len(s.all), outcomes, s.stats())
	return outcomes
}

func TestWhateverHappensEveryJobEndsOnceAndThePoolIsWholeAfterwards(t *testing.T) {
	t.Parallel()
	s := newStorm(t)
	s.blow(2 * time.Second)
	if outcomes := s.wantAllEnded(); outcomes["end"] == 0 {
		t.Error("none was answered")
	}
	// What was killed is made anew, if need be after a back-off.
	sound := func() (problem string) {
		s.do(func() {
			p, g := s.pool, s.pool.serving
			switch {
			case g == nil || p.starting != nil || p.spawning || p.restart.timer.Active():
				problem = "no generation serves"
			case len(p.old) > 0:
				problem = fmt.Sprintf("%d old generations drain", len(p.old))
			case p.queue.len > 0:
				problem = "something waits"
			case g.state == genParked && len(g.workers)+len(g.fresh) > 0:
				problem = fmt.Sprintf("parked with %d workers, %d connections", len(g.workers), len(g.fresh))
			case g.state == genServing && (g.busy != 0 || len(g.workers) != 5 || g.idle.len != 5 || len(g.fresh) != 0):
				problem = fmt.Sprintf("%d busy, %d workers, %d idle, %d connections", g.busy, len(g.workers), g.idle.len, len(g.fresh))
			default:
				problem = p.wrong()
			}
		})
		return problem
	}
	for deadline := time.Now().Add(20 * time.Second); sound() != ""; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("afterwards: %s", sound())
		}
	}
	if !eventually(func() bool { return s.begin("pid.php").wait() == "end" }) { // within its short time, on a busy machine
		t.Error("afterwards it answers nothing")
	}
}

func TestAStopInTheMiddleOfEverythingEndsEveryJobOnceAndLeavesNothing(t *testing.T) {
	t.Parallel()
	for _, limit := range []time.Duration{0, 50 * time.Millisecond, 20 * time.Second} {
		s := newStorm(t)
		s.blow(time.Duration(100+s.r.IntN(400)) * time.Millisecond)
		stopped := s.stopping(limit)
		s.blow(20 * time.Millisecond)
		receive(t, stopped)
		s.wantAllEnded() // what is left is looked for when the test is over
	}
}

// wrong says what is not as it must be between any two events, "" if nothing.
func (p *Pool) wrong() string {
	generations := map[*generation]bool{}
	for g := range p.old {
		generations[g] = true
	}
	for _, g := range []*generation{p.serving, p.starting} {
		if g != nil && generations[g] {
			return fmt.Sprintf("generation %d is old, and serves or starts", g.id)
		}
		if g != nil {
			generations[g] = true
		}
	}
	holders := map[*Task]*Worker{}
	for g := range generations {
		busy, idle, used, connections := 0, 0, 0, len(g.fresh)
		for pid, w := range g.workers {
			busy += w.state.occupied()
			if w.state == Idle {
				idle++
				if w.served > 0 {
					used++
				}
			}
			if w.fd >= 0 {
				connections++
			}
			switch {
			case w.pid != pid || w.gen != g || w.state == Fresh || w.state == Dead || w.pidfd < 0:
				return fmt.Sprintf("generation %d knows worker %d as %d, %s", g.id, w.pid, pid, w.state)
			case w.task != nil && (w.task.worker != w || w.state.occupied() == 0):
				return fmt.Sprintf("worker %d, %s, has a task that is another's", pid, w.state)
			case w.state == Busy && w.task == nil:
				return fmt.Sprintf("worker %d is busy with nothing", pid)
			case w.state == Idle && w.fd < 0:
				return fmt.Sprintf("worker %d is idle without a connection", pid)
			}
			if w.task != nil {
				if holders[w.task] != nil {
					return fmt.Sprintf("workers %d and %d have one task", pid, holders[w.task].pid)
				}
				holders[w.task] = w
			}
		}
		inStack := 0
		for w := g.idle.top; w != nil; w = w.below {
			if inStack++; w.state != Idle || g.workers[w.pid] != w {
				return fmt.Sprintf("in the idle stack is worker %d, %s", w.pid, w.state)
			}
		}
		if busy != g.busy || idle != g.idle.len || used != g.idle.used || inStack != idle {
			return fmt.Sprintf("generation %d counts %d busy, %d idle, %d used; there are %d, %d, %d", g.id, g.busy, g.idle.len, g.idle.used, busy, idle, used)
		}
		if connections > g.opts.MaxChildren {
			return fmt.Sprintf("generation %d has %d connections to %d forks", g.id, connections, g.opts.MaxChildren)
		}
	}
	waiting := 0
	for task := p.queue.head; task != nil; task = task.next {
		if waiting++; task.job == nil || task.worker != nil || !task.queued || holders[task] != nil {
			return fmt.Sprintf("in the queue is %+v", task)
		}
	}
	if waiting != p.queue.len {
		return fmt.Sprintf("the queue counts %d, there are %d", p.queue.len, waiting)
	}
	if g := p.serving; g != nil && waiting > 0 && g.idle.len > 0 && g.busy < p.allowance() {
		return fmt.Sprintf("%d wait, and %d are idle", waiting, g.idle.len)
	}
	for _, task := range p.spare {
		if holders[task] != nil {
			return "a task came back, and a worker has it"
		}
	}
	return ""
}
