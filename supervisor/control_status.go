package supervisor

import (
	"context"
	"errors"
	"os"
	"slices"
	"sync"
	"time"

	"howdah/fcgiserver"
	"howdah/internal/reactor"
	"howdah/supervisor/control"
	"howdah/worker"
)

// loopPatience is how long a loop may take to answer before its pool is called stuck.
const loopPatience = time.Second

// Status implements control.Service.
func (c commander) Status(_ context.Context, name string) (control.Status, error) {
	s, v := c.s, c.s.shown.Load()
	st := control.Status{Version: s.options.Version, PID: os.Getpid(), Started: s.begun, UptimeSeconds: time.Since(s.begun).Seconds(),
		Source: s.options.source(), Reloading: v.reloading, Log: c.log()}
	if last := v.reloads.last; last != nil {
		copied := *last
		copied.AgoSeconds = time.Since(v.reloads.ended).Seconds()
		st.LastReload = &copied
	}
	pools := v.pools
	if name != "" {
		p, ok := v.pool(name)
		if !ok {
			return st, control.NoPool(name)
		}
		pools = []shownPool{p}
	}
	st.Pools = make([]control.Pool, len(pools))
	var all sync.WaitGroup
	for i, p := range pools {
		all.Go(func() { st.Pools[i] = p.status() }) // side by side: several that are stuck cost one patience
	}
	all.Wait()
	return st, nil
}

// poolFigures are what the loop of a pool says of it.
type poolFigures struct {
	front   fcgiserver.Counters
	workers worker.Stats
}

// figures asks the loop.
func (p *pool) figures() (poolFigures, error) {
	return p.asked.ask(p.loop, loopPatience, func() poolFigures {
		return poolFigures{front: p.front.Stats(), workers: p.workers.Stats()}
	})
}

// status is the pool at one moment.
func (p shownPool) status() control.Pool {
	st := control.Pool{Name: p.name, PM: p.conf.PM, MaxChildren: p.conf.PMMaxChildren, Listen: p.conf.Listen, HTTP: p.http,
		Queue: control.Queue{Limit: p.conf.QueueMax}, Workers: []control.Worker{}}
	f, err := p.figures()
	switch {
	case errors.Is(err, reactor.ErrStopped):
		st.State = control.PoolEnded
		return st
	case err != nil:
		st.State = control.PoolStuck
		return st
	}
	w := &f.workers
	switch {
	case w.Generation == 0:
		st.State = control.PoolStarting
	case w.Parked:
		st.State = control.PoolParked
	default:
		st.State = control.PoolServing
	}
	st.Generation, st.Busy, st.Idle, st.Unused = w.Generation, w.Busy, w.Idle, w.Idle-w.Used
	st.Queue.Length, st.Queue.Peak = w.Waiting, w.WaitingMax
	st.Connections = f.front.Active
	st.Requests = control.Requests{Accepted: w.Accepted, Completed: w.Completed, Aborted: w.Aborted}
	for _, n := range w.Failed {
		st.Requests.Failed += n
	}
	slices.SortFunc(st.Workers, func(a, b control.Worker) int { return a.PID - b.PID })
	return st
}
