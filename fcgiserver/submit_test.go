package fcgiserver

import (
	"testing"

	"golang.org/x/sys/unix"
)

func TestWhatSubmitDoesBeforeItReturns(t *testing.T) {
	for _, c := range []struct {
		name   string
		submit func(f *front, r *Request)
		client func(c *client)
		abort  bool // the ticket is told that the client has gone
	}{
		{"ends the request", func(f *front, r *Request) { r.End(answered(1, "x")) }, func(c *client) { c.wantAnswer(1, "x"); c.wantOpen() }, false},
		{"fails it", func(f *front, r *Request) { r.Fail(503, 0, "queue_full") }, func(c *client) { c.answer(); c.wantOpen() }, false},
		{"sends part of the answer and fails", func(f *front, r *Request) { r.Output(records{}.raw(6, 1, "half", 0)); r.Fail(502, 0, "worker_died") },
			func(c *client) { c.wantRecord(6, 1, "half"); c.wantClosed() }, false},
		{"finds that the client has gone", func(f *front, r *Request) {
			unix.Shutdown(r.conn.fd, unix.SHUT_WR) // the next write fails
			r.Output(records{}.raw(6, 1, "half", 0))
		}, func(c *client) { c.wantClosed() }, true},
		{"ends the request of a client that has gone", func(f *front, r *Request) {
			unix.Shutdown(r.conn.fd, unix.SHUT_WR)
			r.End(answered(1, "x"))
		}, func(c *client) { c.wantClosed() }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := startFront(t, nil)
			ticket := &job{f: f, aborted: make(chan struct{})}
			f.submit = func(r *Request) Ticket {
				c.submit(f, r)
				return ticket
			}
			cl := f.client()
			cl.send(records{}.get(1, 1, f.script()))
			c.client(cl)
			if c.abort {
				ticket.wantAborted()
			} else {
				ticket.wantNotAborted()
			}
		})
	}
}
