package worker

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"howdah/internal/reactor"
)

// ErrStopping is what a reload of a pool that is being stopped reports.
var ErrStopping = errors.New("the pool is stopping")

// reload is the wish for a new generation. done is told how it went, and may be nil.
type reload struct {
	opts  Options
	done  func(error)
	asked bool // rather than in the place of a generation that ended
}

func (r *reload) report(err error) {
	if r != nil && r.done != nil {
		r.done(err)
	}
}

// Reload starts a generation with opts, and when it is ready gives it the jobs and lets the one before finish. If it does not
// come up nothing changes. One that arrives while another is under way is begun after it; of several, the last.
func (p *Pool) Reload(opts Options, done func(error)) {
	wish := &reload{opts: opts, done: done, asked: true}
	switch {
	case p.stopping:
		wish.report(ErrStopping)
	case p.spawning || p.starting != nil:
		if older := p.pending; older != nil {
			wish.done = func(err error) { older.report(err); (&reload{done: done}).report(err) }
		}
		p.pending = wish
	default:
		p.begin(wish)
	}
}

// CancelReload gives up the generation that is being started, if one is; its reload reports ErrStopping.
func (p *Pool) CancelReload() {
	if g := p.starting; g != nil {
		g.fail(ErrStopping)
	}
}

// begin execs the zygote of a new generation, off the loop.
func (p *Pool) begin(wish *reload) {
	p.restart.timer.Stop()
	p.spawning, p.inHand = true, wish
	p.root().ids++
	id := p.root().ids
	p.off(func() {
		z, err := wish.opts.Start(id)
		if !p.loop.Post(func() { p.spawned(id, z, err) }) && err == nil {
			z.KillGroup()
			z.Release()
		}
	})
}

func (p *Pool) spawned(id int, z *Zygote, err error) {
	p.spawning = false
	if err != nil {
		p.startFailed(err)
		return
	}
	g := &generation{pool: p, id: id, opts: p.inHand.opts, workers: map[int]*Worker{}, fresh: map[*Worker]struct{}{}}
	p.starting = g
	p.counters.Generations++
	g.begin(z)
	if p.stopping {
		g.fail(ErrStopping)
	}
}

// begins makes a prepared generation the serving one.
func (p *Pool) begins(g *generation) {
	before := p.serving
	g.state = genServing
	p.serving, p.starting = g, nil
	p.opts, p.switched = g.opts, p.loop.Now()
	p.queue.waits.SetDuration(g.opts.QueueTimeout)
	p.limits.SetDuration(g.opts.TerminateTimeout)
	p.slow.SetDuration(g.opts.SlowTimeout)
	g.zygote.letProbeGo()
	p.sayNoStacks(g)
	if p.inHand.done != nil { // asked for, rather than in the place of one that ended
		p.restart.attempts = 0
	}
	p.off(func() { g.zygote.files.noteLibraries(g.zygote.PID()) })
	if g.opts.Serving != nil {
		g.opts.Serving(g.zygote)
	}
	if before != nil {
		p.old[before] = struct{}{}
		p.overlap.Set(g.opts.ReloadOverlap)
		before.drain()
	}
	p.pump()
	p.scheduleScaling()
	if p.inHand.asked {
		p.plain = nil // the environment may be another
	}
	if f := p.family; f != nil && f.main == p && p.inHand.asked {
		f.reload()
	}
	p.concluded(nil)
}

// startFailed is called when a generation did not come up.
func (p *Pool) startFailed(err error) {
	p.starting = nil
	if p.inHand.done == nil && !p.stopping {
		p.log.Error(fmt.Sprintf("php-cgi does not start: %v", err))
	}
	if p.serving == nil || p.serving.orphans {
		p.replaceLater()
	}
	p.concluded(err)
	p.settleStop()
}

// concluded reports on the wish in hand and turns to the one that came meanwhile.
func (p *Pool) concluded(err error) {
	wish := p.inHand
	p.inHand = nil
	if next := p.pending; next != nil {
		p.pending = nil
		if p.stopping {
			next.report(ErrStopping)
		} else {
			p.begin(next)
		}
	}
	wish.report(err)
}

// restart is the pool's patience with a php-cgi that ends by itself.
type restart struct {
	attempts int // starts since a generation last served for a while
	opts     Options
	timer    *reactor.Timer
	at       time.Duration
}

// wait is what clients are told to wait while the pool backs off.
func (r *restart) wait(now time.Duration) time.Duration {
	if r.timer.Active() && r.at > now {
		return max(time.Second, r.at-now)
	}
	return time.Second
}

// steady is how long a generation must have served for its death to count as the first.
const steady = 10 * time.Second

// replace starts a generation in place of one whose zygote has ended by itself: at once the first time, with back-off after.
func (p *Pool) replace(g *generation) {
	if p.stopping || p.spawning || p.starting != nil || p.restart.timer.Active() {
		return
	}
	p.restart.opts = g.opts
	if p.loop.Now()-p.switched >= steady {
		p.restart.attempts = 0
	}
	if p.restart.attempts == 0 {
		p.restart.attempts = 1
		p.begin(&reload{opts: g.opts})
		return
	}
	p.replaceLater()
}

// replaceLater starts a generation after the back-off that the attempts so far ask for.
func (p *Pool) replaceLater() {
	if p.stopping {
		return
	}
	if p.opts.Start != nil { // what has served once, rather than a reload that failed
		p.restart.opts = p.opts
	} else if p.inHand != nil {
		p.restart.opts = p.inHand.opts
	}
	p.restart.attempts++
	d := restartDelay(p.restart.attempts, rand.Float64())
	p.restart.at = p.loop.Now() + d
	p.restart.timer.Set(d)
	p.log.Warn(fmt.Sprintf("php-cgi is started again in %v (attempt %d); requests get 503 meanwhile", d.Round(time.Millisecond), p.restart.attempts))
	p.refuseHopeless()
}

func (p *Pool) startAgain() {
	if f := p.family; f != nil && p != f.main && p.loop.Now()-p.used >= sideIdle {
		f.end(p)
		return
	}
	if !p.stopping && !p.spawning && p.starting == nil {
		p.begin(&reload{opts: p.restart.opts})
	}
}

// restartDelay is the wait before start attempt n (n ≥ 1): 100 ms doubled per attempt, at most 30 s, plus up to 10 % by r in [0,1).
func restartDelay(n int, r float64) time.Duration {
	d := min(100*time.Millisecond<<min(n-1, 10), 30*time.Second)
	return d + time.Duration(r*float64(d)/10)
}

// mayComeUp tells whether a job that waits now has a hope: some worker lives, or a generation is on its way.
func (p *Pool) mayComeUp() bool {
	if p.stopping {
		return false
	}
	if p.held {
		return true
	}
	if g := p.serving; g != nil && (!g.orphans || len(g.workers) > 0) {
		return true
	}
	return (p.spawning || p.starting != nil) && p.restart.attempts <= 1
}

// gone is called when nothing of a generation is left.
func (p *Pool) gone(g *generation) {
	delete(p.old, g)
	switch g {
	case p.starting:
		p.startFailed(g.ended)
	case p.serving:
		p.serving = nil
		p.replace(g)
		p.refuseHopeless()
	}
	p.pump()
	p.settleStop()
}
