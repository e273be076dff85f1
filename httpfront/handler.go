package httpfront

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"slices"
	"sync/atomic"
	"time"
)

// Dial opens a connection into the pool: something that speaks FastCGI and keeps the connection when asked to.
type Dial func(ctx context.Context) (net.Conn, error)

// Handler answers the HTTP requests of one site.
//
// Concurrency: any number of requests at once. Its FastCGI connections stay open between requests until Close.
type Handler struct {
	config   Config
	root     root
	upstream *client
	access   *accessLog
	warned   pace // of what a client can bring about at will
}

// New makes a Handler from a configuration and the way into the pool.
//
// Errors: every problem of the configuration, one a line.
func New(c Config, dial Dial) (*Handler, error) {
	c, err := c.complete()
	if err != nil {
		return nil, err
	}
	return &Handler{
		config: c, root: root{name: c.Root, follow: c.FollowSymlinks}, upstream: newClient(dial), access: newAccessLog(c.AccessLog),
	}, nil
}

// Close gives up the FastCGI connections; those in use end with their requests. Requests that still come get theirs for
// themselves alone.
func (h *Handler) Close() { h.upstream.close() }

// ServeHTTP answers one request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	started := time.Now()
	a := &answer{ResponseWriter: w}
	who := identify(r, h.config.TrustedProxies, h.config.TrustUnix)
	defer func() { h.access.write(r, who, a, started, time.Now()) }()

	if ws := h.config.WebSockets; ws != nil && ws.Serve(a, r) {
		return
	}
	path, err := parsePath(rawPath(r))
	if err != nil {
		h.refuse(a, http.StatusBadRequest)
		return
	}
	t, err := h.root.open(started)
	if err != nil {
		h.refuse(a, h.failed(r, fmt.Errorf("document root: %w", err)))
		return
	}
	defer t.close()
	if slices.Contains(h.config.Pages, r.URL.Path) {
		h.servePHP(a, r, who, t.path, route{action: runScript, name: r.URL.Path})
		return
	}
	found, err := find(t, path, h.config.Index)
	if err == nil && found.action == absent && h.config.Fallback != "" {
		found, err = h.fallback(t)
	}
	defer found.close()
	if err != nil {
		h.refuse(a, h.failed(r, err))
		return
	}
	switch found.action {
	case refuse, absent:
		h.refuse(a, http.StatusNotFound)
	case addSlash:
		redirect(a, r, path)
	case sendFile:
		h.serveFile(a, r, t, found)
	case runScript:
		h.servePHP(a, r, who, t.path, found)
	}
}

// fallback is the route to the front controller. The path that was asked for stays in REQUEST_URI only.
func (h *Handler) fallback(t *tree) (route, error) {
	path, err := parsePath(h.config.Fallback)
	if err != nil {
		return route{}, err
	}
	found, err := find(t, path, h.config.Index)
	if found.action == addSlash { // the client did not ask for that directory
		found.action = refuse
	}
	return found, err
}

// failed tells the status for an error of the file system, and the log, once a second, what the operator can do.
func (h *Handler) failed(r *http.Request, err error) int {
	if h.warned.allows(time.Now()) {
		hint := ""
		if errors.Is(err, errOutside) {
			hint = " (add the directory to follow_symlinks if that is meant)"
		}
		h.config.Log.Warn("cannot serve a file"+hint, "uri", r.RequestURI, "cause", err)
	}
	switch {
	case errors.Is(err, errOutside):
		return http.StatusNotFound
	case errors.Is(err, fs.ErrPermission):
		return http.StatusForbidden
	}
	return http.StatusInternalServerError
}

// refuse sends a short page with a status.
func (h *Handler) refuse(w http.ResponseWriter, status int) {
	http.Error(w, http.StatusText(status), status)
}

// redirect sends a client from a directory's name to the directory. Other methods than GET and HEAD keep theirs.
func redirect(w http.ResponseWriter, r *http.Request, path urlPath) {
	target := path.directory()
	if r.URL.RawQuery != "" {
		target += "?" + r.URL.RawQuery
	}
	status := http.StatusMovedPermanently
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		status = http.StatusPermanentRedirect
	}
	http.Redirect(w, r, target, status)
}

// pace lets one thing a second happen.
type pace struct{ last atomic.Int64 }

func (p *pace) allows(now time.Time) bool {
	last, second := p.last.Load(), now.Unix()
	return last != second && p.last.CompareAndSwap(last, second)
}
