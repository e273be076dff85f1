package worker

import (
	"time"
)

// spawnBudget is how many replacements idling may still cause in the current second.
type spawnBudget struct {
	second time.Duration
	spent  int
}

// take reports whether one more is allowed at now, of limit a second.
func (b *spawnBudget) take(now time.Duration, limit int) bool {
	if second := now.Truncate(time.Second); second != b.second {
		b.second, b.spent = second, 0
	}
	if b.spent >= limit {
		return false
	}
	b.spent++
	return true
}

// surplus is how many of the idle used workers are more than the mode keeps warm.
func surplus(mode Mode, used, minSpare, maxSpare int) int {
	switch mode {
	case Dynamic:
		return max(0, used-max(minSpare, maxSpare))
	case OnDemand:
		return used
	}
	return 0
}

// retireAt is when an idle used worker is to be recycled, if nothing happens before, and why; no cause if it stays.
// idle is since when it has been idle, born its birth.
func retireAt(o *Options, idle, born time.Duration, spare bool) (at time.Duration, cause string) {
	const never = time.Duration(1<<63 - 1)
	at = never
	consider := func(on bool, when time.Duration, why string) {
		if on && when < at {
			at, cause = when, why
		}
	}
	consider(spare, idle+o.IdleTimeout, "spare")
	consider(o.RecycleIdle > 0, idle+o.RecycleIdle, "idle")
	consider(o.RecycleAge > 0, born+o.RecycleAge, "age")
	return at, cause
}

// scheduleScaling has scale called when the coldest worker may be due. It is cheap: the timer stays as it is while it is set.
func (p *Pool) scheduleScaling() {
	if p.scaling.Active() || p.stopping || p.serving == nil {
		return
	}
	if o := &p.opts; o.Mode != Static || o.RecycleIdle > 0 || o.RecycleAge > 0 {
		p.scaling.Set(p.nextLook())
	}
}

func (p *Pool) nextLook() time.Duration {
	d := time.Hour
	for _, on := range []time.Duration{p.opts.IdleTimeout, p.opts.RecycleIdle, p.opts.RecycleAge} {
		if on > 0 {
			d = min(d, on)
		}
	}
	return max(d, 10*time.Millisecond)
}

// scale recycles idle workers that the mode does not keep, coldest first, and parks an ondemand pool that is all idle. It is
// set again only while there is something left that will fall due.
func (p *Pool) scale() {
	g := p.serving
	if g == nil || g.state != genServing || p.stopping {
		return
	}
	now, wake := p.loop.Now(), time.Duration(0)
	if g.opts.Mode == OnDemand && g.busy == 0 && p.queue.len == 0 {
		switch idleSince := p.lastWork(g); {
		case now-idleSince < g.opts.IdleTimeout:
			wake = idleSince + g.opts.IdleTimeout
		case len(g.fresh) > 0 || len(g.workers) > g.idle.len: // some fork is being made, and would stay
			wake = now + 100*time.Millisecond
		default:
			g.park()
			return
		}
	}
	excess := surplus(g.opts.Mode, g.idle.used, g.opts.MinSpare, g.opts.MaxSpare)
	for w := g.idle.bottom; w != nil; {
		above := w.above
		if w.served > 0 {
			at, cause := retireAt(&g.opts, w.since, w.born, excess > 0)
			if at <= now && (cause != "spare" || p.budget.take(now, g.opts.MaxSpawn)) {
				w.doomed = cause
				p.retireIdle(w)
				excess--
			} else if cause != "" && (wake == 0 || at < wake) {
				wake = max(at, now+100*time.Millisecond)
			}
		}
		w = above
	}
	if wake > 0 {
		p.scaling.Set(wake - now)
	}
}

// lastWork is when the hottest idle worker became idle.
func (p *Pool) lastWork(g *generation) time.Duration {
	if g.idle.top != nil && g.idle.top.served > 0 {
		return g.idle.top.since
	}
	return p.switched
}
