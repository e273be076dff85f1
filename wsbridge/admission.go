package wsbridge

import (
	"net/netip"
	"sync"
	"time"
)

// admission decides who may come in.
type admission struct {
	mu      sync.Mutex
	rate    bucket
	pending int // ask PHP
	held    int // sessions that are open or opening
	from    map[netip.Addr]int
	closed  bool
}

// enter asks for a place; leave gives it back. On refusal wait is when to come back.
func (a *admission) enter(addr netip.Addr, o *Options, now time.Duration) (why refusal, wait time.Duration, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case a.closed:
		return draining, retryStopping, false
	case a.held >= o.MaxConnections:
		return full, retryFull, false
	case o.ConnectionsPerIP > 0 && addr.IsValid() && a.from[addr] >= o.ConnectionsPerIP:
		return perAddress, retryFull, false
	case a.pending >= o.OpensPending:
		return openQueue, retryFull, false
	}
	if o.OpensPerSecond > 0 {
		if wait := a.rate.allow(o.OpensPerSecond, now); wait > 0 {
			return openRate, wait, false
		}
	}
	a.pending++
	a.held++
	if addr.IsValid() {
		if a.from == nil {
			a.from = map[netip.Addr]int{}
		}
		a.from[addr]++
	}
	return 0, 0, true
}

// What a refused client is told to wait.
const (
	retryFull     = 5 * time.Second
	retryStopping = 10 * time.Second
)

// asked is called when PHP has answered, or is not asked any more.
func (a *admission) asked() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.pending--
}

// leave gives a place back.
func (a *admission) leave(addr netip.Addr) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.held--
	if n := a.from[addr]; n > 1 {
		a.from[addr] = n - 1
	} else {
		delete(a.from, addr)
	}
}

// shut lets nobody in any more.
func (a *admission) shut() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.closed = true
}

func (a *admission) isShut() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.closed
}
