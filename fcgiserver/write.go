package fcgiserver

import (
	"golang.org/x/sys/unix"

	"howdah/internal/fcgi"
	"howdah/internal/reactor"
)

// write sends b, or keeps what the socket does not take. It may find that the client has gone, and then closes.
func (c *conn) write(b []byte) {
	if c.outAt < len(c.out) {
		c.out = append(c.out, b...)
		return
	}
	n, errno := reactor.Write(c.fd, b)
	if errno == unix.EAGAIN {
		n, errno = 0, 0
	}
	if errno != 0 {
		c.clientGone()
		return
	}
	if n < len(b) {
		c.out, c.outAt = append(c.out[:0], b[n:]...), 0
		c.watch(reactor.Out | reactor.RdHup)
	}
}

// flush sends what was kept. It reports whether the connection is still open.
func (c *conn) flush() bool {
	before := c.outAt
	for c.outAt < len(c.out) {
		n, errno := reactor.Write(c.fd, c.out[c.outAt:])
		if errno == unix.EAGAIN {
			break
		}
		if errno != 0 {
			c.clientGone()
			return false
		}
		c.outAt += n
	}
	if left := len(c.out) - c.outAt; left > 0 {
		if c.state == flushing && c.outAt > before {
			c.srv.flushing.Enter(&c.limit)
		}
		if c.outAt > left { // the memory of what was sent is worth having back
			c.out = append(c.out[:0], c.out[c.outAt:]...)
			c.outAt = 0
		}
		if left <= c.srv.opts.ResponseBuffer/2 {
			c.resume()
		}
		return c.state != closed
	}
	c.out, c.outAt = trim(c.out), 0
	if c.state == flushing {
		c.next()
		return c.state != closed
	}
	c.watch(c.input())
	c.resume()
	return c.state != closed
}

// resume has the upstream go on with the answer.
func (c *conn) resume() {
	if c.paused && c.state == running {
		c.paused = false
		c.request.ticket.Resume()
	}
}

// abortAhead tells whether b starts with an ABORT_REQUEST of the request that runs.
func abortAhead(b []byte, id uint16) bool {
	for len(b) >= fcgi.HeaderLen {
		h, err := fcgi.ParseHeader(b)
		if err != nil || len(b) < h.Len() {
			return false
		}
		if h.Type == fcgi.TypeAbortRequest && h.RequestID == id {
			return true
		}
		if h.Type == fcgi.TypeBeginRequest {
			return false
		}
		b = b[h.Len():]
	}
	return false
}
