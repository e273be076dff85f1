package supervisor

import (
	"errors"
	"fmt"
	"sync"

	"howdah/fcgiserver"
	"howdah/internal/reactor"
	"howdah/supervisor/config"
	"howdah/supervisor/metrics"
)

// listenMetrics takes the address of the metrics. Nobody is answered before answerScrapes.
func (s *service) listenMetrics(g *config.Global) (err error) {
	if g.MetricsListen == "" {
		return nil
	}
	s.window, err = s.inherited.Listen(fcgiserver.ListenSpec{Address: g.MetricsListen, Backlog: -1, Mode: 0o660, Group: g.ControlGroup})
	if err != nil {
		return fmt.Errorf("metrics_listen: %w", err)
	}
	return nil
}

// answerScrapes begins to answer Prometheus.
func (s *service) answerScrapes() error {
	if s.window == nil {
		return nil
	}
	l, err := netListener(s.window)
	if err != nil {
		return fmt.Errorf("metrics_listen: %w", err)
	}
	s.metrics = metrics.Serve(l, s.figures, s.log)
	s.log.Info(fmt.Sprintf("metrics on %s", s.window.Address()))
	return nil
}

func (s *service) closeMetrics() {
	if s.metrics != nil {
		s.metrics.Close()
	}
	if s.window != nil {
		s.warn(s.window.Close())
	}
}

// figures is the service for a scrape.
func (s *service) figures() metrics.Service {
	v := s.shown.Load()
	f := metrics.Service{Version: s.options.Version, ReloadsSucceeded: v.reloads.succeeded, ReloadsFailed: v.reloads.failed,
		LastReloadFailed: v.reloads.last != nil && !v.reloads.last.OK, LastReloadEnded: v.reloads.ended}
	pools := make([]*metrics.Pool, len(v.pools))
	var all sync.WaitGroup
	for i, p := range v.pools {
		all.Go(func() { pools[i] = p.scrape() })
	}
	all.Wait()
	for _, p := range pools {
		if p != nil {
			f.Pools = append(f.Pools, *p)
		}
	}
	return f
}

// scrape is the pool for a scrape; nil if it has ended.
func (p *pool) scrape() *metrics.Pool {
	f, err := p.figures()
	switch {
	case errors.Is(err, reactor.ErrStopped):
		return nil
	case err != nil:
		return &metrics.Pool{Name: p.name, Stuck: true}
	}
	m := &metrics.Pool{Name: p.name, Front: f.front, Workers: f.workers, Sample: p.sampled.take(&f)}
	m.Sample.Outdated = m.Sample.Known && len(p.php().Newer) > 0
	return m
}
