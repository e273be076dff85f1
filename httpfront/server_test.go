package httpfront

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// soon is a limit that a test waits for; never is one that would fail it.
const (
	soon  = 50 * time.Millisecond
	never = time.Minute
)

func TestBodyOverTheLimitIsRefused(t *testing.T) {
	s := serveSite(t, scripts, Config{Limits: Limits{BodyBytes: 1000}}, bodyCount)
	s.want(s.do("POST", "/x.php", strings.NewReader(strings.Repeat("x", 1000))), 200, "1000 true 1000")
	s.want(s.do("POST", "/x.php", io.MultiReader(strings.NewReader(strings.Repeat("x", 1000)))), 200, " false 1000")
	s.want(s.do("POST", "/x.php", strings.NewReader(strings.Repeat("x", 1001))), 413, "Request Entity Too Large\n")
	got := s.raw("POST /x.php HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" + strings.Repeat("x", 1001) + "\r\n0\r\n\r\n")
	if got.status != 413 || !got.close {
		t.Errorf("chunked: %d %q, closes %v", got.status, got.body, got.close)
	}
}

func TestBodyWithoutLimitIsTaken(t *testing.T) {
	s := serveSite(t, scripts, Config{Limits: Limits{BodyBytes: -1}}, bodyCount)
	s.want(s.do("POST", "/x.php", strings.NewReader("hello")), 200, "5 true 5")
}

func TestHeaderOverTheLimitIsRefused(t *testing.T) {
	s := serveSite(t, scripts, Config{Limits: Limits{HeaderBytes: 8 << 10}}, nil)
	if got := s.get("/x.php", "X-Big: "+strings.Repeat("x", 16<<10)); got.status != 431 {
		t.Errorf("got %d", got.status)
	}
	s.want(s.get("/x.php", "X-Big: "+strings.Repeat("x", 6<<10)), 200, "ran /x.php")
}

func TestMalformedRequestsAreRefused(t *testing.T) {
	s := serveSite(t, scripts, Config{}, bodyCount)
	for _, request := range []string{
		"GET /x.php HTTP/1.1\r\n\r\n", // no Host
		"GET /x.php HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
		"POST /x.php HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
		"POST /x.php HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
		"POST /x.php HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
		"GET x.php HTTP/1.1\r\nHost: a\r\n\r\n",
		"GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n",
		"GET /a HTTP/1.1\r\nHost: a\r\nbad header\r\n\r\n",
		"nonsense\r\n\r\n",
	} {
		if got := s.raw(request); got.status != 400 {
			t.Errorf("%q: %d", request, got.status)
		}
	}
}

func TestAbsoluteFormNamesTheHost(t *testing.T) {
	s := serveSite(t, scripts, Config{}, func(c *call) {
		c.stdout("\r\n" + c.params["HTTP_HOST"] + c.params["REQUEST_URI"] + " " + c.params["SERVER_NAME"])
	})
	s.want(s.raw("GET http://Real.example/x.php?q HTTP/1.1\r\nHost: forged.example\r\n\r\n"), 200, "Real.example/x.php?q real.example")
}

func TestOldClientsAreServed(t *testing.T) {
	s := serveSite(t, scripts, Config{}, func(c *call) {
		c.stdout("\r\n" + c.params["SERVER_PROTOCOL"] + " " + c.params["SERVER_NAME"] + " " + c.params["HTTP_HOST"])
		c.stdout(".")
	})
	s.want(s.raw("GET /x.php HTTP/1.0\r\n\r\n"), 200, "HTTP/1.0 127.0.0.1 .")
}

// silence waits until the server closes a connection, and reports what it said before.
func silence(t *testing.T, conn net.Conn) string {
	t.Helper()
	conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	said, err := io.ReadAll(conn)
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		t.Errorf("the connection stays open; so far %.200q", said)
	}
	return string(said)
}

func TestClientThatSendsNoRequestIsClosed(t *testing.T) {
	s := serveSite(t, scripts, Config{Limits: Limits{HeaderTimeout: soon}}, nil)
	for _, part := range []string{"", "GET /x.php HTTP/1.1\r\nHost:"} {
		conn := s.connect()
		defer conn.Close()
		io.WriteString(conn, part)
		silence(t, conn)
	}
}

func TestKeptConnectionIsClosedWhenIdle(t *testing.T) {
	s := serveSite(t, scripts, Config{Limits: Limits{IdleTimeout: soon}}, nil)
	conn := s.connect()
	defer conn.Close()
	io.WriteString(conn, "GET /x.php HTTP/1.1\r\nHost: x\r\n\r\n")
	if said := silence(t, conn); !strings.Contains(said, "ran /x.php") {
		t.Errorf("got %q", said)
	}
}

