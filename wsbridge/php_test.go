package wsbridge

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"howdah/internal/fcgi"
)

// told is what the PHP of a test was asked: the variables and the body of one event.
type told struct {
	vars map[string]string
	body string
}

// fakePHP is a pool that a test plays: script answers each event with CGI output, and may make calls before.
type fakePHP struct {
	t      *testing.T
	bridge *Bridge
	script func(e told) string
	mu     sync.Mutex
	asked  []told
	open   sync.WaitGroup
}

// accepting is a script that lets everybody in and answers messages with reply.
func (p *fakePHP) accepting(reply func(e told) string) func(e told) string {
	return func(e told) string {
		if e.vars["HOWDAH_EVENT"] == "open" {
			p.accept(e, "")
			return page("")
		}
		if e.vars["HOWDAH_EVENT"] == "message" {
			return reply(e)
		}
		return page("")
	}
}

func (p *fakePHP) accept(e told, user string) {
	p.bridge.Hub().Call(callAccept, field(e.vars["HOWDAH_ID"], user, ""))
}

// field makes a payload of fields.
func field(fields ...string) []byte {
	var b []byte
	for _, f := range fields {
		b = append(append(b, byte(len(f))), f...)
	}
	return b
}

func page(body string) string { return "Content-Type: text/html; charset=UTF-8\r\n\r\n" + body }

// events returns what was asked so far, by kind.
func (p *fakePHP) events(kind string) []told {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []told
	for _, e := range p.asked {
		if e.vars["HOWDAH_EVENT"] == kind {
			all = append(all, e)
		}
	}
	return all
}

func (p *fakePHP) serve(conn net.Conn) {
	defer conn.Close()
	records := fcgi.NewReader(bufio.NewReader(conn))
	var params, body []byte
	for {
		h, content, err := records.Next()
		if err != nil {
			return
		}
		switch h.Type {
		case fcgi.TypeParams:
			params = append(params, content...)
		case fcgi.TypeStdin:
			if len(content) > 0 {
				body = append(body, content...)
				continue
			}
			e := told{map[string]string{}, string(body)}
			for len(params) > 0 {
				name, value, rest, err := fcgi.NextPair(params)
				if err != nil {
					p.t.Errorf("params: %v", err)
					return
				}
				e.vars[string(name)], params = string(value), rest
			}
			params, body = nil, nil
			p.mu.Lock()
			p.asked = append(p.asked, e)
			p.mu.Unlock()
			out := fcgi.AppendStream(nil, fcgi.TypeStdout, h.RequestID, []byte(p.script(e)))
			if _, err := conn.Write(fcgi.AppendEndRequest(out, h.RequestID, 0, fcgi.StatusRequestComplete)); err != nil {
				return
			}
		}
	}
}

// testOptions are those that pool.toml has without a key.
func testOptions() Options {
	return Options{
		EventWorkers: 4, HandshakeBytes: 16 << 10, HandshakeTimeout: 5 * time.Second, OpenTimeout: 10 * time.Second, OpensPerSecond: 500, OpensPending: 1000,
		MaxConnections: 1000, MessageBytes: 64 << 10, MessagesPerSecond: 100, BytesPerSecond: 1 << 20, InboxMessages: 32, InboxBytes: 256 << 10,
		OutboxBytes: 1 << 20, Subscriptions: 100, StateBytes: 16 << 10, HandlerTimeout: 5 * time.Second, StalledTimeout: 30 * time.Second,
		WriteTimeout: 10 * time.Second, PingInterval: 25 * time.Second, PongTimeout: 10 * time.Second,
		Routes: []Route{{Path: "/chat", Script: "/srv/chat.php", ScriptName: "/chat.php", DocumentRoot: "/srv", Reply: ReplyEcho, ContentType: "text/plain"}},
	}
}

// stand is a bridge with a listener on a Unix socket and a PHP that the test plays.
type stand struct {
	*fakePHP
	socket string
	logged *lines
}

// lines is a log.
type lines struct {
	mu   sync.Mutex
	text string
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text += string(b)
	return len(b), nil
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text
}

// newStand starts one; change may alter the options.
func newStand(t *testing.T, change func(*Options)) *stand {
	t.Helper()
	o := testOptions()
	if change != nil {
		change(&o)
	}
	dir := t.TempDir()
	s := &stand{fakePHP: &fakePHP{t: t}, socket: filepath.Join(dir, "ws"), logged: &lines{}}
	s.script = s.accepting(func(e told) string { return page(e.body) })
	pool, err := net.Listen("unix", filepath.Join(dir, "pool"))
	if err != nil {
		t.Fatal(err)
	}
	s.open.Go(func() {
		for {
			conn, err := pool.Accept()
			if err != nil {
				return
			}
			s.open.Go(func() { s.serve(conn) })
		}
	})
	dial := func(ctx context.Context) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", pool.Addr().String())
	}
	s.bridge = New("www", slog.New(slog.NewTextHandler(s.logged, &slog.HandlerOptions{Level: slog.LevelDebug})), dial, o)
	l, err := net.Listen("unix", s.socket)
	if err != nil {
		t.Fatal(err)
	}
	front := NewListener(s.bridge, l)
	s.open.Go(func() { _ = front.Serve() })
	t.Cleanup(func() {
		front.Close()
		s.bridge.Close()
		pool.Close()
		s.open.Wait()
		if t.Failed() {
			t.Logf("log:\n%s", s.logged)
		}
	})
	return s
}

func (s *stand) dial() net.Conn {
	s.t.Helper()
	conn, err := net.Dial("unix", s.socket)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { conn.Close() })
	return conn
}

// wantWithin waits for something that is true soon.
func wantWithin(t *testing.T, limit time.Duration, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(limit); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Errorf("not within %v: %s", limit, what)
			return
		}
	}
}

// upgradeRequest is a handshake with more header lines.
func upgradeRequest(path string, more ...string) string {
	text := fmt.Sprintf("GET %s HTTP/1.1\r\nHost: example.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", path)
	for _, line := range more {
		text += line + "\r\n"
	}
	return text + "\r\n"
}
