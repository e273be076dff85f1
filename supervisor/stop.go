package supervisor

import (
	"fmt"
	"os"
	"sync"
)

// stop ends the service. Requests that run or wait get process_control_timeout; a second signal, or atOnce, ends them. The
// phases follow the data: the HTTP fronts, the FastCGI fronts, the workers, the loops; sockets and files go with release.
func (s *service) stop(sig os.Signal, atOnce bool) error {
	close(s.cancel)
	limit := s.conf.Global.ProcessControlTimeout
	s.log.Info(s.stopWord(sig, atOnce))
	if atOnce {
		s.told(s.notify.Stopping("ending all requests"))
		limit = 0
	} else {
		s.told(s.notify.Stopping(fmt.Sprintf("waiting up to %v for requests to finish", limit)))
	}
	if s.reloading != nil {
		for _, p := range s.pools { // a reload waits for generations that will not come
			p.abandonReload()
		}
		r := <-s.reloading
		s.reloading, s.conf, s.pools = nil, r.conf, r.pools
		s.tally(r)
	}
	s.logTotals()
	ended := make(chan struct{})
	var all sync.WaitGroup
	for _, p := range s.pools {
		all.Go(func() { p.stop(limit) })
	}
	go func() { all.Wait(); close(ended) }()
	for {
		select {
		case sig := <-s.signals.C:
			if s.signals.Event(sig) == SignalKill {
				s.kill()
			}
		case c := <-s.commands:
			if c.event == SignalKill {
				s.kill()
			}
		case <-ended:
			s.logLeft()
			s.log.Info("exiting, bye-bye!")
			return nil
		}
	}
}

// kill ends what the stop still waits for.
func (s *service) kill() {
	s.log.Info(terminating)
	for _, p := range s.pools {
		p.kill()
	}
}
