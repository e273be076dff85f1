package metrics

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"howdah/internal/slots"
)

const (
	// maxConnections is how many clients are served at once, maxScrapes how many of them get figures.
	maxConnections = 32
	maxScrapes     = 4
	// clientTimeout bounds a request's arrival and an answer's departure, idleTimeout the time between two.
	clientTimeout = 30 * time.Second
	idleTimeout   = 5 * time.Minute
	// closePatience is how long Close waits for answers that are being written.
	closePatience = time.Second
)

// Server answers scrapes of /metrics.
type Server struct {
	http   *http.Server
	served sync.WaitGroup
}

// Serve begins to answer on l, which becomes the Server's.
func Serve(l net.Listener, source Source, log *slog.Logger) *Server {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry(source), promhttp.HandlerOpts{MaxRequestsInFlight: maxScrapes}))
	s := &Server{http: &http.Server{Handler: mux, ReadTimeout: clientTimeout, WriteTimeout: clientTimeout, IdleTimeout: idleTimeout,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug)}}
	s.served.Go(func() {
		if err := s.http.Serve(slots.New(l, maxConnections)); !errors.Is(err, http.ErrServerClosed) {
			log.Error(fmt.Sprintf("metrics: no more scrapes are answered: %v", err))
		}
	})
	return s
}

// registry holds the service's figures, those of Howdah's own process and of the Go runtime in it.
func registry(source Source) *prometheus.Registry {
	r := prometheus.NewRegistry()
	r.MustRegister(newCollector(source), collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return r
}

// Close stops answering.
func (s *Server) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), closePatience)
	defer cancel()
	if s.http.Shutdown(ctx) != nil {
		_ = s.http.Close()
	}
	s.served.Wait()
}
