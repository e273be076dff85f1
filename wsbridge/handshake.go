package wsbridge

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gorilla/websocket"
)

// HealthPath answers 200 while WebSockets are taken, and 503 from a stop on.
const HealthPath = "/_howdah/health"

// readBuffer is what each connection keeps to read into, in bytes. There is none for writing.
const readBuffer = 1024

// maxParams bounds the variables of an upgrade request: one FastCGI record.
const maxParams = 60 << 10

// Serve answers r if its path is a route's or the health check's, and reports whether it did. When it returns, the connection is a
// WebSocket or the answer is written.
func (b *Bridge) Serve(w http.ResponseWriter, r *http.Request) bool {
	if r.URL.Path == HealthPath {
		b.health(w)
		return true
	}
	route := b.match(r.URL.Path)
	if route == nil {
		return false
	}
	b.upgrade(w, r, route)
	return true
}

func (b *Bridge) health(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if b.admission.isShut() {
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprintln(w, "draining")
		return
	}
	fmt.Fprintln(w, "ok")
}

// upgrade makes a WebSocket of a request, if PHP agrees.
func (b *Bridge) upgrade(w http.ResponseWriter, r *http.Request, route *route) {
	b.counters.Handshakes.Add(1)
	o := b.opts()
	if why, ok := handshakeFault(r); !ok {
		b.refuse(w, why, 0)
		return
	}
	who := identify(r, o)
	if !originAllowed(r, o.Origins) {
		b.note("origin", "a page of %q may not open %s on %q (name it in origins, or have nginx pass the host on: proxy_set_header Host $http_host)",
			r.Header.Get("Origin"), route.path, r.Host)
		b.refuse(w, badOrigin, 0)
		return
	}
	s := &Session{bridge: b, route: route, address: who.address(), from: who.addr, over: make(chan struct{}), answered: make(chan outcome, 1)}
	if !s.describe(r, who, o) {
		b.refuse(w, longHandshake, 0)
		return
	}
	if why, wait, ok := b.admission.enter(who.addr, o, b.now()); !ok {
		if why == full {
			b.note("full", "%d WebSockets are open, which is all that max_connections or the descriptor limit allow: others are refused", o.MaxConnections)
		}
		b.refuse(w, why, wait)
		return
	}
	s.deflate = o.Deflate && mayDeflate(r)
	s.opened = b.now()
	s.openBy = s.opened + o.OpenTimeout
	b.hub.add(s)
	s.push(event{kind: openEvent})
	out, answered := b.await(s, r, o.OpenTimeout)
	b.admission.asked()
	if !answered {
		b.refuse(w, openTimeout, retryFull)
		return
	}
	b.conclude(w, r, s, out)
}

// await waits for what PHP says. When that takes too long the session is given up, and what PHP then says is dealt with later.
func (b *Bridge) await(s *Session, r *http.Request, limit time.Duration) (out outcome, answered bool) {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case out = <-s.answered:
		return out, true
	case <-timer.C:
	case <-r.Context().Done():
	case <-b.done:
	}
	b.background.Go(func() {
		out := <-s.answered
		b.drop(s, out.accepted())
	})
	return outcome{}, false
}

// drop ends a session that never became a WebSocket. If PHP had accepted it, PHP is told.
func (b *Bridge) drop(s *Session, accepted bool) {
	b.hub.remove(s)
	b.admission.leave(s.from)
	if accepted {
		s.push(event{kind: closeEvent, code: codeAbnormal})
	}
}

// conclude answers the client as PHP has decided.
func (b *Bridge) conclude(w http.ResponseWriter, r *http.Request, s *Session, out outcome) {
	s.mu.Lock()
	v := s.verdict
	s.mu.Unlock()
	switch {
	case out.err != nil:
		b.drop(s, false)
		b.refuse(w, openFailed, retryFull)
		return
	case v.refused >= 3000: // accepted, to be closed: the client learns why
	case !v.accepted || out.status >= 500:
		b.drop(s, false)
		refuseAsScript(w, out, v)
		return
	}
	if chosen := v.subprotocol; chosen != "" {
		if slices.Contains(s.route.conf.Load().Subprotocols, chosen) && agree(r, []string{chosen}) != "" {
			s.subprotocol = chosen
		} else {
			b.warn("subprotocol", "the script for %s accepted a subprotocol that the route or the client does not have: %q is agreed on", s.route.path, s.subprotocol)
		}
	}
	header := http.Header{}
	for _, cookie := range out.cookies {
		header.Add("Set-Cookie", cookie)
	}
	if s.subprotocol != "" {
		header.Set("Sec-Websocket-Protocol", s.subprotocol)
	}
	u := websocket.Upgrader{ReadBufferSize: readBuffer, WriteBufferPool: noBuffers{}, WriteBufferSize: 512, EnableCompression: s.deflate,
		CheckOrigin: func(*http.Request) bool { return true }, HandshakeTimeout: b.opts().WriteTimeout}
	s.wire.session = s
	ws, err := u.Upgrade(hijacker{w, &s.wire}, r, header)
	if err != nil {
		b.drop(s, v.accepted)
		return
	}
	s.wire.upgraded.Store(true)
	s.start(ws)
	if v.refused >= 3000 {
		s.close(kicked, v.refused, v.text)
	}
}

