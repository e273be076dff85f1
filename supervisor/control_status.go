package supervisor

import (
	"context"
	"errors"
	"os"
	"sync"
	"time"

	"howdah/fcgiserver"
	"howdah/internal/process"
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
	each    []worker.Info
	zygotes []worker.ZygoteInfo
}

// figures asks the loop.
func (p *pool) figures() (poolFigures, error) {
	return p.asked.ask(p.loop, loopPatience, func() poolFigures {
		return poolFigures{front: p.front.Stats(), workers: p.workers.Stats(), each: p.workers.Workers(), zygotes: p.workers.Zygotes()}
	})
}

// status is the pool at one moment.
func (p shownPool) status() control.Pool {
	st := control.Pool{PHP: p.php(), Name: p.name, PM: p.conf.PM, MaxChildren: p.conf.PMMaxChildren, Listen: p.conf.Listen, HTTP: p.http,
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
	case w.Paused != worker.NotPaused:
		st.State, st.Paused = control.PoolPaused, string(w.Paused)
	case w.Generation == 0:
		st.State = control.PoolStarting
	case w.Parked:
		st.State = control.PoolParked
	default:
		st.State = control.PoolServing
	}
	st.Draining = w.Draining
	st.Generation, st.Busy, st.Idle, st.Unused = w.Generation, w.Busy, w.Idle, w.Idle-w.Used
	st.Queue.Length, st.Queue.Peak = w.Waiting, w.WaitingMax
	st.Connections = f.front.Active
	st.Requests = control.Requests{Accepted: w.Accepted, Completed: w.Completed, Aborted: w.Aborted}
	for _, n := range w.Failed {
		st.Requests.Failed += n
	}
	for i := range f.each {
		st.Workers = append(st.Workers, workerStatus(&f.each[i]))
	}
	return st
}

// php is the PHP that serves, with what of it has changed on disk.
func (p *pool) php() control.PHP {
	z := p.zygote.Load()
	if z == nil {
		return control.PHP{}
	}
	return control.PHP{Version: z.PHPVersion(), Newer: z.Newer()}
}

// workerStatus is one worker at one moment. What it uses is asked of the kernel; one that has just ended uses nothing.
func workerStatus(i *worker.Info) control.Worker {
	w := control.Worker{PID: i.PID, State: i.State.String(), Generation: i.Generation, AgeSeconds: time.Since(i.Started).Seconds(),
		Requests: i.Requests, Doomed: i.Doomed}
	w.MemoryBytes, _ = worker.PrivateBytes(i.PID)
	if used, err := process.CPUTime(i.PID); err == nil {
		w.CPUSeconds = used.Seconds()
	}
	if i.Requests > 0 {
		q := &i.Request
		w.Request = &control.Request{Running: i.Running(), Method: q.Method, URI: q.URI, Query: q.Query, Script: q.Script, User: q.User,
			ContentLength: q.ContentLength, Seconds: i.Duration.Seconds(), WaitedSeconds: i.Waited.Seconds(), CPUPercent: i.CPU, MemoryBytes: i.Memory}
	}
	return w
}
