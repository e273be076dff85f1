package supervisor

import (
	"context"
	"errors"

	"howdah/internal/reactor"
	"howdah/supervisor/control"
	"howdah/worker"
)

// Recycle implements control.Service.
func (c commander) Recycle(_ context.Context, which control.RecycleRequest) (all control.Recycled, err error) {
	v := c.s.shown.Load()
	pools := v.pools
	if which.Pool != "" {
		p, ok := v.pool(which.Pool)
		if !ok {
			return all, control.NoPool(which.Pool)
		}
		pools = []shownPool{p}
	}
	for _, p := range pools {
		var q question[control.Recycled]
		r, err := q.ask(p.loop, loopPatience, func() (r control.Recycled) {
			r.Now, r.Later = p.workers.Recycle(which.PID)
			return r
		})
		switch {
		case errors.Is(err, reactor.ErrStopped):
			continue
		case err != nil:
			return all, control.Stuck(p.name)
		}
		all.Now, all.Later = all.Now+r.Now, all.Later+r.Later
	}
	if which.PID != 0 && all.Now+all.Later == 0 {
		return all, control.NoWorker(which.PID)
	}
	return all, nil
}

// Pause implements control.Service.
func (c commander) Pause(_ context.Context, pool, mode string) (control.Pool, error) {
	p, ok := c.s.shown.Load().pool(pool)
	if !ok {
		return control.Pool{}, control.NoPool(pool)
	}
	var q question[struct{}]
	_, err := q.ask(p.loop, loopPatience, func() (none struct{}) {
		p.workers.Pause(worker.PauseMode(mode))
		return none
	})
	if err != nil {
		return control.Pool{}, control.Stuck(pool)
	}
	return p.status(), nil
}
