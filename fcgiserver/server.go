package fcgiserver

import (
	"fmt"
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"howdah/internal/fsuser"
	"howdah/internal/reactor"
)

const (
	// scratchLen is the read buffer that all connections of a server share: a usual request, whole.
	scratchLen = 128 << 10
	// acceptBurst is how many connections one readiness of a listener may bring before others get their turn.
	acceptBurst = 64
	// watchAfter is how long a request may run before its connection is watched for the client's leaving: a short one never
	// pays the system call.
	watchAfter = time.Second
	// drainGrace is how long a connection that was just made may take to begin its request while the server drains.
	drainGrace = time.Second
	// bodyGrace is how long the end of a body is waited for that cannot have a first byte: CONTENT_LENGTH says that there is none.
	bodyGrace = 100 * time.Millisecond
	// flushTimeout is how long a client may leave its complete answer unread.
	flushTimeout = time.Minute
	// acceptPause is how long accepting rests when no descriptor is left.
	acceptPause = 100 * time.Millisecond
)

// Upstream runs requests. Submit may end the request before it returns; the ticket is of no use then.
type Upstream interface {
	Submit(*Request) Ticket
}

// Ticket is a request's way to its upstream while it has not ended.
type Ticket interface {
	// Abort says that the client has gone. The request's methods are not called any more.
	Abort()
	// Resume says that the client takes more of the answer.
	Resume()
}

// Options are the plain values a server works by. Bytes and durations; checked by whoever made them.
type Options struct {
	ReceiveTimeout   time.Duration // between bytes of a request
	KeepAliveTimeout time.Duration // between requests of a connection
	MaxConnections   int
	ResponseBuffer   int    // of an answer, kept for a slow client before PHP has to wait
	BodyBuffer       int    // of a body in memory; the rest goes to a file
	BodyDir          string // where such files go
	LimitExtensions  []string
	LookAs           *fsuser.User             // whose access decides whether a script is there: the workers'; nil: ours
	Guarded          func(script string) bool // tells whether php_admin_value holds for it; nil: there is none
	Guardable        func(script string) bool // tells whether a PHP_ADMIN_VALUE would hold for it; nil: it always would
	PoweredBy        string                   // X-Powered-By of our answers in PHP's name; "" if expose_php is off
	Pages            map[string]Page          // by SCRIPT_NAME
}

// Counters are totals since the server was made.
type Counters struct {
	Connections   uint64 // accepted
	Active        int    // open now
	Requests      uint64 // complete
	Reused        uint64 // requests on a connection that had brought one before
	Spilled       uint64 // bodies that went to a file
	Missing       uint64 // answered 404 without PHP
	Denied        uint64 // answered 403 without PHP
	Malformed     uint64 // connections closed because they did not speak FastCGI
	ReceiveLate   uint64 // connections closed by receive_timeout
	Unread        uint64 // connections closed because a complete answer was not read
	Refused       uint64 // peers not among listen.allowed_clients
	FullyOccupied uint64 // times accepting had to rest at max_connections

	Answers [6]uint64 // that began to leave, by the class of their status; 0: no head was seen
}

// Server is the front of one pool. Its methods are called on the loop, except Wait.
type Server struct {
	name      string
	loop      *reactor.Loop
	log       *slog.Logger
	opts      Options
	upstream  Upstream
	listeners map[*Listener]bool // true: watched
	pagesOnly map[*Listener]struct{}
	conns     map[*conn]struct{}
	pageConns int // of them, from listeners for pages
	spare     []*conn
	scratch   []byte
	params    params
	scripts   scripts
	counters  Counters

	receive, keepAlive, watch *reactor.Deadlines
	bodiless, flushing        *reactor.Deadlines
	grace                     *reactor.Deadlines // while draining: for the first byte on a connection
	rest                      *reactor.Timer     // accepting rests until then
	draining                  bool
	trusting                  bool // AttachTrusted is under way
	drained                   func()
	quiet                     quiet
	access                    accessLines

	background sync.WaitGroup
}

// NewServer makes a server that listens nowhere yet. It must be called on the loop.
func NewServer(name string, loop *reactor.Loop, log *slog.Logger, o Options, up Upstream) *Server {
	s := &Server{name: name, loop: loop, log: log, upstream: up, scratch: make([]byte, scratchLen),
		listeners: map[*Listener]bool{}, pagesOnly: map[*Listener]struct{}{}, conns: map[*conn]struct{}{}}
	s.scripts = scripts{srv: s, entries: map[string]*scriptEntry{}, looks: make(chan struct{}, scriptLooks)}
	s.receive = loop.NewDeadlines(o.ReceiveTimeout)
	s.keepAlive = loop.NewDeadlines(o.KeepAliveTimeout)
	s.watch = loop.NewDeadlines(watchAfter)
	s.bodiless = loop.NewDeadlines(bodyGrace)
	s.flushing = loop.NewDeadlines(flushTimeout)
	s.grace = loop.NewDeadlines(drainGrace)
	s.rest = loop.NewTimer(s.acceptAgain)
	s.quiet = quiet{log: log, now: loop.Now}
	s.initAccess()
	s.SetOptions(o)
	return s
}

// SetOptions changes the values for what comes from now on.
func (s *Server) SetOptions(o Options) {
	s.opts = o
	s.receive.SetDuration(o.ReceiveTimeout)
	s.keepAlive.SetDuration(o.KeepAliveTimeout)
	clear(s.scripts.entries)
	s.acceptAgain()
}

