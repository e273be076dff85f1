package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"howdah/internal/repeat"
)

const (
	// headerTimeout bounds the arrival of a request's head, idleTimeout the time between two.
	headerTimeout = 10 * time.Second
	idleTimeout   = time.Minute
	// closePatience is how long Close waits for answers that are being written.
	closePatience = time.Second
	// maxBody is the largest body of a request.
	maxBody = 64 << 10
)

// Options say where and for whom a Server works.
type Options struct {
	Listener net.Listener // of Unix connections
	GID      int          // of the socket: its members may command
	Service  Service
	Log      *slog.Logger
}

// Server answers the commands.
type Server struct {
	o        Options
	listener listener
	http     *http.Server
	served   sync.WaitGroup

	mu      sync.Mutex
	refused repeat.Limit // log lines about peers who may not
	begun   time.Time
}

// Serve begins to answer.
func Serve(o Options) *Server {
	s := &Server{o: o, listener: newListener(o.Listener), refused: repeat.Limit{Every: time.Second}, begun: time.Now()}
	mux := http.NewServeMux()
	for _, route := range Routes() {
		mux.HandleFunc(route.Method+" "+route.Path, func(w http.ResponseWriter, r *http.Request) { s.serve(route, w, r) })
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		write(w, nil, fail(http.StatusNotFound, WordNoRoute, "there is no "+r.Method+" "+r.URL.Path+" in this version of the API"))
	})
	s.http = &http.Server{
		Handler: s.guarded(mux), ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout,
		ErrorLog: slog.NewLogLogger(o.Log.Handler(), slog.LevelDebug),
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			return context.WithValue(ctx, peerKey{}, c)
		},
	}
	s.served.Go(func() {
		if err := s.http.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
			o.Log.Error(fmt.Sprintf("control: no more commands are accepted: %v", err))
		}
	})
	return s
}

type peerKey struct{}

// guarded lets h answer those who may command.
func (s *Server) guarded(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := r.Context().Value(peerKey{}).(*conn)
		if c.peerErr == nil && c.peer.allowed(os.Geteuid(), s.o.GID) {
			h.ServeHTTP(w, r)
			return
		}
		s.logRefusal(r, c)
		write(w, nil, fail(http.StatusForbidden, WordNotAllowed,
			fmt.Sprintf("user %d may not command this howdah: root, its own user %d and members of group %d may", c.peer.UID, os.Geteuid(), s.o.GID)))
	})
}

// logRefusal writes at most one line a second, with the number of refusals that it stands for.
func (s *Server) logRefusal(r *http.Request, c *conn) {
	s.mu.Lock()
	n := s.refused.Add(time.Since(s.begun))
	s.mu.Unlock()
	switch {
	case n > 0 && c.peerErr != nil:
		s.o.Log.Warn(fmt.Sprintf("control: %s %s refused: %v", r.Method, r.URL.Path, c.peerErr))
	case n > 0:
		s.o.Log.Warn(fmt.Sprintf("control: %s %s refused to %v (%d refused)", r.Method, r.URL.Path, c.peer, n))
	}
}

// serve carries out one command. Who directs the service is logged; who looks only, at level debug.
func (s *Server) serve(route Route, w http.ResponseWriter, r *http.Request) {
	level := slog.LevelInfo
	if route.quiet {
		level = slog.LevelDebug
	}
	c := r.Context().Value(peerKey{}).(*conn)
	s.o.Log.Log(r.Context(), level, fmt.Sprintf("control: %s %s by %v", r.Method, r.URL.RequestURI(), c.peer))
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	answer, err := route.do(s.o.Service, r)
	write(w, answer, err)
}

// read takes the JSON of a request; none at all is the zero value.
func read(r *http.Request, body any) error {
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(body); err != nil && err != io.EOF {
		return fail(http.StatusBadRequest, WordBadRequest, "the request's body: "+err.Error())
	}
	return nil
}

// raw is an answer that is not JSON.
type raw []byte

// write answers with JSON: answer, or a Failure.
func write(w http.ResponseWriter, answer any, err error) {
	status := http.StatusOK
	if err != nil {
		failure := &Failure{}
		if !errors.As(err, &failure) {
			failure = fail(http.StatusInternalServerError, "failed", err.Error())
		}
		status, answer = failure.status, failure
	}
	if bytes, ok := answer.(raw); ok {
		w.Header().Set("Content-Type", "application/octet-stream")
		_, _ = w.Write(bytes)
		return
	}
	text, err := json.MarshalIndent(answer, "", "  ")
	if err != nil {
		panic("control: an answer that is no JSON: " + err.Error()) // types of this package, and tested
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(text, '\n'))
}

// Unlisten accepts no more clients.
func (s *Server) Unlisten() {
	_ = s.listener.Close()
	s.served.Wait()
}

// Close ends the connections when their answers are written.
func (s *Server) Close() {
	s.Unlisten()
	ctx, cancel := context.WithTimeout(context.Background(), closePatience)
	defer cancel()
	if s.http.Shutdown(ctx) != nil {
		_ = s.http.Close()
	}
}
