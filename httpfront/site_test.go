package httpfront

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// site is a front under test: a directory, a responder for its scripts, and a server in front of both.
type site struct {
	t      *testing.T
	root   string
	addr   string
	log    *lines
	access *lines
	server *Server
	client *http.Client
}

// makeTree writes files into a new directory. A content "-> target" makes a symlink.
func makeTree(t *testing.T, files map[string]string) string {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range files {
		put(t, filepath.Join(root, name), content)
	}
	return root
}

func put(t *testing.T, path, content string) {
	t.Helper()
	err := os.MkdirAll(filepath.Dir(path), 0o755)
	if target, ok := strings.CutPrefix(content, "-> "); ok && err == nil {
		err = os.Symlink(target, path)
	} else if err == nil {
		err = os.WriteFile(path, []byte(content), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// serveSite serves files; scripts are answered by answer, or by their own name.
func serveSite(t *testing.T, files map[string]string, c Config, answer func(*call)) *site {
	t.Helper()
	if answer == nil {
		answer = func(c *call) { c.stdout("Content-Type: text/plain\r\n\r\nran " + c.params["SCRIPT_NAME"]) }
	}
	r := newResponder(t, answer)
	if c.Root == "" {
		c.Root = makeTree(t, files)
	}
	return serveWith(t, c, r.dial)
}

func serveWith(t *testing.T, c Config, dial Dial) *site {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return serveOn(t, l, c, dial)
}

func serveOn(t *testing.T, l net.Listener, c Config, dial Dial) *site {
	t.Helper()
	s := &site{t: t, root: c.Root, addr: l.Addr().String(), log: &lines{}, access: &lines{}}
	c.Log, c.AccessLog = slog.New(slog.NewTextHandler(s.log, nil)), s.access
	h, err := New(c, dial)
	if err != nil {
		t.Fatal(err)
	}
	s.server = NewServer(h)
	served := make(chan error, 1)
	go func() { served <- s.server.Serve(l) }()
	transport := &http.Transport{DisableCompression: true}
	s.client = &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := s.server.Shutdown(ctx); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		if err := <-served; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return s
}

// reply is an HTTP answer, read to its end.
type reply struct {
	status int
	header http.Header
	body   string
	close  bool
}

// do sends a request; headers are "Name: value" lines.
func (s *site) do(method, target string, body io.Reader, headers ...string) reply {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), method, "http://"+s.addr+target, body)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		if name == "Host" {
			req.Host = value
		}
		req.Header.Add(name, value)
	}
	res, err := s.client.Do(req)
	if err != nil {
		s.t.Fatalf("%s %s: %v", method, target, err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatalf("%s %s: body: %v", method, target, err)
	}
	return reply{res.StatusCode, res.Header, string(b), res.Close}
}

func (s *site) get(target string, headers ...string) reply {
	s.t.Helper()
	return s.do("GET", target, nil, headers...)
}

// raw sends bytes as they are and reads the answer to a GET.
func (s *site) raw(request string) reply {
	s.t.Helper()
	conn := s.connect()
	defer conn.Close()
	io.WriteString(conn, request)
	return s.readReply(bufio.NewReader(conn))
}

// path asks for a path that no client library would send.
func (s *site) path(path string) reply {
	s.t.Helper()
	return s.raw("GET " + path + " HTTP/1.1\r\nHost: example.org\r\nConnection: close\r\n\r\n")
}

func (s *site) connect() net.Conn {
	s.t.Helper()
	conn, err := net.Dial("tcp", s.addr)
	if err != nil {
		s.t.Fatal(err)
	}
	return conn
}

func (s *site) readReply(r *bufio.Reader) reply {
	s.t.Helper()
	res, err := http.ReadResponse(r, nil)
	if err != nil {
		s.t.Fatalf("reading an answer: %v (log: %s)", err, s.log)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatalf("reading an answer's body: %v", err)
	}
	return reply{res.StatusCode, res.Header, string(b), res.Close}
}

// lines collects what a log writes.
type lines struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}