// Listen accepts from l. The listener stays the caller's, who calls Unlisten before he closes it.
func (s *Server) Listen(l *Listener) error {
	if err := s.loop.Add(l.FD(), reactor.In, reactor.HandlerFunc(func(uint32) { s.accept(l) })); err != nil {
		return fmt.Errorf("cannot accept on %s: %w", l.Address(), err)
	}
	if l.Network() == "tcp" { // accepted sockets inherit it: an answer's end must not wait for an acknowledgement
		_ = unix.SetsockoptInt(l.FD(), unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
	}
	s.listeners[l] = true
	return nil
}

// Unlisten stops accepting from l.
func (s *Server) Unlisten(l *Listener) {
	if s.listeners[l] {
		s.loop.Remove(l.FD())
	}
	delete(s.listeners, l)
	delete(s.pagesOnly, l)
}

// accept takes what waits at a listener.
func (s *Server) accept(l *Listener) {
	for range acceptBurst {
		if !s.hasRoom(l) {
			s.counters.FullyOccupied++
			s.quiet.warn("full", fmt.Sprintf("%d connections are open, max_connections allows no more: the others wait", len(s.conns)))
			s.pause(false)
			return
		}
		fd, errno := reactor.Accept(l.FD())
		switch errno {
		case 0:
		case unix.EAGAIN:
			return
		default:
			s.quiet.warn("accept", fmt.Sprintf("cannot accept on %s: %v; trying again in %v", l.Address(), errno, acceptPause))
			s.pause(true)
			s.rest.Set(acceptPause)
			return
		}
		named := true
		if l.Network() == "tcp" {
			peer := peerAddr(fd)
			named = l.Named(peer)
			if !l.Allowed(peer) {
				s.counters.Refused++
				s.quiet.warn("refused", fmt.Sprintf("Connection disallowed: IP address '%s' has been dropped.", peer))
				reactor.Close(fd)
				continue
			}
		}
		if _, ok := s.pagesOnly[l]; ok {
			s.attachForPages(fd, l)
			continue
		}
		s.attach(fd, l.Network() == "tcp", named, false)
	}
}

func peerAddr(fd int) netip.Addr {
	sa, err := unix.Getpeername(fd)
	if err != nil {
		return netip.Addr{}
	}
	switch sa := sa.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrFrom4(sa.Addr)
	case *unix.SockaddrInet6:
		return netip.AddrFrom16(sa.Addr)
	}
	return netip.Addr{}
}

// Attach takes over fd, a nonblocking stream socket, as a connection that was just accepted. It is the way in for the
// embedded front, too.
func (s *Server) Attach(fd int, tcp bool) { s.attach(fd, tcp, !tcp, false) }

func (s *Server) attach(fd int, tcp, named, pages bool) {
	if s.draining {
		reactor.Close(fd)
		return
	}
	var c *conn
	if n := len(s.spare); n > 0 {
		c, s.spare = s.spare[n-1], s.spare[:n-1]
	} else {
		c = newConn(s)
	}
	c.fd, c.tcp, c.trusted, c.named, c.pages = fd, tcp, s.trusting, named, pages
	if pages {
		s.pageConns++
	}
	s.conns[c] = struct{}{}
	s.counters.Connections++
	c.readable()
}

// AttachTrusted is Attach for a connection from Howdah's own parts. Only they may set variables whose names begin with HOWDAH_, and
// a connection of theirs may be idle for as long as it likes.
func (s *Server) AttachTrusted(fd int) {
	s.trusting = true
	s.Attach(fd, false)
	s.trusting = false
}

// pause stops accepting until there is room, from listeners for pages only if all are meant.
func (s *Server) pause(all bool) {
	for l, watched := range s.listeners {
		if _, pages := s.pagesOnly[l]; watched && (all || !pages) {
			s.loop.Remove(l.FD())
			s.listeners[l] = false
		}
	}
}

// acceptAgain ends a pause.
func (s *Server) acceptAgain() {
	if s.draining {
		return
	}
	for l, watched := range s.listeners {
		if watched {
			continue
		}
		if err := s.loop.Add(l.FD(), reactor.In, reactor.HandlerFunc(func(uint32) { s.accept(l) })); err == nil {
			s.listeners[l] = true
		}
	}
}

// closed is called when a connection has been closed.
func (s *Server) closed(c *conn) {
	delete(s.conns, c)
	if c.pages {
		s.pageConns--
	}
	if len(s.spare) < 256 {
		s.spare = append(s.spare, c)
	}
	if len(s.conns)-s.pageConns == s.opts.MaxConnections-1 && !s.rest.Active() {
		s.acceptAgain()
	}
	s.settle()
}

// Drain takes the connections that wait, stops accepting, closes what is idle, and calls done when the last request is
// answered and its connection closed.
func (s *Server) Drain(done func()) {
	for more := true; more; {
		before := s.counters.Connections
		for l := range s.listeners {
			s.accept(l)
		}
		more = s.counters.Connections > before
	}
	s.draining, s.drained = true, done
	s.rest.Stop()
	for l := range s.listeners {
		s.Unlisten(l)
	}
	for c := range s.conns {
		c.drain()
	}
	s.settle()
}

func (s *Server) settle() {
	if s.draining && len(s.conns) == 0 && s.drained != nil {
		done := s.drained
		s.drained = nil
		s.flushAccess()
		done()
	}
}

// Close closes every connection, whatever it carries.
func (s *Server) Close() {
	s.draining = true
	s.rest.Stop()
	for l := range s.listeners {
		s.Unlisten(l)
	}
	for c := range s.conns {
		c.clientGone()
	}
	s.flushAccess()
}

// Stats returns a copy of the counters.
func (s *Server) Stats() Counters {
	c := s.counters
	c.Active = len(s.conns)
	return c
}

// Wait returns when nothing of the server runs off the loop. It is called off the loop, after Close or Drain.
func (s *Server) Wait() { s.background.Wait() }
