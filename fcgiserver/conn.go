package fcgiserver

import (
	"fmt"

	"golang.org/x/sys/unix"

	"howdah/internal/reactor"
)

type connState uint8

const (
	reading  connState = iota // a request is arriving, or none has begun
	locating                  // its script is being looked for
	running                   // the upstream has it
	flushing                  // the answer is complete and not all written
	closed
)

// keepIn is how much memory a connection may keep for input between requests.
const keepIn = 16 << 10

// maxAhead is how much a client may send beyond the request that runs before it has to wait.
const maxAhead = 64 << 10

// conn is one connection from the web server. Its requests are served one after the other. It is registered with the loop
// only when a read would block, or when its request runs for long: a short request on a connection of its own costs no
// epoll_ctl.
type conn struct {
	srv        *Server
	fd         int
	tcp        bool
	trusted    bool // Howdah's own
	named      bool // what it says of PHP's settings counts: it is local, or listen.allowed_clients names it
	pages      bool // it comes from a listener for pages
	state      connState
	registered bool   // with the loop
	interest   uint32 // what the loop watches fd for
	served     int    // requests begun
	in         []byte // the start of a record that is not whole, or what came ahead of its turn
	turn       bool   // what came ahead has its turn at the end of the batch
	out        []byte // answer that the socket did not take; outAt is where it starts
	outAt      int
	paused     bool // the upstream was told to wait
	brief      bool // the deadline is that of a body which may not come
	limit      reactor.Deadline
	assembly   assembly
	request    Request
	again      func() // feeds what came ahead
	reuse      func() // gives it back to the server
}

func newConn(s *Server) *conn {
	c := &conn{srv: s, fd: -1}
	c.limit.Expired = c.expired
	c.request.conn = c
	c.again = func() {
		if c.turn {
			c.turn = false
			c.feed(c.in, true)
		}
	}
	c.reuse = func() {
		c.state = reading
		s.closed(c)
	}
	return c
}

// Ready is called by the loop.
func (c *conn) Ready(events uint32) {
	if events&reactor.Out != 0 && !c.flush() {
		return
	}
	// A Unix peer that only shut its writing side down still reads; one that closed is Hup. A TCP peer's FIN can mean either,
	// and almost always means the latter.
	gone := events&(reactor.Hup|reactor.Err) != 0 || (c.tcp && events&reactor.RdHup != 0)
	if gone && c.state != reading {
		c.clientGone()
		return
	}
	if events&(reactor.In|reactor.Hup|reactor.RdHup|reactor.Err) != 0 {
		c.readable()
	}
}

// watch sets what the loop watches the connection for.
func (c *conn) watch(events uint32) {
	if c.interest == events {
		return
	}
	var err error
	if c.registered {
		err = c.srv.loop.Modify(c.fd, events)
	} else {
		err = c.srv.loop.Add(c.fd, events, c)
	}
	c.registered, c.interest = true, events
	if err != nil {
		c.srv.log.Error(fmt.Sprintf("cannot watch a connection: %v", err))
		c.clientGone()
	}
}

// input is what the loop is to watch for besides room for the answer: less while the client is too far ahead, be it with
// requests or in reading its answers.
func (c *conn) input() uint32 {
	switch {
	case c.state == reading && len(c.out)-c.outAt > maxAhead:
		return 0
	case c.state != reading && len(c.in) > maxAhead:
		return reactor.RdHup
	}
	return reactor.In | reactor.RdHup
}

// readable takes what has arrived.
func (c *conn) readable() {
	s := c.srv
	if c.turn {
		return // first what came before; the loop calls again
	}
	n, errno := reactor.Read(c.fd, s.scratch)
	switch {
	case errno == unix.EAGAIN:
		c.await()
	case errno != 0 || n == 0:
		c.ended()
	case c.state != reading:
		c.ahead(s.scratch[:n])
	case len(c.in) == 0:
		c.feed(s.scratch[:n], false)
	default:
		c.in = append(c.in, s.scratch[:n]...)
		c.feed(c.in, true)
	}
}

// await has the loop call when there is more.
func (c *conn) await() {
	events := c.input()
	if c.outAt < len(c.out) {
		events |= reactor.Out
	}
	c.watch(events)
	if c.state != reading {
		return
	}
	c.brief = c.assembly.stage == stageStdin && c.assembly.body.size == 0 && len(c.in) == 0
	switch {
	case c.brief:
		c.srv.bodiless.Enter(&c.limit)
	case c.served > 0 && c.assembly.stage == stageBegin && len(c.in) == 0:
		if !c.trusted {
			c.srv.keepAlive.Enter(&c.limit)
		}
	default:
		c.srv.receive.Enter(&c.limit)
	}
}

// feed puts b through the assembly, and what is left of it aside. kept tells that b is what c.in holds: the rest stays where it
// is, however small the steps.
func (c *conn) feed(b []byte, kept bool) {
	a := &c.assembly
	a.body.memLimit, a.body.dir = c.srv.opts.BodyBuffer, c.srv.opts.BodyDir
	n, err := a.take(b)
	switch {
	case n == len(b):
		c.in = trim(c.in)
	case kept:
		c.in = b[n:]
	default:
		c.in = append(c.in, b[n:]...)
	}
	if len(a.reply) > 0 {
		c.write(a.reply)
		a.reply = a.reply[:0]
		if c.state == closed {
			return
		}
	}
	switch {
	case err != nil:
		c.srv.counters.Malformed++
		c.srv.quiet.warn("malformed", fmt.Sprintf("a client's connection was closed, it does not speak FastCGI: %v", err))
		c.close()
	case a.stage == stageDone:
		c.complete()
	case a.closes:
		c.finished()
	default:
		c.await()
	}
}

