package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"howdah/internal/fcgi"
)

// observeEvery is how often an observed server is asked for its metrics and its status page. Monitoring asks every 10 to 60 s.
const observeEvery = time.Second

// observedLines are the keys of an observed Howdah: of [global], and of the pool.
func observedLines(dir string) (global, pool []string) {
	return []string{fmt.Sprintf("metrics_listen = %q", filepath.Join(dir, "metrics.sock"))},
		[]string{fmt.Sprintf("access_log = %q", filepath.Join(dir, "access.log")), `pm_status_path = "/status"`}
}

// observer asks a server for metrics and status until it is stopped.
type observer struct {
	cancel context.CancelFunc
	done   chan struct{}
	err    error // the last, after stop
}

// observe begins to ask. dir is the server's.
func observe(dir, socket string) *observer {
	ctx, cancel := context.WithCancel(context.Background())
	o := &observer{cancel: cancel, done: make(chan struct{})}
	metrics := &http.Client{Timeout: observeEvery, Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", filepath.Join(dir, "metrics.sock"))
		},
	}}
	go func() {
		defer close(o.done)
		defer metrics.CloseIdleConnections()
		for tick := time.NewTicker(observeEvery); ; {
			select {
			case <-ctx.Done():
				tick.Stop()
				return
			case <-tick.C:
			}
			if err := askMetrics(metrics); err != nil {
				o.err = err
			}
			if err := askStatus(socket); err != nil {
				o.err = err
			}
		}
	}()
	return o
}

// stop ends it and says what went wrong, if anything did.
func (o *observer) stop() error {
	o.cancel()
	<-o.done
	return o.err
}

func askMetrics(c *http.Client) error {
	answer, err := c.Get("http://howdah/metrics")
	if err != nil {
		return fmt.Errorf("metrics: %w", err)
	}
	defer answer.Body.Close()
	if n, err := io.Copy(io.Discard, answer.Body); err != nil || n == 0 || answer.StatusCode != http.StatusOK {
		return fmt.Errorf("metrics: %s, %d bytes, %v", answer.Status, n, err)
	}
	return nil
}

// askStatus asks for the full status page by FastCGI.
func askStatus(socket string) error {
	conn, err := net.DialTimeout("unix", socket, observeEvery)
	if err != nil {
		return fmt.Errorf("status: %w", err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(observeEvery)); err != nil {
		return fmt.Errorf("status: %w", err)
	}
	request := fcgi.AppendBeginRequest(nil, 1, fcgi.RoleResponder, 0)
	params := fcgi.NewParamsWriter(request, 1)
	for _, p := range [][2]string{{"REQUEST_METHOD", "GET"}, {"SCRIPT_NAME", "/status"}, {"SCRIPT_FILENAME", "/status"}, {"QUERY_STRING", "full&json"}} {
		params.Add([]byte(p[0]), []byte(p[1]))
	}
	request, err = params.End()
	if err != nil {
		return fmt.Errorf("status: %w", err)
	}
	if _, err := conn.Write(fcgi.AppendHeader(request, fcgi.TypeStdin, 1, 0, 0)); err != nil {
		return fmt.Errorf("status: %w", err)
	}
	if answer, err := io.ReadAll(conn); err != nil || len(answer) < 200 {
		return fmt.Errorf("status: %d bytes, %v", len(answer), err)
	}
	return nil
}
