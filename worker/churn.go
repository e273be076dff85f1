package worker

import (
	"errors"
	"time"
)

const (
	// churnSpan is the least time over which a zygote's use of the processor is judged.
	churnSpan = time.Second
	// churnShare is the share of a core above which a zygote whose forks do not answer is taken to fork without pause.
	churnShare = 0.3
)

// churn watches a zygote whose forks end at birth: it makes new ones without pause, and we, who are not their parent, see
// neither them nor their end; only the time that it burns (fact 12).
type churn struct {
	ticks uint64 // 1/100 s, its own and that of its children that have ended
	at    time.Duration
}

// lookForChurn gives the generation up if its zygote has been busy since the last look while no fork has answered. It is called
// when a hello has been missing for a while.
func (g *generation) lookForChurn() {
	now := g.pool.loop.Now()
	if now-g.churn.at < churnSpan || len(g.workers) > 0 { // the time of workers that were recycled counts, too
		return
	}
	ticks, err := g.zygote.CPUTicks()
	if err != nil {
		return // it has ended, as its pidfd says next
	}
	before := g.churn
	g.churn = churn{ticks: ticks, at: now}
	if before.at > 0 && forksWithoutPause(ticks-before.ticks, now-before.at) {
		g.fail(errors.New("its forks end as soon as they are born"))
	}
}

// forksWithoutPause judges the ticks (1/100 s) that a zygote and its ended children have used in a time in which it had
// nothing to do.
func forksWithoutPause(ticks uint64, in time.Duration) bool {
	used := time.Duration(ticks) * 10 * time.Millisecond
	return float64(used) > churnShare*float64(in)
}
