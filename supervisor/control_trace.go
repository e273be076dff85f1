package supervisor

import (
	"context"
	"time"

	"howdah/supervisor/control"
	"howdah/worker"
)

// Trace implements control.Service.
func (c commander) Trace(ctx context.Context, which control.TraceRequest) (t control.Trace, err error) {
	v := c.s.shown.Load()
	pools := v.pools
	if which.Pool != "" {
		p, ok := v.pool(which.Pool)
		if !ok {
			return t, control.NoPool(which.Pool)
		}
		pools = []shownPool{p}
	}
	t.Workers = []control.TracedWorker{}
	for _, p := range pools {
		seen, err := p.look(ctx, which.PID, which.Depth)
		if err != nil {
			return t, err
		}
		for _, s := range seen {
			t.Workers = append(t.Workers, traced(p.name, s, which.Depth))
		}
	}
	if which.PID != 0 && len(t.Workers) == 0 {
		return t, control.NoWorker(which.PID)
	}
	return t, nil
}

// look has the stacks of workers read: of pid, or of all that have a request. A pool that has ended has none.
func (p *pool) look(ctx context.Context, pid, depth int) ([]worker.Stacked, error) {
	seen := make(chan []worker.Stacked, 1)
	if !p.loop.Post(func() { p.workers.Look(pid, depth, func(all []worker.Stacked) { seen <- all }) }) {
		return nil, nil
	}
	late := time.NewTimer(loopPatience)
	defer late.Stop()
	select {
	case all := <-seen:
		return all, nil
	case <-late.C:
		return nil, control.Stuck(p.name)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func traced(pool string, s worker.Stacked, depth int) control.TracedWorker {
	t := control.TracedWorker{Pool: pool, PID: s.PID, State: s.State.String(), Script: s.Script, Request: s.Request, Seconds: s.Running.Seconds()}
	if s.Err != nil {
		t.Problem = s.Err.Error()
	}
	for _, f := range s.Stack[:min(depth, len(s.Stack))] {
		t.Stack = append(t.Stack, control.Call{Function: f.Name(), File: f.File, Line: f.Line})
	}
	return t
}
