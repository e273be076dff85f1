package worker

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestWhateverHappensEveryJobEndsOnceAndThePoolIsWholeAfterwards kills, aborts, reloads and recycles at random for a while.
func TestWhateverHappensEveryJobEndsOnceAndThePoolIsWholeAfterwards(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	defer func() { t.Logf("seed %d", seed) }()
	r := rand.New(rand.NewPCG(seed, 0))
	p := startPHPPool(t, nil, map[string]string{
		"page.php":   `<?php usleep(mt_rand(0, 4000)); echo str_repeat('x', mt_rand(0, 60000));`,
		"talk.php":   `<?php while (ob_get_level()) ob_end_flush(); for ($i = 0; $i < 20; $i++) { echo str_repeat('x', 3000); flush(); error_log('m'); }`,
		"finish.php": `<?php echo 'x'; fastcgi_finish_request(); usleep(mt_rand(0, 4000)); echo 'y';`,
		"ignore.php": `<?php ignore_user_abort(true); for ($i = 0; $i < 10; $i++) { echo 'x'; flush(); usleep(500); }`,
		"crash.php":  `<?php if (mt_rand(0, 3) == 0) posix_kill(getmypid(), [9, 11, 15][mt_rand(0, 2)]); usleep(1000); echo 'x';`,
		"slow.php":   `<?php for ($end = microtime(true) + 0.3; microtime(true) < $end;); echo 'late';`,
	}, func(o *Options) {
		o.MaxRequests, o.RecycleAge, o.TerminateTimeout, o.RecycleMemory = 5, 300*time.Millisecond, 100*time.Millisecond, 30<<20
		o.QueueMax, o.QueueTimeout, o.ReloadOverlap, o.DrainTimeout = 20, 300*time.Millisecond, 50*time.Millisecond, 500*time.Millisecond
		o.Mode, o.IdleTimeout, o.MaxChildren = OnDemand, 60*time.Millisecond, 5
	})
	scripts := []string{"page.php", "talk.php", "finish.php", "ignore.php", "crash.php", "slow.php", "page.php", "pid.php"}
	type client struct {
		job     *recorder
		task    *Task
		aborted bool
	}
	var all []*client
	running := map[*client]bool{}
	submit := func() { // on the loop
		c := &client{job: &recorder{wire: p.wire(scripts[r.IntN(len(scripts))], "")}}
		over := func() { delete(running, c) }
		c.job.ended = func(*recorder) { over() }
		c.job.failed = func(int, Cause) { over() }
		slow := r.IntN(4) == 0
		c.job.output = func([]byte) bool {
			switch {
			case r.IntN(20) == 0:
				c.aborted = true
				delete(running, c)
				c.task.Abort()
			case slow:
				p.loop.After(time.Millisecond, func() {
					if running[c] {
						c.task.Resume()
					}
				})
				return false
			}
			return true
		}
		all = append(all, c)
		running[c] = true
		if task := p.pool.Submit(c.job); running[c] {
			c.task = task
		}
	}
	abort := func() {
		for c := range running {
			c.aborted = true
			delete(running, c)
			c.task.Abort()
			return
		}
	}
	kill := func(workers bool) {
		g := p.pool.serving
		if g == nil {
			return
		}
		if !workers {
			unix.Kill(g.zygote.PID(), unix.SIGKILL)
			return
		}
		for _, w := range g.workers {
			w.signal([]unix.Signal{unix.SIGKILL, unix.SIGTERM, unix.SIGSEGV, unix.SIGPROF}[r.IntN(4)])
			return
		}
	}
	for end := time.Now().Add(3 * time.Second); time.Now().Before(end); {
		lull := time.Millisecond
		p.do(func() {
			if r.IntN(200) == 0 {
				lull = time.Duration(r.IntN(150)) * time.Millisecond
			}
			for range 3 {
				if len(running) < 12 {
					submit()
				}
			}
			if wrong := p.pool.wrong(); wrong != "" {
				t.Errorf("in between: %s", wrong)
			}
			switch n := r.IntN(1000); {
			case n < 40:
				abort()
			case n < 60:
				kill(true)
			case n < 61:
				kill(false)
			case n < 63:
				p.pool.Reload(p.opts, nil)
			case n < 64:
				p.pool.CancelReload()
			}
		})
		<-time.After(lull) // the pace; and long enough at times that the pool may be parked
	}
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		left := 0
		p.do(func() { left = len(running) })
		if left == 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d jobs never end: %+v", left, p.stats())
		}
	}
	outcomes := map[string]int{}
	p.do(func() {
		for _, c := range all {
			outcome := c.job.outcome()
			if n := c.job.ends + len(c.job.fails); n > 1 || n == 1 && c.aborted || n == 0 && !c.aborted {
				t.Errorf("a job ended %d times, aborted %v: %q", n, c.aborted, outcome)
			}
			if c.job.ends == 1 {
				if a := takeApart(c.job.records); a.wrong != "" || !a.end {
					t.Errorf("an answer is broken: %s", a.wrong)
				}
			}
			if c.aborted {
				outcome = "aborted"
			}
			outcomes[strings.TrimSpace(outcome)]++
		}
	})
	t.Logf("%d jobs: %v; %+v", len(all), outcomes, p.stats())
	if outcomes["end"] == 0 {
		t.Error("none was answered")
	}
	// What was killed is made anew, if need be after a back-off.
	sound := func() (problem string) {
		p.do(func() {
			g := p.pool.serving
			switch {
			case g == nil || p.pool.starting != nil || p.pool.spawning || p.pool.restart.timer.Active():
				problem = "no generation serves"
			case len(p.pool.old) > 0:
				problem = fmt.Sprintf("%d old generations drain", len(p.pool.old))
			case p.pool.queue.len > 0 || p.pool.queue.head != nil:
				problem = "something waits"
			case g.state == genParked:
				if len(g.workers)+len(g.fresh)+g.idle.len+g.busy > 0 {
					problem = fmt.Sprintf("parked with %d workers, %d connections, %d idle, %d busy", len(g.workers), len(g.fresh), g.idle.len, g.busy)
				}
			case g.busy != 0 || len(g.workers) != 5 || g.idle.len != 5 || len(g.fresh) != 0:
				problem = fmt.Sprintf("%d busy, %d workers, %d idle, %d connections", g.busy, len(g.workers), g.idle.len, len(g.fresh))
			}
		})
		return problem
	}
	for deadline := time.Now().Add(20 * time.Second); sound() != ""; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("afterwards: %s", sound())
		}
	}
	tasks := map[*Task]bool{}
	p.do(func() {
		for _, task := range p.pool.spare {
			if tasks[task] {
				t.Error("a task came back twice")
			}
			tasks[task] = true
			if task.job != nil || task.worker != nil || task.queued {
				t.Errorf("a task that came back: %+v", task)
			}
		}
	})
	if !eventually(func() bool { return p.begin("pid.php").wait() == "end" }) { // within its short time, on a busy machine
		t.Error("afterwards it answers nothing")
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
