package worker

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"howdah/internal/process"
)

// retire ends an idle worker, already out of the idle stack. Between END_REQUEST, which PHP sends after shutdown functions,
// destructors and the modules' RSHUTDOWN, and its next request a worker has nothing to lose: SIGKILL by pidfd. SIGTERM would
// have it take PHP apart first, page by copied page, for tens of milliseconds of processor time in which it is not replaced
// (decision 8).
func (w *Worker) retire() {
	if w.doomed != "" {
		w.gen.pool.counters.Recycled[w.doomed]++
	}
	w.step(Retired)
	w.signal(unix.SIGKILL)
	w.disconnect()
}

// drain stops new jobs and lets the workers finish what they have. The zygote is stopped first: it makes no new forks.
func (g *generation) drain() {
	p := g.pool
	if g.state == genParked {
		g.abolish()
		return
	}
	g.state = genDraining
	_ = g.zygote.Freeze()
	surplus := len(g.fresh) - g.lingering()
	for w := range g.fresh {
		if surplus--; surplus >= 0 {
			w.discard()
		}
	}
	for w := g.idle.pop(); w != nil; w = g.idle.pop() {
		w.doomed = ""
		w.retire()
	}
	g.timer = p.loop.After(max(g.opts.DrainTimeout, time.Millisecond), g.overran)
	p.settle(g)
}

// overran ends the workers of a draining generation that are still busy when process_control_timeout is over.
func (g *generation) overran() {
	for _, w := range g.workers {
		if t := w.task; t != nil {
			script, request := t.describe()
			g.pool.log.Warn(fmt.Sprintf("child %d, script '%s' (request: %q) is still running %v after its generation was told to end: killed", w.pid, script, request, g.opts.DrainTimeout), w.attrs()...)
		}
	}
	g.abolish()
}

// settle moves a generation that is ending to its next step when the last is done.
func (p *Pool) settle(g *generation) {
	switch {
	case g.state == genDraining && len(g.workers) == 0 && g.orphans:
		g.dead()
	case g.state == genDraining && len(g.workers) == 0:
		g.state = genStopping
		p.off(func() { g.ending.Do(g.end) })
	case g.state == genStopping && g.orphans:
		g.dead()
	}
	p.settleStop()
}

// end ends the zygote, and with it the forks that never said hello: no request ever reached them, and nobody else knows them.
// SIGTERM would run the parent's handler in a fork that was just born (fact 7). It is called off the loop.
func (g *generation) end() {
	z := g.zygote
	_ = z.Freeze()
	for range 100 { // it may be in the middle of a fork
		if st, err := process.ReadStat(z.PID()); err != nil || strings.IndexByte("RSD", st.State) < 0 {
			break
		}
		time.Sleep(time.Millisecond)
	}
	forks, _ := z.Children()
	if process.Exited(z.Pidfd()) {
		forks = orphansOf(z)
	}
	for _, pid := range forks {
		_ = unix.Kill(pid, unix.SIGKILL)
	}
	_ = z.Kill()
	z.Exit()
}

// orphansOf lists the forks of a zygote that has ended. They are our children now, and called as it was.
func orphansOf(z *Zygote) (forks []int) {
	pids, _ := process.Children(os.Getpid())
	for _, pid := range pids {
		if args, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid)); err == nil && bytes.Contains(args, []byte(z.Socket()+"\x00")) {
			forks = append(forks, pid)
		}
	}
	return forks
}

// Stop ends the pool: jobs that run or wait are finished within limit, then everything is killed; 0 kills at once. done is
// called when the last process has gone. A second Stop may shorten the limit of the first.
func (p *Pool) Stop(limit time.Duration, done func()) {
	if done != nil {
		before := p.stopped
		p.stopped = func() {
			if before != nil {
				before()
			}
			done()
		}
	}
	p.stopping = true
	p.restart.timer.Stop()
	p.scaling.Stop()
	if g := p.starting; g != nil {
		g.fail(ErrStopping)
	}
	if f := p.family; f != nil && f.main == p {
		f.stop(limit)
	}
	if limit <= 0 {
		p.abolishAll()
		return
	}
	p.loop.After(limit, p.abolishAll)
	p.settleStop()
}

func (p *Pool) abolishAll() {
	p.refuseWaiting(CauseStopped)
	if g := p.serving; g != nil {
		g.abolish()
	}
	for g := range p.old {
		g.abolish()
	}
	p.settleStop()
}

// settleStop drains the serving generation once nothing waits any more, and reports when no generation is left.
func (p *Pool) settleStop() {
	if !p.stopping {
		return
	}
	p.refuseHopeless()
	if g := p.serving; g != nil && p.queue.len == 0 && (g.state == genServing || g.state == genParked) {
		g.opts.DrainTimeout = 24 * time.Hour // Stop's own limit holds
		p.old[g] = struct{}{}
		p.serving = nil
		g.drain()
		return
	}
	if p.family != nil && p.family.main == p && len(p.family.members) > 1 {
		return
	}
	if p.serving == nil && p.starting == nil && !p.spawning && len(p.old) == 0 && p.stopped != nil {
		done := p.stopped
		p.stopped = nil
		p.refuseWaiting(CauseStopped)
		done()
	}
}

// refuseHopeless fails all that wait when no worker lives that could take them and none is to come.
func (p *Pool) refuseHopeless() {
	if g := p.serving; p.queue.len > 0 && !p.mayComeUp() && (g == nil || g.orphans && len(g.workers) == 0) {
		p.refuseWaiting(CauseUnavailable)
	}
}

// refuseWaiting fails all that wait.
func (p *Pool) refuseWaiting(cause Cause) {
	for t := p.queue.pop(); t != nil; t = p.queue.pop() {
		p.refused(cause)
		t.fail(503, p.restart.wait(p.loop.Now()), cause)
		p.recycleTask(t)
	}
}