func TestStalledBodyIsAnswered408(t *testing.T) {
	s := serveSite(t, scripts, Config{Limits: Limits{BodyStall: soon}}, bodyCount)
	conn := s.connect()
	defer conn.Close()
	io.WriteString(conn, "POST /x.php HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")
	if said := silence(t, conn); !strings.HasPrefix(said, "HTTP/1.1 408 ") {
		t.Errorf("got %q", said)
	}
}

func TestScriptMayTakeLongerThanTheBodyMayStall(t *testing.T) {
	s := serveSite(t, scripts, Config{Limits: Limits{BodyStall: soon}}, func(c *call) {
		io.Copy(io.Discard, c.stdin)
		<-time.After(3 * soon) // longer than the body may stall: that is what this test is about
		c.stdout("\r\ndone")
	})
	s.want(s.do("POST", "/x.php", strings.NewReader("hello")), 200, "done")
}

func TestClientThatTakesNothingIsClosed(t *testing.T) {
	ended := make(chan struct{})
	s := serveSite(t, map[string]string{"x.php": "", "big.bin": strings.Repeat("x", 16<<20)}, Config{Limits: Limits{WriteStall: soon}}, func(c *call) {
		defer close(ended)
		c.stdout("\r\n")
		for range 1000 { // until the connection is closed
			if _, err := c.conn.Write(fcgi64k); err != nil {
				break
			}
		}
		c.hangUp()
	})
	for _, path := range []string{"/x.php", "/big.bin"} {
		conn := s.connect()
		conn.(*net.TCPConn).SetReadBuffer(4 << 10)
		fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", path)
		if !eventually(func() bool { return strings.Contains(s.access.String(), path) }) {
			t.Errorf("%s goes on", path)
		}
		conn.Close()
	}
	<-ended
	if strings.Contains(s.access.String(), " 16777216 ") {
		t.Errorf("a client that took nothing got everything: %s", s.access)
	}
}

// fcgi64k is a STDOUT record of request 1 with 32 KiB of content.
var fcgi64k = append([]byte{1, 6, 0, 1, 0x80, 0, 0, 0}, make([]byte, 32<<10)...)

func TestConnectionsOverTheLimitWait(t *testing.T) {
	s := serveSite(t, scripts, Config{Limits: Limits{Connections: 1, HeaderTimeout: never}}, nil)
	first := s.connect()
	io.WriteString(first, "GET /x.php HTTP/1.1\r\nHost: x\r\n\r\n")
	s.readReply(bufio.NewReader(first))
	second := s.connect()
	defer second.Close()
	io.WriteString(second, "GET /x.php HTTP/1.1\r\nHost: x\r\n\r\n")
	second.SetReadDeadline(time.Now().Add(soon))
	if _, err := second.Read(make([]byte, 1)); err == nil {
		t.Error("the second connection was served beside the first")
	}
	second.SetReadDeadline(time.Time{})
	first.Close()
	s.want(s.readReply(bufio.NewReader(second)), 200, "ran /x.php")
}

func TestUnixListenerServes(t *testing.T) {
	r := newResponder(t, func(c *call) { c.stdout("\r\n" + c.params["REMOTE_ADDR"] + " " + c.params["SERVER_ADDR"]) })
	l, err := net.Listen("unix", filepath.Join(t.TempDir(), "http.sock"))
	if err != nil {
		t.Fatal(err)
	}
	s := serveOn(t, l, Config{Root: makeTree(t, scripts), TrustUnix: true}, r.dial)
	s.client.Transport.(*http.Transport).DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", l.Addr().String())
	}
	s.addr = "site.example"
	s.want(s.get("/x.php"), 200, "unix: unix:")
	s.want(s.get("/x.php", "X-Forwarded-For: 203.0.113.9"), 200, "203.0.113.9 unix:")
}

func TestShutdownLetsARunningRequestEnd(t *testing.T) {
	started, finish := make(chan struct{}), make(chan struct{})
	s := serveSite(t, scripts, Config{}, func(c *call) {
		close(started)
		<-finish
		c.stdout("\r\ndone")
	})
	conn := s.connect()
	defer conn.Close()
	io.WriteString(conn, "GET /x.php HTTP/1.1\r\nHost: x\r\n\r\n")
	<-started
	stopped := make(chan error)
	go func() { stopped <- s.server.Shutdown(context.Background()) }()
	if !eventually(func() bool { _, err := net.Dial("tcp", s.addr); return err != nil }) {
		t.Error("new connections are still accepted")
	}
	close(finish)
	s.want(s.readReply(bufio.NewReader(conn)), 200, "done")
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}

