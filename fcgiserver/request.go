package fcgiserver

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"time"

	"howdah/internal/fcgi"
	"howdah/internal/request"
)

// Request is a request that has arrived whole. There is one per connection, used again and again.
type Request struct {
	conn   *conn
	ticket Ticket
	wire   []byte // as it goes to PHP
	sent   bool   // part of an answer went to the client
	ended  bool   // the upstream has answered or failed
	pid    int    // of the worker
	target target
	file   string // the script that it led to
	fields request.Fields
	limit  time.Duration // HOWDAH_TIMEOUT_MS of a trusted client; 0: none
	class  answerClass
	visit  visit
	turn   uint64 // counts the requests, so that what was started for one is not taken for the next
}

func (r *Request) reset() {
	r.turn++
	r.ticket, r.sent, r.pid, r.target, r.file, r.fields = nil, false, 0, target{}, "", request.Fields{}
	r.class = answerClass{}
	r.visit.reset()
	if cap(r.wire) > keepIn {
		r.wire = nil
	}
	r.wire = r.wire[:0]
}

// start parses the request's variables and has its script looked for.
func (r *Request) start() {
	c := r.conn
	s := c.srv
	p := &s.params
	if err := p.parse(c.assembly.params); err != nil {
		s.counters.Malformed++
		s.quiet.warn("malformed", fmt.Sprintf("a client's connection was closed, its request's params are broken: %v", err))
		c.close()
		return
	}
	r.setFields(p)
	r.arrived()
	t, ok := p.target()
	if !ok {
		if _, ok := p.get(requestMethod); !ok {
			r.empty("")
			return
		}
		r.missing("")
		return
	}
	r.target = t
	switch {
	case len(s.opts.Pages) > 0 && r.page():
		return
	case c.pages && r.fields.Method == nil:
		r.empty("404 Not Found")
		return
	case c.pages:
		r.missing(string(t.name))
		return
	}
	c.state = locating
	turn := r.turn
	sc, now := s.scripts.lookup(t.name, func(sc script) {
		if r.turn == turn { // else the client has gone meanwhile
			r.located(sc, true)
		}
	})
	if now {
		r.located(sc, false)
		return
	}
	s.watch.Enter(&c.limit)
}

// located goes on when the script is known, or known not to be there. later tells that other requests came in between, so
// that the shared table of variables has to be filled again.
func (r *Request) located(sc script, later bool) {
	c := r.conn
	s := c.srv
	p := &s.params
	if later {
		c.limit.Leave()
		_ = p.parse(c.assembly.params) // it was parsed before
	}
	_, hasMethod := p.get(requestMethod)
	if sc.verdict != found {
		r.fields.Script = []byte(sc.file)
	} else {
		r.fields.Script = r.target.name[:len(sc.file)]
	}
	switch {
	case sc.verdict == notFound && !hasMethod:
		r.empty("404 Not Found")
		return
	case !hasMethod:
		r.empty("")
		return
	case sc.verdict == notFound:
		r.missing(string(r.target.name))
		return
	case sc.verdict == unreadable:
		r.unreadable(sc.file)
		return
	case sc.verdict == irregular:
		r.irregular(sc.file)
		return
	case sc.verdict == denied:
		r.denied(sc.file)
		return
	case s.opts.Guardable != nil && r.setsAdminValue() && !(clean(sc.file) && s.opts.Guardable(sc.file)):
		r.wild(sc.file)
		return
	case s.opts.Guarded != nil && !(clean(sc.file) && s.opts.Guarded(sc.file)):
		r.wild(sc.file)
		return
	}
	r.file = sc.file
	if name, size := p.bodyFile(); size > 0 {
		r.fetchBody(name, size)
		return
	}
	r.submit()
}

// submit hands the request to the upstream. The server's table of variables is the request's.
func (r *Request) submit() {
	c := r.conn
	s := c.srv
	p := &s.params
	p.fixPathInfo(r.target, r.target.name[:len(r.file)])
	r.setFields(p)
	r.noteParams()
	if len(c.in) > 0 && abortAhead(c.in, c.assembly.id) {
		r.endEmpty()
		return
	}
	if !r.compose() {
		return
	}
	c.state, r.ended, r.limit = running, false, 0
	if c.trusted {
		r.limit = p.timeout()
	}
	s.watch.Enter(&c.limit)
	switch t := s.upstream.Submit(r); {
	case r.ended:
	case c.state == closed:
		t.Abort()
	default:
		r.ticket = t
	}
}

