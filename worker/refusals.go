package worker

import (
	"fmt"
	"time"

	"howdah/internal/reactor"
)

// refusals keeps the log quiet in a flood: the first refusal of a kind is logged at once, then one line a second with a count.
type refusals struct {
	counts map[Cause]int
	timer  *reactor.Timer
}

// refused notes that a job was turned away.
func (p *Pool) refused(cause Cause) {
	r := &p.refusals
	if r.counts == nil {
		r.counts = map[Cause]int{}
	}
	r.counts[cause]++
	if !r.timer.Active() {
		r.report(p)
	}
}

func (r *refusals) report(p *Pool) {
	if len(r.counts) == 0 {
		return
	}
	for cause, n := range r.counts {
		p.log.Warn(fmt.Sprintf("%d requests refused with 503: %s (%d waiting, queue_max %d, %d workers)", n, cause, p.queue.len, p.opts.QueueMax, p.opts.MaxChildren))
	}
	clear(r.counts)
	r.timer.Set(time.Second)
}