func TestShutdownBreaksOffWhatTakesTooLong(t *testing.T) {
	ended := make(chan struct{})
	s := serveSite(t, scripts, Config{}, func(c *call) {
		c.stdout("\r\nstarted")
		c.conn.Read(make([]byte, 1))
		close(ended)
		c.hangUp()
	})
	conn := s.connect()
	defer conn.Close()
	io.WriteString(conn, "GET /x.php HTTP/1.1\r\nHost: x\r\n\r\n")
	if _, err := bufio.NewReader(conn).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), soon)
	defer cancel()
	if err := s.server.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Shutdown: %v", err)
	}
	<-ended
}

func TestShutdownDoesNotWaitForIdleOrSilentConnections(t *testing.T) {
	s := serveSite(t, scripts, Config{Limits: Limits{HeaderTimeout: never, IdleTimeout: never}}, nil)
	silent, idle := s.connect(), s.connect()
	defer silent.Close()
	defer idle.Close()
	io.WriteString(idle, "GET /x.php HTTP/1.1\r\nHost: x\r\n\r\n")
	s.readReply(bufio.NewReader(idle))
	if !eventually(func() bool { s.server.mu.Lock(); defer s.server.mu.Unlock(); return len(s.server.fresh) == 1 }) {
		t.Fatal("the silent connection was not accepted")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	if err := s.server.Shutdown(ctx); err != nil {
		t.Errorf("Shutdown: %v", err)
	}
	silence(t, silent)
}

func TestReplacedHandlerServesTheNextRequest(t *testing.T) {
	r := newResponder(t, func(c *call) { c.stdout("\r\n" + c.params["SERVER_SOFTWARE"]) })
	c := Config{Root: makeTree(t, scripts), ServerSoftware: "old"}
	s := serveWith(t, c, r.dial)
	s.want(s.get("/x.php"), 200, "old")
	c.ServerSoftware, c.Log = "new", slog.New(slog.DiscardHandler)
	h, err := New(c, r.dial)
	if err != nil {
		t.Fatal(err)
	}
	s.server.Replace(h)
	s.want(s.get("/x.php"), 200, "new")
}

func TestAccessLogHasOneLineForEachRequest(t *testing.T) {
	s := serveSite(t, map[string]string{"x.php": "", "a.txt": "hello"}, Config{
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
	}, nil)
	s.get("/a.txt?q=1", "Referer: https://ref.example/\"x", "X-Forwarded-For: 203.0.113.9", "Authorization: Basic am9lOnNlY3JldA==", "User-Agent: test")
	s.do("HEAD", "/a.txt", nil, "User-Agent: ")
	s.path("/../x")
	if !eventually(func() bool { return strings.Count(s.access.String(), "\n") == 3 }) {
		t.Fatalf("log: %s", s.access)
	}
	for i, want := range []string{
		`203.0.113.9 - joe [`, ` "GET /a.txt?q=1 HTTP/1.1" 200 5 "https://ref.example/\x22x" "test" 0.0`,
		`127.0.0.1 - - [`, ` "HEAD /a.txt HTTP/1.1" 200 0 "-" `,
		`127.0.0.1 - - [`, ` "GET /../x HTTP/1.1" 400 12 "-" "-" 0.0`,
	} {
		line := strings.Split(s.access.String(), "\n")[i/2]
		if !strings.Contains(line, want) {
			t.Errorf("%s\nhas no %s", line, want)
		}
	}
	if strings.Contains(s.access.String(), "secret") {
		t.Errorf("log: %s", s.access)
	}
}

func TestAccessLineCannotBeForged(t *testing.T) {
	started := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	got := string(appendAccess(nil, access{
		addr: "unix:", user: "a b\n", request: "GET /\" HTTP/1.1", agent: "é\x7f\\", status: 200, bytes: 7, started: started, took: 1234567 * time.Microsecond,
	}))
	want := `unix: - a b\x0A [02/Jan/2026:03:04:05 +0000] "GET /\x22 HTTP/1.1" 200 7 "-" "\xC3\xA9\x7F\x5C" 1.235` + "\n"
	if got != want {
		t.Errorf("got  %swant %s", got, want)
	}
}
