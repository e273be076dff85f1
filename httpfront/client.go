package httpfront

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Bounds of the connections that wait for their next request. linkIdle is well below the 60 s after which FastCGI servers
// commonly close a connection, so that ours are rarely closed under a request.
const (
	maxIdleLinks = 32
	linkIdle     = 30 * time.Second
)

// errUnreachable is the error for a request that reached no worker: 503.
var errUnreachable = errors.New("cannot reach the pool")

// client holds the FastCGI connections into the pool.
//
// Concurrency: mu guards idle and closed; a link that was taken belongs to its request.
type client struct {
	dial Dial

	mu     sync.Mutex
	idle   []*link // the most recently used last
	closed bool
}

func newClient(dial Dial) *client { return &client{dial: dial} }

// ask sends a request's head and returns the connection that will bring the answer. It is closed when ctx ends, which the
// other side takes for an abort.
//
// A kept connection may turn out to have been closed by the other side. The next one is tried only if the write itself
// failed before PARAMS was complete: then nobody can have begun with the request. In every other case the script may have
// run, and so it is not run again.
//
// Errors: errUnreachable, wrapped.
func (c *client) ask(ctx context.Context, head []byte, params int) (*link, error) {
	for {
		l, err := c.take(ctx)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errUnreachable, err)
		}
		l.closeWith(ctx)
		n, err := l.conn.Write(head)
		if err == nil {
			return l, nil
		}
		l.close()
		if l.fresh || n >= params {
			return nil, fmt.Errorf("%w: %w", errUnreachable, err)
		}
	}
}

// take returns the most recently used connection that still stands, else a new one.
func (c *client) take(ctx context.Context) (*link, error) {
	for {
		l := c.pop()
		if l == nil {
			break
		}
		if l.stands() {
			return l, nil
		}
		l.close()
	}
	conn, err := c.dial(ctx)
	if err != nil {
		return nil, err
	}
	return newLink(conn), nil
}

func (c *client) pop() *link {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := len(c.idle)
	if n == 0 {
		return nil
	}
	l := c.idle[n-1]
	c.idle = c.idle[:n-1]
	return l
}

// put keeps a connection whose request is complete. The longest unused ones make room and are closed when they are stale.
func (c *client) put(l *link) {
	l.fresh, l.since = false, time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		l.close()
		return
	}
	c.idle = append(c.idle, l)
	for len(c.idle) > maxIdleLinks || time.Since(c.idle[0].since) > linkIdle {
		c.idle[0].close()
		c.idle = append(c.idle[:0], c.idle[1:]...)
	}
}

// close gives up all idle connections, and from now on each other one after its request.
func (c *client) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	for _, l := range c.idle {
		l.close()
	}
	c.idle = nil
}
