package wsbridge

import (
	"math/rand/v2"
	"runtime/debug"
	"time"
)

// The clock looks at every session this often, or more often where a time is so short.
const (
	slowestTick = time.Second
	fastestTick = 10 * time.Millisecond
)

// tick is how often the clock looks at the sessions.
func (o *Options) tick() time.Duration {
	tick := slowestTick
	for _, d := range []time.Duration{o.PingInterval, o.PongTimeout, o.StalledTimeout, o.IdleTimeout, o.Lifetime} {
		if d > 0 {
			tick = min(tick, d/5)
		}
	}
	return max(tick, fastestTick)
}

// tend sends pings and keeps the time limits of all sessions, until Close.
func (b *Bridge) tend(done <-chan struct{}) {
	timer := time.NewTimer(b.opts().tick())
	defer timer.Stop()
	var storm tidy
	for {
		select {
		case <-timer.C:
			now, o := b.now(), b.opts()
			if storm.due(b.counters.Handshakes.Load(), now) {
				debug.FreeOSMemory() // some ten milliseconds of CPU, once for each storm
			}
			for _, s := range b.hub.all() {
				s.tend(now, o)
			}
			b.events.nudge()
			timer.Reset(o.tick())
		case <-done:
			return
		}
	}
}

// tend does for one session what its time has come for.
//
// While reading is paused no pong can be seen, so none is missed: the time of the pause counts instead. Any byte from the client
// counts as a pong.
func (s *Session) tend(now time.Duration, o *Options) {
	s.mu.Lock()
	phase := s.phase
	s.mu.Unlock()
	switch phase {
	case opening, ended:
		return
	case closing:
		if by := time.Duration(s.closeBy.Load()); by > 0 && now > by {
			_ = s.wire.Close()
		}
		return
	}
	since := func(at int64) time.Duration { return now - time.Duration(at) }
	if paused := s.paused.Load(); paused > 0 {
		if since(paused) > o.StalledTimeout {
			s.fail(stalled)
		}
		return
	}
	heard, pinged := s.wire.heard.Load(), s.pinged.Load()
	awaited := pinged > 0 && heard < pinged
	switch {
	case o.Lifetime > 0 && now-s.opened > o.Lifetime:
		s.fail(lifetime)
	case o.IdleTimeout > 0 && since(s.spoken.Load()) > o.IdleTimeout:
		s.fail(idle)
	case awaited && since(pinged) > o.PongTimeout:
		s.fail(pongTimeout)
	case o.PingInterval > 0 && !awaited && now > s.nextPing(o):
		s.pinged.Store(int64(now))
		s.put(pingFrame)
	}
}

var pingFrame = appendFrame(nil, opPing, nil)

// nextPing is when the session is to be pinged: each has its own rhythm, so that those that came together spread out.
func (s *Session) nextPing(o *Options) time.Duration {
	last := max(s.opened, time.Duration(s.pinged.Load()))
	if s.pinged.Load() == 0 { // the first comes after a random part of the interval
		return s.opened + o.PingInterval/2 + o.PingInterval/2*time.Duration(s.serial%64)/64
	}
	return last + o.PingInterval*9/10 + o.PingInterval/5*time.Duration(s.serial%64)/64
}

// jitter is a random time up to d.
func jitter(d time.Duration) time.Duration { return rand.N(d + 1) }
