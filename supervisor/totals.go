package supervisor

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// logTotals writes a line of figures for each pool.
func (s *service) logTotals() {
	for _, p := range s.sorted() {
		t, err := p.figures()
		if err != nil {
			continue
		}
		f, w := &t.front, &t.workers
		refused := uint64(0)
		for _, n := range w.Failed {
			refused += n
		}
		recycled := uint64(0)
		for _, n := range w.Recycled {
			recycled += n
		}
		p.log.Log(context.Background(), s.ownLevel(), fmt.Sprintf("connections %d (now %d), requests %d, on a kept connection %d, worker connection reused %d, queued %d (longest queue %d), completed %d, failed %d, client gone %d, recycled %d, died %d, slow %d, timed out %d, bodies in files %d",
			f.Connections, f.Active, f.Requests, f.Reused, w.Reused, w.Queued, w.WaitingMax, w.Completed, refused, w.Aborted, recycled, w.Deaths, w.Slow, w.TimedOut, f.Spilled))
	}
}

// statusLine is what systemctl status shows, in php-fpm's words.
func (s *service) statusLine() string {
	active, idle := 0, 0
	requests, slow := uint64(0), uint64(0)
	for _, p := range s.pools {
		t, _ := p.figures() // a pool that is stuck counts as nothing
		active += t.workers.Busy
		idle += t.workers.Idle
		requests += t.front.Requests
		slow += t.workers.Slow
	}
	return fmt.Sprintf("Processes active: %d, idle: %d, Requests: %d, slow: %d, Traffic: %.2freq/sec",
		active, idle, requests, slow, float64(requests)/max(time.Since(s.begun).Seconds(), 1))
}

// feedWatchdog tells systemd that all is well if every loop turns within limit. A loop that is stuck is thus noticed.
func (s *service) feedWatchdog(limit time.Duration) {
	var all sync.WaitGroup
	for _, p := range s.pools {
		all.Go(func() { _ = p.loop.Call(func() {}) })
	}
	turned := make(chan struct{})
	go func() { all.Wait(); close(turned) }()
	select {
	case <-turned:
		s.told(s.notify.Watchdog())
	case <-time.After(limit):
		s.log.Error("an event loop does not turn: the watchdog is not fed")
	}
}
