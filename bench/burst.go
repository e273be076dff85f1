package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

const (
	burstChildren = 50               // pm.max_children, and requests sent at once
	burstRounds   = 3                // each with servers started afresh
	burstLimit    = 20 * time.Second // for the last worker to be busy
	burstIdle     = time.Second      // pm.process_idle_timeout of ondemand
)

// burst is what came of one: how many workers were busy in the end, and when the last of them began to run its script.
type burst struct {
	Busy int
	Took time.Duration
}

// String says when all were busy, or how many were when the limit was over.
func (b burst) String() string {
	if b.Busy < burstChildren {
		return fmt.Sprintf("%d of %d after %v", b.Busy, burstChildren, burstLimit)
	}
	return milliseconds(b.Took) + " ms"
}

// burstResult is a side's bursts, one per round.
type burstResult struct {
	Side   side
	Rounds []burst
}

// burstPools are the three modes, each with room for burstChildren.
func burstPools() []poolSpec {
	return []poolSpec{
		{PM: "static", Children: burstChildren},
		{PM: "dynamic", Children: burstChildren},
		{PM: "ondemand", Children: burstChildren, Idle: burstIdle},
	}
}

// measureBurst sends burstChildren requests at once to an idle pool, burstRounds times.
func (r *rig) measureBurst(ctx context.Context, s side) (burstResult, error) {
	res := burstResult{Side: s}
	for range burstRounds {
		b, err := r.burstOnce(ctx, s)
		if err != nil {
			return res, err
		}
		res.Rounds = append(res.Rounds, b)
		if b.Busy < burstChildren {
			break // it would only take burstLimit again
		}
	}
	return res, nil
}

func (r *rig) burstOnce(ctx context.Context, s side) (b burst, err error) {
	st, err := r.newStand(ctx, plain, s)
	if err != nil {
		return b, err
	}
	defer closing(st, &err)
	if _, err := st.sendBurst(ctx, 1); err != nil { // a site that is in use has its scripts in the opcache
		return b, fmt.Errorf("a first request: %w", err)
	}
	if s.Pool.PM == "ondemand" {
		if err := st.awaitNoWorkers(ctx); err != nil {
			return b, err
		}
	}
	return st.sendBurst(ctx, burstChildren)
}

// sendBurst sends n requests at once, each of which keeps its worker until all n run or burstLimit is over.
func (st *stand) sendBurst(ctx context.Context, n int) (b burst, err error) {
	g, err := newGate(ctx, filepath.Join(st.dir, "gate.sock"))
	if err != nil {
		return b, err
	}
	defer g.close()
	clients, err := dialAll(st.routes[0].Port, n)
	if err != nil {
		return b, err
	}
	defer closeAll(clients)
	begin := time.Now()
	for _, c := range clients {
		if _, err := io.WriteString(c, "GET /gate.php HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"); err != nil {
			return b, err
		}
	}
	busy, last, err := g.awaitArrivals(n)
	if ctx.Err() != nil {
		return b, context.Cause(ctx)
	}
	b = burst{busy, last.Sub(begin)}
	if err != nil || busy < n {
		return b, err
	}
	g.close()
	for _, c := range clients {
		resp, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			return b, fmt.Errorf("an answer: %w", err)
		}
		if resp.StatusCode != 200 {
			return b, fmt.Errorf("an answer: %s", resp.Status)
		}
	}
	return b, nil
}

// awaitNoWorkers waits until the idle ondemand pool has ended its workers.
func (st *stand) awaitNoWorkers(ctx context.Context) error {
	for end := time.Now().Add(burstLimit); ; {
		pids := st.servers[0].workerPIDs()
		if len(pids) == 0 {
			return nil
		}
		if time.Now().After(end) {
			return fmt.Errorf("the idle pool still has %d workers after %v, with an idle timeout of %v", len(pids), burstLimit, burstIdle)
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// dialAll opens n connections to nginx before anything is sent on them.
func dialAll(port, n int) ([]net.Conn, error) {
	var all []net.Conn
	for range n {
		c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			closeAll(all)
			return nil, err
		}
		c.SetDeadline(time.Now().Add(burstLimit + 10*time.Second))
		all = append(all, c)
	}
	return all, nil
}

func closeAll(conns []net.Conn) {
	for _, c := range conns {
		c.Close()
	}
}

// gate is the socket that gate.php reports to and waits at.
type gate struct {
	listener *net.UnixListener
	inside   []net.Conn
	unwatch  func() bool
}

// newGate listens on path for scripts of any user. It closes when ctx ends.
func newGate(ctx context.Context, path string) (*gate, error) {
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, 0o666); err != nil {
		l.Close()
		return nil, err
	}
	l.SetDeadline(time.Now().Add(burstLimit))
	return &gate{listener: l, unwatch: context.AfterFunc(ctx, func() { l.Close() })}, nil
}

// awaitArrivals waits for n scripts, each in a process of its own, but no longer than burstLimit. It returns how many came,
// and when the last began to run by the script's clock.
func (g *gate) awaitArrivals(n int) (busy int, last time.Time, err error) {
	pids := map[int]bool{}
	for len(g.inside) < n {
		c, err := g.listener.Accept()
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return len(pids), last, nil
		}
		if err != nil {
			return len(pids), last, fmt.Errorf("the gate: %w", err)
		}
		g.inside = append(g.inside, c)
		c.SetDeadline(time.Now().Add(burstLimit))
		pid, started, err := readArrival(c)
		if err != nil {
			return len(pids), last, err
		}
		pids[pid] = true
		if started.After(last) {
			last = started
		}
	}
	if len(pids) != n {
		return len(pids), last, fmt.Errorf("%d scripts ran at once in %d processes", n, len(pids))
	}
	return n, last, nil
}

// readArrival reads what gate.php says when it begins.
func readArrival(r io.Reader) (pid int, started time.Time, err error) {
	var micros int64
	if _, err := fmt.Fscanf(r, "%d %d\n", &pid, &micros); err != nil {
		return 0, time.Time{}, fmt.Errorf("a script at the gate: %w", err)
	}
	return pid, time.UnixMicro(micros), nil
}

// close lets the scripts go on. Closing again does nothing.
func (g *gate) close() {
	g.unwatch()
	g.listener.Close()
	closeAll(g.inside)
	g.inside = nil
}
