package httpfront

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
)

// Server owns the connections of HTTP clients and passes their requests to a Handler.
//
// Concurrency: all methods may be called at any time.
type Server struct {
	http    http.Server
	limits  Limits
	handler atomic.Pointer[Handler]

	mu       sync.Mutex
	fresh    map[net.Conn]struct{} // connections that have not sent a byte
	draining bool                  // no new connections
	over     bool                  // no new requests; guards requests.Add
	requests sync.WaitGroup
}

// NewServer makes a Server for h, with h's limits and log.
func NewServer(h *Handler) *Server {
	s := &Server{limits: h.config.Limits, fresh: map[net.Conn]struct{}{}}
	s.handler.Store(h)
	s.http = http.Server{
		Handler:           http.HandlerFunc(s.serveHTTP),
		ReadHeaderTimeout: s.limits.HeaderTimeout,
		IdleTimeout:       s.limits.IdleTimeout,
		MaxHeaderBytes:    s.limits.HeaderBytes,
		ConnState:         s.track,
		ErrorLog:          slog.NewLogLogger(h.config.Log.Handler(), slog.LevelWarn),
	}
	return s
}

// Serve answers the connections of l until Shutdown, which it reports by nil. It closes l.
func (s *Server) Serve(l net.Listener) error {
	err := s.http.Serve(newListener(l, s.limits.Connections, s.limits.WriteStall))
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// Replace puts another Handler in the place of the one that serves. Requests that it has go on; the server keeps its limits
// on connections and header.
func (s *Server) Replace(h *Handler) { s.handler.Swap(h).Close() }

// Shutdown stops accepting, lets the requests that run come to their end, and returns when nothing is left of them. When ctx
// ends before that, they are broken off and its error is returned.
func (s *Server) Shutdown(ctx context.Context) error {
	s.closeFresh()
	err := s.http.Shutdown(ctx)
	if err != nil {
		s.http.Close()
	}
	s.mu.Lock()
	s.over = true
	s.mu.Unlock()
	s.requests.Wait()
	s.handler.Load().Close()
	return err
}

func (s *Server) serveHTTP(w http.ResponseWriter, r *http.Request) {
	if !s.begin() {
		panic(http.ErrAbortHandler)
	}
	defer s.requests.Done()
	s.handler.Load().ServeHTTP(w, r)
}

func (s *Server) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.over {
		s.requests.Add(1)
	}
	return !s.over
}

// track knows the connections on which nothing was asked yet: browsers open some in advance, and net/http's Shutdown would
// wait 5 s for them.
func (s *Server) track(c net.Conn, state http.ConnState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if state != http.StateNew {
		delete(s.fresh, c)
		return
	}
	if s.draining {
		c.Close()
		return
	}
	s.fresh[c] = struct{}{}
}

func (s *Server) closeFresh() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.draining = true
	for c := range s.fresh {
		c.Close()
	}
}