// compose makes the bytes that go to PHP. CONTENT_LENGTH is what arrived: PHP waits for it (fact 18).
func (r *Request) compose() bool {
	c := r.conn
	a, p := &c.assembly, &c.srv.params
	size := a.body.size
	if length, ok := p.get(contentLength); size > 0 || (ok && len(length) > 0) {
		if n, err := strconv.ParseInt(string(length), 10, 64); err != nil || n != size {
			p.set(nameContentLength, strconv.AppendInt(nil, size, 10))
		}
	}
	b := fcgi.AppendBeginRequest(r.wire[:0], a.id, fcgi.RoleResponder, fcgi.FlagKeepConn)
	w := fcgi.NewParamsWriter(b, a.id)
	for i := range p.list {
		if p.list[i].removed {
			continue
		}
		if string(p.list[i].name) == "HTTP_PROXY" { // the client's Proxy header, which programs would take for the machine's proxy
			continue
		}
		if !c.trusted && reserved(p.list[i].name) {
			continue
		}
		w.Add(p.list[i].name, p.list[i].value)
	}
	b, err := w.End()
	if err != nil {
		c.srv.counters.Malformed++
		c.srv.quiet.warn("malformed", fmt.Sprintf("a request was refused: PHP takes no variable that long: %v", err))
		r.refuse(400, "Bad Request", "A request variable is too long.\n", 0)
		return false
	}
	if a.body.file == nil && size > 0 {
		b = fcgi.AppendStream(b, fcgi.TypeStdin, a.id, a.body.mem)
	}
	// Without a body PHP reads no STDIN at all: an empty record would only cost it a read, at the start of its next request.
	if a.body.file == nil && size > 0 {
		b = fcgi.AppendHeader(b, fcgi.TypeStdin, a.id, 0, 0)
	}
	r.wire = b
	return true
}

// reserved tells the names that only Howdah's own parts may use: a script takes what is in them for true.
func reserved(name []byte) bool {
	return bytes.HasPrefix(name, []byte("HOWDAH_")) || bytes.HasPrefix(name, []byte("WS_"))
}

// timeout is the time limit that a request of Howdah's own parts has of itself.
func (p *params) timeout() time.Duration {
	for i := range p.list {
		if string(p.list[i].name) == "HOWDAH_TIMEOUT_MS" {
			n, _ := strconv.Atoi(string(p.list[i].value))
			return time.Duration(n) * time.Millisecond
		}
	}
	return 0
}

// Limit is the request's own time limit; 0: none.
func (r *Request) Limit() time.Duration { return r.limit }

// Wire is the request as records: all of it, unless its body lies in a file.
func (r *Request) Wire() []byte { return r.wire }

// Spill is a body that lies in a file.
func (r *Request) Spill() (body *os.File, sizeBytes int64) {
	return r.conn.assembly.body.file, r.conn.assembly.body.size
}

// RequestID is the client's number of the request; PHP gets the same, so that the answer's records pass unchanged.
func (r *Request) RequestID() uint16 { return r.conn.assembly.id }

// Begun notes the worker.
func (r *Request) Begun(pid int) {
	r.pid = pid
	r.workBegins()
}

// Output passes records of the answer on. It returns false when response_buffer is full.
func (r *Request) Output(records []byte) (more bool) {
	c := r.conn
	r.sent = true
	r.count(records, false)
	c.write(records)
	if n := len(c.out) - c.outAt; c.state == running && n > 0 && n >= c.srv.opts.ResponseBuffer {
		c.paused = true
		return false
	}
	return true
}

// End passes the last records of the answer on.
func (r *Request) End(records []byte) {
	c := r.conn
	r.ticket, r.ended = nil, true
	c.state = flushing // an error in write has no upstream to tell any more
	r.count(records, true)
	c.write(records)
	if c.state != closed {
		r.logAccess()
		c.finished()
	}
}

// count notes the class of the answer's status, and its head if it is to be logged. last says that nothing follows.
func (r *Request) count(records []byte, last bool) {
	if r.visit.log != nil {
		r.visit.head.look(records)
	}
	if r.class.look(records) || last && !r.class.known {
		r.conn.srv.counters.Answers[r.class.class]++
	}
}

// Fail answers in the upstream's place; if part of an answer is out, all that can be done is to close, which the web server
// takes for the broken answer that it is.
func (r *Request) Fail(status int, retryAfter time.Duration, cause string) {
	c := r.conn
	r.ticket, r.ended = nil, true
	c.state = flushing
	if r.sent {
		c.close()
		return
	}
	seconds := int((retryAfter + time.Second - 1) / time.Second)
	switch status {
	case 500:
		r.refuse(500, "Internal Server Error", "The web server asks for settings that cannot be in force ("+cause+").\n", seconds)
	case 502:
		r.refuse(502, "Bad Gateway", "The PHP process ended before it answered.\n", seconds)
	case 504:
		r.refuse(504, "Gateway Timeout", "PHP took too long to answer.\n", seconds)
	default:
		r.refuse(503, "Service Unavailable", "All PHP workers are busy ("+cause+").\n", seconds)
	}
}

// Note notes what the request is for those who ask later.
func (r *Request) Note(n *request.Note) { n.Set(&r.fields) }

// Info says what the request is. What it returns stays true after the request has ended.
func (r *Request) Info() request.Info { return r.fields.Info() }

// setFields takes from p what is worth telling of the request: parts of the bytes that it arrived in, so it costs no copy.
func (r *Request) setFields(p *params) {
	f := &r.fields
	f.Method, _ = p.get(requestMethod)
	f.URI, _ = p.get(scriptName)
	f.Query, _ = p.get(queryString)
	f.Authorization, _ = p.get(httpAuthorization)
	f.ContentLength = r.conn.assembly.body.size
}

// Describe returns the script and the request line as php-fpm has them in its log: "GET /index.php?q".
func (r *Request) Describe() (scriptFile, requestLine string) {
	f := &r.fields
	requestLine = string(f.Method) + " " + string(f.URI)
	if len(f.Query) > 0 {
		requestLine += "?" + string(f.Query)
	}
	return r.file, requestLine
}
