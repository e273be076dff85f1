package worker

import (
	"golang.org/x/sys/unix"
)

// park puts an idle ondemand pool to sleep: the zygote is stopped and its forks end. The zygote keeps the opcache, and forks
// again within milliseconds when wake lets it go on.
func (g *generation) park() {
	if g.orphans || g.state != genServing {
		return
	}
	if err := g.zygote.Freeze(); err != nil {
		return
	}
	g.pool.log.Debug("parked", g.attrs()...)
	g.state = genParked
	for w := range g.fresh {
		w.discard()
	}
	for _, w := range g.workers { // also those that are about to end
		w.replaced = true
	}
	for w := g.idle.pop(); w != nil; w = g.idle.pop() {
		w.doomed = ""
		w.step(Retired)
		w.signal(unix.SIGKILL) // idle, with nothing to finish; a stopped parent sees no signal of theirs
		w.disconnect()
	}
}

// wake lets a parked pool serve again.
func (p *Pool) wake() {
	g := p.serving
	if g == nil || g.state != genParked {
		return
	}
	if err := g.zygote.Thaw(); err != nil {
		return // it has ended, which its pidfd says next
	}
	g.state = genServing
	for range g.opts.MaxChildren {
		g.connect()
	}
}