// start lets frames pass.
func (s *Session) start(ws *websocket.Conn) {
	b := s.bridge
	s.ws = ws
	ws.SetReadLimit(int64(b.opts().MessageBytes))
	ws.SetPingHandler(func(data string) error {
		s.throttle()
		s.put(appendFrame(nil, opPong, []byte(data)))
		return nil
	})
	ws.SetPongHandler(func(string) error { return nil })
	ws.SetCloseHandler(func(int, string) error { return nil }) // read answers it
	now := int64(b.now())
	s.wire.heard.Store(now)
	s.spoken.Store(now)
	b.counters.Opened.Add(1)
	s.begin()
	b.background.Go(s.read) // not the goroutine of the handshake: that one's stack is large
	select {
	case <-b.done:
		s.cut()
	default:
	}
}

// handshakeFault checks an upgrade request. Source: RFC 6455 §4.2.1.
func handshakeFault(r *http.Request) (refusal, bool) {
	switch {
	case !websocket.IsWebSocketUpgrade(r), !r.ProtoAtLeast(1, 1):
		return notUpgrade, false
	case r.Method != http.MethodGet, r.Host == "":
		return badHandshake, false
	case r.Header.Get("Sec-Websocket-Version") != "13":
		return notUpgrade, false // §4.4: with the version that is spoken
	}
	key, err := base64.StdEncoding.DecodeString(r.Header.Get("Sec-Websocket-Key"))
	if err != nil || len(key) != 16 {
		return badHandshake, false
	}
	return 0, true
}

// refuse answers with a status of our own.
func (b *Bridge) refuse(w http.ResponseWriter, why refusal, wait time.Duration) {
	b.counters.Refused[why].Add(1)
	r := refusalTable[why]
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	if wait > 0 {
		h.Set("Retry-After", fmt.Sprint(max(1, int((wait+time.Second-1)/time.Second))))
	}
	if why == notUpgrade {
		h.Set("Upgrade", "websocket")
		h.Set("Connection", "Upgrade")
		h.Set("Sec-WebSocket-Version", "13")
	}
	w.WriteHeader(r.Status)
	fmt.Fprintf(w, "%s: %s.\n", r.Name, r.Doc)
}

// refuseAsScript answers with the script's status, which is 403 where it did not choose to refuse.
func refuseAsScript(w http.ResponseWriter, out outcome, v verdict) {
	status := http.StatusForbidden
	switch {
	case v.refused >= 400 && v.refused <= 599:
		status = v.refused
	case out.status >= 300 && out.status <= 599:
		status = out.status
	}
	for _, cookie := range out.cookies {
		w.Header().Add("Set-Cookie", cookie)
	}
	if out.location != "" && status < 400 {
		w.Header().Set("Location", out.location)
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	fmt.Fprintln(w, orText(v.text, http.StatusText(status)))
}

func orText(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// mayDeflate tells whether the client offers a compression that we can agree to: we cannot promise a smaller window. Source: RFC 7692 §7.1.2.1.
func mayDeflate(r *http.Request) bool {
	offer := strings.Join(r.Header.Values("Sec-Websocket-Extensions"), ",")
	return strings.Contains(offer, "permessage-deflate") && !strings.Contains(offer, "server_max_window_bits")
}

// agree chooses the subprotocol: our best that the client offers.
func agree(r *http.Request, ours []string) string {
	offered := websocket.Subprotocols(r)
	for _, p := range ours {
		for _, o := range offered {
			if o == p {
				return p
			}
		}
	}
	return ""
}

// hijacker gives the library the session's wire in place of the connection.
type hijacker struct {
	http.ResponseWriter
	wire *wire
}

func (h hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	h.wire.Conn = conn
	return h.wire, rw, nil
}

// noBuffers keeps the library from keeping a buffer for writing: it writes nothing.
type noBuffers struct{}

func (noBuffers) Get() any { return nil }
func (noBuffers) Put(any)  {}

// cut ends a session without a goodbye.
func (s *Session) cut() {
	s.mu.Lock()
	alive := s.phase == open || s.phase == closing
	s.mu.Unlock()
	if alive {
		_ = s.wire.Close()
	}
}
