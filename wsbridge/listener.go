package wsbridge

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"
)

// A Listener takes upgrade requests for a bridge on an address of its own. A connection brings one request: it becomes a WebSocket,
// or is answered and closed.
type Listener struct {
	bridge *Bridge
	net    net.Listener

	mu       sync.Mutex
	conns    map[net.Conn]struct{} // whose handshake goes on
	closed   bool
	handling sync.WaitGroup
}

// NewListener makes a listener that Serve has accept.
func NewListener(b *Bridge, l net.Listener) *Listener {
	return &Listener{bridge: b, net: l, conns: map[net.Conn]struct{}{}}
}

// acceptPause is how long accepting rests when it fails, for want of descriptors as a rule.
const acceptPause = 100 * time.Millisecond

// Serve accepts until Close, which it reports by nil.
func (l *Listener) Serve() error {
	defer l.handling.Wait()
	for {
		conn, err := l.net.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return nil
		case err != nil:
			l.bridge.warn("accept", "cannot accept on %s: %v; trying again in %v", l.net.Addr(), err, acceptPause)
			select {
			case <-time.After(acceptPause):
			case <-l.bridge.done:
			}
			continue
		}
		if !l.add(conn) {
			_ = conn.Close()
			continue
		}
		l.handling.Go(func() { l.handle(conn) })
	}
}

// Close stops accepting, breaks handshakes off that have not arrived whole, and returns when Serve has.
func (l *Listener) Close() {
	_ = l.net.Close()
	l.mu.Lock()
	l.closed = true
	for conn := range l.conns {
		_ = conn.SetReadDeadline(time.Unix(1, 0))
	}
	l.mu.Unlock()
	l.handling.Wait()
}

func (l *Listener) add(conn net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.closed {
		l.conns[conn] = struct{}{}
	}
	return !l.closed
}

func (l *Listener) forget(conn net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.conns, conn)
}

var requestReaders = sync.Pool{New: func() any { return bufio.NewReaderSize(nil, 4<<10) }}

// handle reads one request and answers it.
func (l *Listener) handle(conn net.Conn) {
	b := l.bridge
	w := &answer{conn: conn}
	br := requestReaders.Get().(*bufio.Reader)
	defer func() {
		l.forget(conn)
		if !w.taken {
			w.finish()
		}
		br.Reset(nil)
		requestReaders.Put(br)
	}()
	o := b.opts()
	_ = conn.SetDeadline(time.Now().Add(o.HandshakeTimeout))
	head := &io.LimitedReader{R: conn, N: int64(o.HandshakeBytes)}
	br.Reset(head)
	r, err := http.ReadRequest(br)
	l.forget(conn)
	if err != nil {
		b.counters.Handshakes.Add(1)
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			b.refuse(w, lateHandshake, 0)
		case head.N <= 0:
			b.refuse(w, longHandshake, 0)
		case errors.Is(err, io.EOF), errors.Is(err, net.ErrClosed):
			w.taken = true
			_ = conn.Close() // it said nothing
		default:
			b.refuse(w, badHandshake, 0)
		}
		return
	}
	head.N = 1 << 62
	_ = conn.SetDeadline(time.Time{})
	r.RemoteAddr = conn.RemoteAddr().String()
	r = r.WithContext(context.WithValue(context.Background(), http.LocalAddrContextKey, conn.LocalAddr()))
	w.brw = bufio.NewReadWriter(br, bufio.NewWriterSize(conn, 512))
	if !strings.HasPrefix(r.RequestURI, "/") || !b.Serve(w, r) {
		b.refuse(w, noRoute, 0)
	}
}

// answer writes the one HTTP answer of a connection, unless that is hijacked.
type answer struct {
	conn   net.Conn
	brw    *bufio.ReadWriter
	header http.Header
	status int
	body   strings.Builder
	taken  bool
}

func (a *answer) Header() http.Header {
	if a.header == nil {
		a.header = http.Header{}
	}
	return a.header
}

func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

func (a *answer) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(b)
}

// Hijack gives the connection away. Source: http.Hijacker.
func (a *answer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	a.taken = true
	return a.conn, a.brw, nil
}

// finish sends the answer and closes. What the client still sends is read for a moment, or the answer would be lost in a reset.
func (a *answer) finish() {
	defer a.conn.Close()
	a.WriteHeader(http.StatusOK)
	if a.Header().Get("Connection") == "" {
		a.Header().Set("Connection", "close")
	} else {
		a.Header().Set("Connection", a.Header().Get("Connection")+", close")
	}
	text := a.body.String()
	response := http.Response{StatusCode: a.status, ProtoMajor: 1, ProtoMinor: 1, Header: a.header,
		Body: io.NopCloser(strings.NewReader(text)), ContentLength: int64(len(text))}
	_ = a.conn.SetDeadline(time.Now().Add(answerTime))
	if response.Write(a.conn) != nil {
		return
	}
	if half, ok := a.conn.(interface{ CloseWrite() error }); ok && half.CloseWrite() == nil {
		_ = a.conn.SetReadDeadline(time.Now().Add(lingerTime))
		_, _ = io.CopyN(io.Discard, a.conn, 256<<10)
	}
}

// answerTime is how long a client may take to read a refusal.
const answerTime = 5 * time.Second
