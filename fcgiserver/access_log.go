package fcgiserver

import (
	"bytes"
	"os"
	"time"

	"howdah/internal/accesslog"
	"howdah/internal/reactor"
)

const (
	// accessDelay is how long a line may wait for others, so that a busy server hands many over at once.
	accessDelay = 50 * time.Millisecond
	// accessBatch is how many bytes of lines are handed over without waiting for more.
	accessBatch = 64 << 10
	// statusGone is logged for a request whose client went before there was a status. nginx has the same number.
	statusGone = 499
)

// AccessLog says what is written about each request that was answered.
type AccessLog struct {
	Format   *accesslog.Format // of this server alone
	Suppress []string          // paths whose plain successful requests are left out
	// Write takes lines, which are its own to keep. Called on the loop.
	Write func(lines []byte, n int)
	// Measure tells what a process has used so far, reset with the peak of its memory begun anew. It is called only if Format shows
	// it, on the loop; it may read /proc.
	Measure func(pid int, reset bool) Usage
}

// Usage is what a process has used.
type Usage struct {
	User, System time.Duration // processor time, with that of its children
	Memory       uint64        // resident bytes: when reset those of now, else the peak
}

// accessLines are lines that have not been handed over.
type accessLines struct {
	log   *AccessLog // nil: no lines are made
	buf   []byte
	lines int
	last  time.Duration // when some were handed over
	timer *reactor.Timer
	entry accesslog.Entry
	due   bool // they are handed over at the end of the batch
	end   func()
}

func (s *Server) initAccess() {
	s.access.timer = s.loop.NewTimer(s.flushAccess)
	s.access.end = func() { s.access.due = false; s.flushAccess() }
	s.access.last = -accessDelay
}

// SetAccessLog has what is answered from now on written to log; nil for none. When it returns, the log before is not used any more.
func (s *Server) SetAccessLog(log *AccessLog) {
	s.flushAccess()
	s.access.log = log
}

// flushAccess hands over the lines that there are.
func (s *Server) flushAccess() {
	a := &s.access
	a.timer.Stop()
	if a.lines == 0 {
		return
	}
	a.log.Write(bytes.Clone(a.buf), a.lines)
	a.buf, a.lines, a.last = a.buf[:0], 0, s.loop.Now()
}

// visit is what the access log wants to know of a request besides its fields.
type visit struct {
	log      *AccessLog // nil: it is not logged, or has been
	accepted time.Duration
	wall     time.Time
	begun    time.Duration // by a worker; 0 before
	before   Usage
	params   [][]byte
	head     answerHead
}

// reset keeps the memory that v has.
func (v *visit) reset() {
	v.head.reset()
	clear(v.params)
	*v = visit{params: v.params[:0], head: v.head}
}

// arrived begins the request's line. The server's table of variables is the request's. What comes to an address for pages is not
// logged: php-fpm's pool for pm.status_listen has no access log.
func (r *Request) arrived() {
	s := r.conn.srv
	v := &r.visit
	if v.log = s.access.log; v.log == nil || r.conn.pages {
		v.log = nil
		return
	}
	v.accepted, v.wall = s.loop.Now(), time.Now()
	r.noteParams()
}

// noteParams keeps the variables that the format shows.
func (r *Request) noteParams() {
	v := &r.visit
	if v.log == nil {
		return
	}
	v.params = v.params[:0]
	for _, name := range v.log.Format.Params {
		v.params = append(v.params, r.conn.srv.params.find(name))
	}
}

// workBegins is called when a worker has the request.
func (r *Request) workBegins() {
	v := &r.visit
	if v.log == nil {
		return
	}
	v.begun = r.conn.srv.loop.Now()
	if v.log.Format.Usage && v.log.Measure != nil {
		v.before = v.log.Measure(r.pid, true)
	}
}

// logAccess writes the request's line, unless that has been done.
func (r *Request) logAccess() {
	c, v := r.conn, &r.visit
	if v.log == nil {
		return
	}
	s := c.srv
	a, e, now := &s.access, &s.access.entry, s.loop.Now()
	*e = accesslog.Entry{Fields: &r.fields, Pool: s.name, PID: r.pid, Master: os.Getpid(), Status: v.head.status(), Head: v.head.bytes, Params: v.params,
		Accepted: v.wall, Logged: v.wall.Add(now - v.accepted)}
	if v.begun > 0 {
		e.Queue, e.Duration = v.begun-v.accepted, now-v.begun
	} else {
		e.PID, e.Duration = e.Master, now-v.accepted
	}
	log := v.log
	v.log = nil
	if e.Suppressed(log.Suppress) {
		return
	}
	if log.Format.Usage && log.Measure != nil && v.begun > 0 {
		after := log.Measure(r.pid, false)
		e.User, e.System = max(after.User-v.before.User, 0), max(after.System-v.before.System, 0)
		if after.Memory > v.before.Memory {
			e.Memory = after.Memory - v.before.Memory
		}
	}
	if log.Format.Peer && c.tcp {
		e.Peer = peerAddr(c.fd).String()
	}
	if a.log == nil { // it was turned off meanwhile
		return
	}
	a.buf = log.Format.Append(a.buf, e)
	a.lines++
	switch {
	case a.due:
	case len(a.buf) >= accessBatch || now-a.last >= accessDelay:
		a.due = true
		s.loop.AtBatchEnd(a.end)
	case !a.timer.Active():
		a.timer.Set(accessDelay - (now - a.last))
	}
}
