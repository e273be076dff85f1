package main

import (
	"bufio"
	"context"
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

// burstResult is how long a side took from the first request to every worker busy, by round.
type burstResult struct {
	Side side
	Took []time.Duration
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
		took, err := r.burstOnce(ctx, s)
		if err != nil {
			return res, err
		}
		res.Took = append(res.Took, took)
	}
	return res, nil
}

func (r *rig) burstOnce(ctx context.Context, s side) (took time.Duration, err error) {
	st, err := r.newStand(ctx, plain, s)
	if err != nil {
		return 0, err
	}
	defer closing(st, &err)
	if s.Pool.PM == "ondemand" {
		if err := st.awaitNoWorkers(ctx); err != nil {
			return 0, err
		}
	}
	g, err := newGate(ctx, filepath.Join(st.dir, "gate.sock"))
	if err != nil {
		return 0, err
	}
	defer g.close()
	clients, err := dialAll(st.routes[0].Port, burstChildren)
	if err != nil {
		return 0, err
	}
	defer closeAll(clients)
	begin := time.Now()
	for _, c := range clients {
		if _, err := io.WriteString(c, "GET /gate.php HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"); err != nil {
			return 0, err
		}
	}
	last, err := g.awaitArrivals(burstChildren)
	if err != nil {
		return 0, err
	}
	g.close()
	for _, c := range clients {
		resp, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			return 0, fmt.Errorf("a request of the burst: %w", err)
		}
		if resp.StatusCode != 200 {
			return 0, fmt.Errorf("a request of the burst was answered %s", resp.Status)
		}
	}
	return last.Sub(begin), nil
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

// awaitArrivals returns when the last of n scripts, each in a process of its own, began to run, by the script's clock.
func (g *gate) awaitArrivals(n int) (time.Time, error) {
	pids := map[int]bool{}
	var last float64
	for len(g.inside) < n {
		c, err := g.listener.Accept()
		if err != nil {
			return time.Time{}, fmt.Errorf("%d of %d workers became busy: %w", len(pids), n, err)
		}
		g.inside = append(g.inside, c)
		c.SetDeadline(time.Now().Add(5 * time.Second))
		var pid int
		var started float64
		if _, err := fmt.Fscanf(c, "%d %f\n", &pid, &started); err != nil {
			return time.Time{}, fmt.Errorf("a script at the gate: %w", err)
		}
		pids[pid] = true
		last = max(last, started)
	}
	if len(pids) != n {
		return time.Time{}, fmt.Errorf("%d scripts ran at once in %d processes", n, len(pids))
	}
	return time.UnixMicro(int64(last * 1e6)), nil
}

// close lets the scripts go on. Closing again does nothing.
func (g *gate) close() {
	g.unwatch()
	g.listener.Close()
	closeAll(g.inside)
	g.inside = nil
}
