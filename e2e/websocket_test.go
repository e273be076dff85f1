package e2e

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// chatPage is the ten-line chat of docs/websocket.md.
const chatPage = `<?php $e = Howdah\event() ?? exit('WebSocket only');
match ($e->type) {
    'open'    => $e->accept()->subscribe('room'),
    'message' => Howdah\publish('room', $e->data),
    'close'   => null,
};
`

// sockets is a Howdah with WebSockets on a Unix socket, nginx before it, and the embedded front.
type sockets struct {
	*howdah
	t     *testing.T
	nginx string // socket of nginx
	own   string // socket of Howdah's WebSockets
	front string // socket of the embedded front
}

// proxyLocation is the snippet that we ship, for every path.
func proxyLocation(t *testing.T, socket string) string {
	t.Helper()
	text, err := os.ReadFile("../packaging/nginx/websocket.conf")
	if err != nil {
		t.Fatal(err)
	}
	_, place, ok := strings.Cut(string(text), "location /chat {")
	end := strings.Index(place, "}")
	if !ok || end < 0 {
		t.Fatal("no location in packaging/nginx/websocket.conf")
	}
	return "location / {" + strings.ReplaceAll(place[:end], "/run/howdah/www.ws.sock", socket) + "}"
}

// serveSockets starts Howdah with pages of the site and lines of pool.toml; lines for the tables of WebSockets follow their headers.
// A line "route NAME PAGE MORE" in routes makes the route /NAME by the page.
func serveSockets(t *testing.T, pages map[string]string, routes []string, lines ...string) *sockets {
	t.Helper()
	sb := newSandbox(t)
	for name, text := range pages {
		sb.page(t, name, text)
	}
	return startSockets(t, sb, routes, lines...)
}

func startSockets(t *testing.T, sb *sandbox, routes []string, lines ...string) *sockets {
	t.Helper()
	s := &sockets{t: t, own: sb.path("ws.sock"), front: sb.path("http.sock")}
	s.howdah = startHowdah(t, sb, socketLines(sb, routes, lines...)...)
	n := startNginx(t, sb, server{name: "ws", backend: s.socket, extra: proxyLocation(t, s.own)})
	s.nginx = n.socket("ws")
	return s
}

func socketLines(sb *sandbox, routes []string, lines ...string) []string {
	var tables []string
	for _, r := range routes {
		f := strings.SplitN(r, " ", 3)
		more := ""
		if len(f) == 3 {
			more = ", " + f[2]
		}
		tables = append(tables, `{ path = "/`+f[0]+`", script = "`+sb.path("site", f[1])+`"`+more+` }`)
	}
	defaults := []string{`listen = "` + sb.path("ws.sock") + `"`, `trusted_proxies = ["unix"]`, `real_ip_header = "X-Forwarded-For"`,
		"route = [" + strings.Join(tables, ", ") + "]"}
	var rest []string
	var socketLines []string
	current := &rest
	for _, line := range lines {
		if line == "[pool.www.websocket]" {
			current = &socketLines
			continue
		}
		if strings.HasPrefix(line, "[") {
			current = &rest
		}
		*current = append(*current, line)
	}
	all := append([]string{}, rest...)
	all = append(all, "[pool.www.http]", `listen = "`+sb.path("http.sock")+`"`, `root = "`+sb.path("site")+`"`, "[pool.www.websocket]")
	return append(all, override(defaults, socketLines)...)
}

// dialer connects over a Unix socket.
func dialer(socket string) *websocket.Dialer {
	return &websocket.Dialer{
		NetDialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", socket)
		},
		HandshakeTimeout: 20 * time.Second,
	}
}

// peer is a WebSocket client of a test.
type peer struct {
	*websocket.Conn
	t *testing.T
}

// connect opens a WebSocket by nginx.
func (s *sockets) connect(path string) *peer { return s.connectBy(s.nginx, path, nil) }

func (s *sockets) connectBy(socket, path string, header http.Header) *peer {
	s.t.Helper()
	c, r, err := dialer(socket).Dial("ws://example.test"+path, header)
	if err != nil {
		status := 0
		if r != nil {
			status = r.StatusCode
		}
		s.t.Fatalf("cannot open %s: %v (status %d)", path, err, status)
	}
	s.t.Cleanup(func() { c.Close() })
	return &peer{c, s.t}
}

// refused tries to open a WebSocket and returns the status that it is refused with.
func (s *sockets) refused(socket, path string, header http.Header) int {
	s.t.Helper()
	c, r, err := dialer(socket).Dial("ws://example.test"+path, header)
	if err == nil {
		c.Close()
		s.t.Errorf("%s was opened, which should have been refused", path)
		return 101
	}
	if r == nil {
		s.t.Fatalf("%s: %v", path, err)
	}
	return r.StatusCode
}

func (p *peer) say(text string) {
	p.t.Helper()
	if err := p.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		p.t.Fatalf("cannot send %.50q: %v", text, err)
	}
}

// hear returns the next message.
func (p *peer) hear() string {
	p.t.Helper()
	p.SetReadDeadline(time.Now().Add(20 * time.Second))
	_, data, err := p.ReadMessage()
	if err != nil {
		p.t.Fatalf("no message: %v", err)
	}
	return string(data)
}

func (p *peer) wantHeard(want ...string) {
	p.t.Helper()
	for _, w := range want {
		if got := p.hear(); got != w {
			p.t.Errorf("heard %.100q, want %.100q", got, w)
		}
	}
}

// wantClosed waits for a close frame with one of the codes, and returns its text. Messages before it are dropped.
func (p *peer) wantClosed(codes ...int) string {
	p.t.Helper()
	p.SetReadDeadline(time.Now().Add(40 * time.Second))
	for {
		_, _, err := p.ReadMessage()
		var closed *websocket.CloseError
		switch {
		case err == nil:
			continue
		case !errors.As(err, &closed):
			p.t.Errorf("the connection ended by %v, want close code %d", err, codes)
			return ""
		case !slices.Contains(codes, closed.Code):
			p.t.Errorf("closed with %d %q, want %d", closed.Code, closed.Text, codes)
		}
		return closed.Text
	}
}

func TestTheTenLineChatConnectsTwoClients(t *testing.T) {
	s := serveSockets(t, map[string]string{"chat.php": chatPage}, []string{"chat chat.php"})
	for name, socket := range map[string]string{"nginx": s.nginx, "own": s.own, "embedded front": s.front} {
		a, b := s.connectBy(socket, "/chat?who=a", nil), s.connectBy(socket, "/chat?who=b", nil)
		a.say("hello from " + name)
		a.wantHeard("hello from " + name)
		b.wantHeard("hello from " + name)
		a.Close()
		b.Close()
	}
}

const echoPage = `<?php $e = Howdah\event() ?? exit('WebSocket only');
if ($e->type === 'open') { $e->accept(); } elseif ($e->type === 'message') { echo $e->data; }
`

func TestAnEventScriptsOutputIsTheReplyAndAPlainRequestSeesNoEvent(t *testing.T) {
	s := serveSockets(t, map[string]string{"echo.php": echoPage}, []string{"echo echo.php"})
	p := s.connect("/echo")
	for _, text := range []string{"x", "zwei Wörter", strings.Repeat("y", 60000)} {
		p.say(text)
		p.wantHeard(text)
	}
	if page := newBrowser(t, s.front).get("/echo.php"); page.body != "WebSocket only" {
		t.Errorf("the page says %q", page.body)
	}
}