// complete is called when a request has arrived whole.
func (c *conn) complete() {
	s := c.srv
	c.limit.Leave()
	s.counters.Requests++
	if c.served++; c.served > 1 {
		s.counters.Reused++
	}
	if c.assembly.body.spilled {
		s.counters.Spilled++
	}
	switch {
	case c.assembly.abort:
		c.request.endEmpty()
	case c.assembly.body.err != nil:
		s.quiet.warn("body", fmt.Sprintf("%v (in %s)", c.assembly.body.err, s.opts.BodyDir))
		if s.params.parse(c.assembly.params) == nil {
			c.request.setFields(&s.params)
			c.request.arrived()
		}
		c.request.refuse(503, "Service Unavailable", "The request body cannot be stored.\n", 10)
	default:
		c.request.start()
	}
}

// ahead keeps what a client sends while its request runs, in case it is the next request; and looks whether it gives up.
func (c *conn) ahead(b []byte) {
	c.in = append(c.in, b...)
	switch {
	case c.state == running && abortAhead(c.in, c.assembly.id):
		if c.request.sent { // perhaps a part of a record: nothing can follow it
			c.clientGone()
			return
		}
		c.request.ticket.Abort()
		c.request.endEmpty()
	case len(c.in) > maxAhead:
		c.watch(c.interest &^ reactor.In)
	}
}

// ended is called when the client's side has ended.
func (c *conn) ended() {
	if c.state == reading {
		c.close()
		return
	}
	if c.tcp {
		c.clientGone()
		return
	}
	c.watch(c.interest &^ (reactor.In | reactor.RdHup)) // it reads on; only its closing matters now
}

// clientGone gives the request up, with whatever it is doing, and closes.
func (c *conn) clientGone() {
	if t := c.request.ticket; c.state == running && t != nil {
		t.Abort()
	}
	c.close()
}

// expired is called when the line that the connection stands in has run out for it.
func (c *conn) expired() {
	switch {
	case c.state == running || c.state == locating:
		c.watch(c.interest | c.input())
	case c.state == flushing:
		c.srv.counters.Unread++
		c.srv.quiet.warn("unread", fmt.Sprintf("a client's connection was closed: it read nothing of its answer, which is complete, for %v", flushTimeout))
		c.close()
	case c.brief:
		c.brief = false
		if c.bodiless() {
			c.assembly.stage = stageDone // should the end of its STDIN still come, it is of no request
			c.complete()
			return
		}
		c.srv.receive.Enter(&c.limit)
	case (c.served > 0 || c.srv.draining) && c.assembly.stage == stageBegin && len(c.in) == 0:
		c.close()
	default:
		c.srv.counters.ReceiveLate++
		c.srv.quiet.warn("late", fmt.Sprintf("a request did not arrive in time: nothing came for receive_timeout (%v)", c.srv.opts.ReceiveTimeout))
		c.close()
	}
}

// drain prepares for the end: an idle connection is closed, others after their answer.
func (c *conn) drain() {
	if c.state != reading || c.assembly.stage != stageBegin || len(c.in) > 0 {
		return
	}
	if c.served > 0 {
		c.close()
		return
	}
	c.srv.grace.Enter(&c.limit) // its request is on the way
}

// finished is called when the answer's last byte has been handed to write.
func (c *conn) finished() {
	c.limit.Leave()
	if c.outAt < len(c.out) {
		c.state = flushing
		c.srv.flushing.Enter(&c.limit)
		return
	}
	c.next()
}

// next closes the connection, or turns to its next request.
func (c *conn) next() {
	keep := c.assembly.begin.KeepConn() && !c.srv.draining
	c.assembly.reset()
	c.request.reset()
	if !keep {
		c.close()
		return
	}
	c.state = reading
	c.out, c.outAt, c.paused = trim(c.out), 0, false
	if len(c.in) > 0 {
		c.turn = true
		c.srv.loop.AtBatchEnd(c.again) // not deeper on this stack: a client may have sent a thousand
		return
	}
	c.await()
}

// close ends the connection for good.
func (c *conn) close() {
	if c.state == closed {
		return
	}
	c.request.logAccess() // it was given up
	c.state = closed
	c.limit.Leave()
	c.srv.loop.Forget(c.fd)
	reactor.Close(c.fd)
	c.assembly.reset()
	c.request.reset()
	c.fd, c.registered, c.interest, c.served, c.turn, c.outAt, c.paused = -1, false, 0, 0, false, 0, false
	c.in, c.out = trim(c.in), trim(c.out)
	c.srv.loop.AtBatchEnd(c.reuse) // not before: who called us may still look at it
}

// trim empties b, and keeps its memory if that is little.
func trim(b []byte) []byte {
	if cap(b) > keepIn {
		return nil
	}
	return b[:0]
}
