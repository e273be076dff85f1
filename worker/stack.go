package worker

import (
	"errors"
	"fmt"
	"time"

	"howdah/internal/phpstack"
)

// stackGrace is what the look at a stack may take before a request over its deadline is ended without. It takes microseconds
// on an idle machine.
const stackGrace = 500 * time.Millisecond

var errMeanwhile = errors.New("the request has ended meanwhile")

// Stacked is what a worker was seen doing.
type Stacked struct {
	PID     int
	State   State
	Script  string // "-" if the client has gone
	Request string // as "GET /index.php"; "" when the worker has none
	Running time.Duration
	Stack   phpstack.Trace
	Err     error // why there is no Stack
}

// stacks is whether the stacks of a generation can be read: proved at its probe.
type stacks struct {
	image  *phpstack.Image // nil: they can't
	why    error
	proved bool // or proved not to be
}

// prove reads the stack of the worker that runs the probe: once for a generation.
func (g *generation) prove(pid int) {
	if g.stacks.proved {
		return
	}
	g.stacks.proved = true
	g.pool.off(func() {
		image, err := g.zygote.proveStack(pid)
		g.pool.loop.Post(func() { g.stacks.image, g.stacks.why = image, err }) // before the probe can end
		g.zygote.letProbeGo()
	})
}

// sayNoStacks logs why a generation that serves has no stacks, if somebody will want them; once for each reason.
func (p *Pool) sayNoStacks(g *generation) {
	if !g.zygote.spec.ProveStack || g.stacks.image != nil {
		return
	}
	switch {
	case g.stacks.why != nil:
	case g.zygote.CallsOff() != "":
		g.stacks.why = fmt.Errorf("host calls are off: %s", g.zygote.CallsOff())
	default:
		g.stacks.why = errors.New("the probe did not wait to be looked at (are flock, fopen and fwrite disabled?)")
	}
	if said := g.stacks.why.Error(); said != p.stacksNo && g.opts.SlowTimeout+g.opts.TerminateTimeout > 0 {
		p.stacksNo = said
		p.log.Warn("no stacks of PHP for slow log and timeouts: "+said, g.attrs()...)
	}
}

// look reads the stack of a worker off the loop, and has done called on the loop with what it does. A stack that may be another
// request's is none.
func (w *Worker) look(depth int, done func(Stacked)) {
	p, g, t := w.gen.pool, w.gen, w.task
	seen := Stacked{PID: w.pid, State: w.state, Err: g.stacks.why}
	if t != nil {
		seen.Script, seen.Request = t.describe()
		seen.Running = p.loop.Now() - t.begun
	}
	served, image := w.served, g.stacks.image
	if image == nil {
		if seen.Err == nil {
			seen.Err = errors.New("the stacks of this PHP are not read")
		}
		done(seen)
		return
	}
	p.off(func() {
		seen.Stack, seen.Err = image.Read(seen.PID, depth)
		p.loop.Post(func() {
			if w.task != t || w.served != served || w.state == Dead {
				seen.Stack, seen.Err = nil, errMeanwhile
			}
			done(seen)
		})
	})
}

// tooSlow is called when the task has run longer than request_slowlog_timeout: once for each request, as in php-fpm.
func (t *Task) tooSlow() {
	w := t.worker
	if w == nil || w.task != t || (w.state != Busy && w.state != Lingering) {
		return
	}
	p, o := w.gen.pool, &w.gen.opts
	p.counters.Slow++
	script, request := t.describe()
	p.log.Warn(fmt.Sprintf("child %d, script '%s' (request: %q) executing too slow (%f sec), logging", w.pid, script, request, (p.loop.Now()-t.begun).Seconds()), w.attrs()...)
	if o.Slow == nil {
		return
	}
	w.look(o.SlowDepth, func(seen Stacked) { p.off(func() { o.Slow(seen) }) })
}

// lookThenProfile logs where PHP is before SIGPROF takes it from there. The signal comes in any case, and soon.
func (w *Worker) lookThenProfile() {
	p, t, served := w.gen.pool, w.task, w.served
	signalled := false
	profile := func() {
		if !signalled && w.task == t && w.served == served && w.state == Killing {
			signalled = true
			w.profile()
		}
	}
	w.setWatch(stackGrace, profile)
	w.look(terminateDepth, func(seen Stacked) {
		if !signalled && len(seen.Stack) > 0 {
			p.log.Warn(fmt.Sprintf("child %d was terminated in\n%s", seen.PID, seen.Stack), w.attrs()...)
		}
		profile()
	})
}

// Look has done called on the loop with what each worker that has a request is doing, or only pid, which may be idle: found says
// whether there is such a worker. The stacks have up to depth frames.
func (p *Pool) Look(pid, depth int, done func([]Stacked)) (found bool) {
	var wanted []*Worker
	for _, g := range p.generations() {
		for _, w := range g.workers {
			if w.pid == pid || pid == 0 && w.state.occupied() == 1 {
				wanted = append(wanted, w)
			}
		}
	}
	if len(wanted) == 0 {
		done(nil)
		return pid == 0
	}
	var all []Stacked
	for _, w := range wanted {
		w.look(depth, func(s Stacked) {
			if all = append(all, s); len(all) == len(wanted) {
				done(all)
			}
		})
	}
	return true
}

// generations are those that have workers with requests.
func (p *Pool) generations() []*generation {
	var all []*generation
	p.each(func(m *Pool) {
		if m.serving != nil {
			all = append(all, m.serving)
		}
		for g := range m.old {
			all = append(all, g)
		}
	})
	return all
}
