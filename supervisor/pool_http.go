package supervisor

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"howdah/fcgiserver"
	"howdah/httpfront"
	"howdah/supervisor/config"
)

// httpSide is the embedded HTTP front of a pool: a listener, the server on it, and the way into the pool's FastCGI front.
type httpSide struct {
	pool     *pool
	conf     config.HTTP
	listener *fcgiserver.Listener
	net      net.Listener
	access   *accessLog // nil: none, or stderr
	handler  *httpfront.Handler
	server   *httpfront.Server
	served   sync.WaitGroup
	ctx      context.Context // ends the shutdown when it is over or killed
	stop     context.CancelFunc
}

// newHTTPSide takes the address; serve answers on it.
func newHTTPSide(p *pool, c config.Pool) (*httpSide, error) {
	l, err := p.service.inherited.Listen(fcgiserver.ListenSpec{Address: c.HTTP.Listen, Backlog: -1, Mode: 0o666})
	if err != nil {
		return nil, fmt.Errorf("http: %w", err)
	}
	h := &httpSide{pool: p, listener: l}
	h.ctx, h.stop = context.WithCancel(context.Background())
	if h.net, err = netListener(l); err == nil {
		err = h.setHandler(c)
	}
	if err != nil {
		h.close()
		return nil, fmt.Errorf("http: %w", err)
	}
	h.server = httpfront.NewServer(h.handler)
	return h, nil
}

// netListener makes a net.Listener of l's socket, by a descriptor of its own.
func netListener(l *fcgiserver.Listener) (net.Listener, error) {
	fd, err := unix.FcntlInt(uintptr(l.FD()), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, os.NewSyscallError("dup", err)
	}
	f := os.NewFile(uintptr(fd), l.Address())
	defer f.Close()
	n, err := net.FileListener(f)
	if u, ok := n.(*net.UnixListener); ok {
		u.SetUnlinkOnClose(false) // l removes it
	}
	return n, err
}

// setHandler makes the handler that c asks for, and the access log it writes to.
func (h *httpSide) setHandler(c config.Pool) error {
	var access *accessLog
	var out io.Writer
	switch c.HTTP.AccessLog {
	case "off":
	case "stderr":
		out = h.pool.service.options.Stderr
	default:
		var err error
		if access, err = openAccessLog(c.HTTP.AccessLog); err != nil {
			return err
		}
		out = access
	}
	handler, err := httpfront.New(httpfront.Config{
		Root: c.HTTP.Root, Index: c.HTTP.Index, Fallback: c.HTTP.Fallback, Pages: pagePaths(c), FollowSymlinks: c.HTTP.FollowSymlinks,
		TrustedProxies: c.HTTP.TrustedProxies.Prefixes, TrustUnix: c.HTTP.TrustedProxies.Unix,
		Limits: limits(c.HTTP), Log: h.pool.log, AccessLog: out,
		MuteStderr: c.CatchWorkersOutput, // the pool logs what PHP says then, with its pid
		WebSockets: h.pool,
	}, func(context.Context) (net.Conn, error) { return h.pool.dial(false) })
	if err != nil {
		if access != nil {
			access.close()
		}
		return err
	}
	if h.access != nil {
		h.access.close()
	}
	h.handler, h.conf, h.access = handler, *c.HTTP, access
	return nil
}

// limits turns the configuration's zero, which means no limit, into httpfront's negative.
func limits(c *config.HTTP) httpfront.Limits {
	l := httpfront.Limits{HeaderBytes: int(c.HeaderMax), BodyBytes: int64(c.BodyMax), HeaderTimeout: c.HeaderTimeout,
		BodyStall: c.BodyTimeout, WriteStall: c.WriteTimeout, IdleTimeout: c.KeepaliveTimeout, Connections: c.MaxConnections}
	if l.BodyBytes == 0 {
		l.BodyBytes = -1
	}
	return l
}

func (h *httpSide) serve() {
	h.served.Go(func() {
		if err := h.server.Serve(h.net); err != nil {
			h.pool.log.Error(fmt.Sprintf("http: %v", err))
		}
	})
}

func (h *httpSide) address() string { return h.listener.Address() }

// shutdown lets requests finish within limit; 0 breaks them off.
func (h *httpSide) shutdown(limit time.Duration) {
	ctx, cancel := context.WithTimeout(h.ctx, limit)
	defer cancel()
	_ = h.server.Shutdown(ctx) // what it could not wait for is in the log of requests
}

// kill ends a shutdown that waits.
func (h *httpSide) kill() { h.stop() }

// reopen opens the access log again, after logrotate has moved it.
func (h *httpSide) reopen() error {
	if h.access == nil {
		return nil
	}
	return h.access.reopen()
}

// close gives everything back. It may be called on a side that never served.
func (h *httpSide) close() {
	h.stop()
	if h.server != nil {
		h.shutdown(0)
	}
	if h.net != nil {
		_ = h.net.Close()
	}
	h.served.Wait()
	if h.handler != nil {
		h.handler.Close()
	}
	if h.access != nil {
		h.access.close()
	}
	h.pool.service.warn(h.listener.Close())
}

// newHTTP returns the HTTP side that c asks for: the one there is, if its address is the same, nil if there is to be none.
func (p *pool) newHTTP(c config.Pool) (*httpSide, error) {
	switch {
	case c.HTTP == nil:
		return nil, nil
	case p.http != nil && c.HTTP.Listen == p.http.conf.Listen:
		return p.http, nil
	}
	return newHTTPSide(p, c)
}

// putHTTP puts the side that newHTTP returned in the place of the one there is.
func (p *pool) putHTTP(h *httpSide, c config.Pool) error {
	if h != p.http {
		before := p.http
		p.http = h
		if h != nil {
			h.serve()
		}
		if before != nil {
			before.shutdown(before.conf.WriteTimeout)
			before.close()
		}
		return nil
	}
	if h == nil {
		return nil
	}
	before := h.handler
	if err := h.setHandler(c); err != nil {
		return err
	}
	h.server.Replace(h.handler)
	before.Close()
	return nil
}
