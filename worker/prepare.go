package worker

import (
	"fmt"
	"time"
)

// gathered is called when the forks are there, or enough time was spent on waiting for them.
func (g *generation) gathered() {
	if g.complete { // one was recycled in the warm-up, and is back
		return
	}
	g.complete = true
	if g.opts.Prepare != nil {
		g.rounds = g.opts.Prepare(g.zygote)
	}
	g.timer = g.pool.loop.After(startTimeout, func() {
		g.pool.log.Warn(fmt.Sprintf("the warm-up of generation %d takes longer than %v: serving without", g.id, startTimeout), g.attrs()...)
		g.rounds, g.awaited = nil, 0
		g.nextRound()
	})
	g.nextRound()
}

// nextRound makes the next of the requests that come before serving, or begins to serve.
func (g *generation) nextRound() {
	if g.state != genPreparing || g.awaited > 0 {
		return
	}
	for len(g.rounds) > 0 && len(g.rounds[0]) == 0 {
		g.rounds = g.rounds[1:]
	}
	if len(g.rounds) == 0 {
		g.timer.Stop()
		g.pool.begins(g)
		return
	}
	if g.idle.len == 0 {
		g.pool.loop.After(10*connectEvery, g.nextRound)
		return
	}
	round := g.rounds[0]
	g.rounds = g.rounds[1:]
	var taken []*Worker
	for range round {
		if w := g.idle.pop(); w != nil {
			taken = append(taken, w)
		}
	}
	g.awaited = len(taken)
	for i, w := range taken {
		g.pool.assign(w, g.pool.newTask(&preparation{Job: round[i], gen: g}))
	}
}

// preparation is a job of a generation that does not serve yet; when the last of a round has ended the next follows.
type preparation struct {
	Job
	gen *generation
}

func (j *preparation) End(records []byte) {
	j.Job.End(records)
	j.ended()
}

func (j *preparation) Fail(status int, retryAfter time.Duration, cause Cause) {
	j.Job.Fail(status, retryAfter, cause)
	j.ended()
}

func (j *preparation) ended() {
	if g := j.gen; g.awaited > 0 {
		g.awaited--
		g.nextRound()
	}
}
