package fcgiserver

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"howdah/internal/fcgi"
	"howdah/internal/reactor"
)

// front is a server on a loop of its own, before an upstream that the test plays.
type front struct {
	t    *testing.T
	loop *reactor.Loop
	srv  *Server
	site string // a directory with x.php
	jobs chan *job
	log  logText

	// submit, if set, is called on the loop in place of the queue of jobs.
	submit func(*Request) Ticket
}

// job is a request in the upstream's hands. It is its own ticket.
type job struct {
	f       *front
	req     *Request
	id      uint16
	wire    string
	file    *os.File // a body that is not in wire, of size bytes
	size    int64
	script  string // of Describe
	line    string
	aborted chan struct{}
	resumed chan struct{}
}

func (j *job) Abort()  { close(j.aborted) }
func (j *job) Resume() { j.resumed <- struct{}{} }

// Submit is called on the loop.
func (f *front) Submit(r *Request) Ticket {
	if f.submit != nil {
		return f.submit(r)
	}
	j := &job{f: f, req: r, wire: string(r.Wire()), aborted: make(chan struct{}), resumed: make(chan struct{}, 100)}
	j.id = r.RequestID()
	j.file, j.size = r.Spill()
	j.script, j.line = r.Describe()
	f.jobs <- j
	return j
}

// logText collects log lines.
type logText struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logText) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logText) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// startFront makes a server; change may alter the options.
func startFront(t *testing.T, change func(*Options)) *front {
	t.Helper()
	f := &front{t: t, site: t.TempDir(), jobs: make(chan *job, 10000)}
	if err := os.WriteFile(f.script(), []byte("<?php"), 0o600); err != nil {
		t.Fatal(err)
	}
	o := Options{ReceiveTimeout: time.Minute, KeepAliveTimeout: time.Minute, MaxConnections: 10000, ResponseBuffer: 256 << 10,
		BodyBuffer: 64 << 10, BodyDir: t.TempDir(), LimitExtensions: []string{".php", ".phar"}, PoweredBy: "PHP/8"}
	if change != nil {
		change(&o)
	}
	var err error
	if f.loop, err = reactor.Start(); err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(&f.log, nil))
	f.on(func() { f.srv = NewServer("www", f.loop, log, o, f) })
	t.Cleanup(func() {
		f.on(f.srv.Close)
		f.srv.Wait()
		f.loop.Stop()
		f.loop.Wait()
		if n := f.srv.Stats().Active; n != 0 {
			t.Errorf("%d connections are open after Close", n)
		}
		files, _ := os.ReadDir(o.BodyDir)
		if len(files) != 0 {
			t.Errorf("left in the directory of request bodies: %v", files)
		}
		if t.Failed() && f.log.String() != "" {
			t.Logf("the log:\n%.3000s", f.log.String())
		}
	})
	return f
}

// script is a script that is there.
func (f *front) script() string { return filepath.Join(f.site, "x.php") }

// on runs do on the loop.
func (f *front) on(do func()) {
	f.t.Helper()
	if err := f.loop.Call(do); err != nil {
		f.t.Fatal(err)
	}
}

func (f *front) stats() (c Counters) {
	f.t.Helper()
	f.on(func() { c = f.srv.Stats() })
	return c
}

// turn lets the loop go round, so that what it was told and what has arrived is dealt with.
func (f *front) turn() {
	for range 2 {
		f.on(func() {})
	}
}

// client connects by a socketpair, as the embedded front does.
func (f *front) client() *client {
	f.t.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		f.t.Fatal(err)
	}
	file := os.NewFile(uintptr(fds[1]), "client")
	defer file.Close()
	c, err := net.FileConn(file)
	if err != nil {
		f.t.Fatal(err)
	}
	f.on(func() { f.srv.Attach(fds[0], false) })
	return f.newClient(c)
}

func (f *front) newClient(c net.Conn) *client {
	f.t.Cleanup(func() { c.Close() })
	return &client{f: f, t: f.t, Conn: c, r: fcgi.NewReader(bufio.NewReader(c))}
}

// listen has the server accept on a socket: "" for a Unix socket in a fresh directory.
func (f *front) listen(address string) *Listener {
	f.t.Helper()
	if address == "" {
		address = filepath.Join(f.t.TempDir(), "s")
	}
	l := mustListen(f.t, ListenSpec{Address: address})
	f.on(func() {
		if err := f.srv.Listen(l); err != nil {
			f.t.Error(err)
		}
	})
	f.t.Cleanup(func() { f.on(func() { f.srv.Unlisten(l) }) })
	return l
}

// dial connects to a listener.
func (f *front) dial(l *Listener) *client {
	f.t.Helper()
	c, err := net.Dial(l.Network(), l.Address())
	if err != nil {
		f.t.Fatal(err)
	}
	return f.newClient(c)
}

// wantJob waits for the next request that reaches the upstream.
func (f *front) wantJob() *job {
	f.t.Helper()
	select {
	case j := <-f.jobs:
		return j
	case <-time.After(patience):
		f.t.Fatal("no request reaches the upstream")
		return nil
	}
}

// wantNoJob checks that no request is with the upstream now.
func (f *front) wantNoJob() {
	f.t.Helper()
	f.turn()
	select {
	case <-f.jobs:
		f.t.Error("a request reached the upstream")
	default:
	}
}

// wantLog waits for a log line with text in it.
func (f *front) wantLog(text string) {
	f.t.Helper()
	if !eventually(func() bool { return strings.Contains(f.log.String(), text) }) {
		f.t.Errorf("the log has no %q:\n%.2000s", text, f.log.String())
	}
}

// wantCounters compares all but the classes of the answers, which depend on what the upstream says.
func (f *front) wantCounters(want Counters) {
	f.t.Helper()
	got := f.stats()
	got.Answers = want.Answers
	if got != want {
		f.t.Errorf("counters\n got %+v\nwant %+v", got, want)
	}
}

// output passes part of an answer on, in one record; it returns what Output does.
func (j *job) output(text string) (more bool) {
	j.f.t.Helper()
	j.f.on(func() { more = j.req.Output(fcgi.AppendStream(nil, fcgi.TypeStdout, j.id, []byte(text))) })
	return more
}

// end completes the answer with text.
func (j *job) end(text string) {
	j.f.t.Helper()
	j.f.on(func() { j.req.End(answered(j.id, text)) })
}

// answered is a whole answer as PHP sends it.
func answered(id uint16, text string) []byte {
	return fcgi.AppendEndRequest(fcgi.AppendStream(nil, fcgi.TypeStdout, id, []byte(text)), id, 0, 0)
}

func (j *job) wantAborted() {
	j.f.t.Helper()
	select {
	case <-j.aborted:
	case <-time.After(patience):
		j.f.t.Error("the upstream was not told that the client has gone")
	}
}

func (j *job) wantNotAborted() {
	j.f.t.Helper()
	j.f.turn()
	select {
	case <-j.aborted:
		j.f.t.Error("the request was aborted")
	default:
	}
}

// client is a FastCGI client of the server under test.
type client struct {
	net.Conn
	f *front
	t *testing.T
	r *fcgi.Reader
}

// answer is what a client got for one request.
type answer struct {
	id     uint16
	stdout string
	stderr string
	end    fcgi.EndRequest
}

// send writes all of b; it does not wait for an answer.
func (c *client) send(b []byte) {
	c.t.Helper()
	c.SetWriteDeadline(time.Now().Add(patience))
	if _, err := c.Write(b); err != nil {
		c.t.Fatalf("sending %d bytes: %v", len(b), err)
	}
}

// answer reads up to END_REQUEST.
func (c *client) answer() answer {
	c.t.Helper()
	a, err := c.readAnswer()
	if err != nil {
		c.t.Fatalf("no answer: %v (so far %.200q)", err, a.stdout)
	}
	return a
}

func (c *client) readAnswer() (a answer, err error) {
	c.SetReadDeadline(time.Now().Add(patience))
	for {
		h, content, err := c.r.Next()
		if err != nil {
			return a, err
		}
		a.id = h.RequestID
		switch h.Type {
		case fcgi.TypeStdout:
			a.stdout += string(content)
		case fcgi.TypeStderr:
			a.stderr += string(content)
		case fcgi.TypeEndRequest:
			a.end, err = fcgi.ParseEndRequest(content)
			return a, err
		}
	}
}

// wantAnswer reads an answer and compares it.
func (c *client) wantAnswer(id uint16, stdout string) {
	c.t.Helper()
	if got := c.answer(); got != (answer{id: id, stdout: stdout}) {
		c.t.Errorf("answer %.400q\nwant id %d, %.400q", got, id, stdout)
	}
}

// wantRecord reads one record and compares it.
func (c *client) wantRecord(typ uint8, id uint16, content string) {
	c.t.Helper()
	c.SetReadDeadline(time.Now().Add(patience))
	h, got, err := c.r.Next()
	if err != nil || h.Type != typ || h.RequestID != id || string(got) != content {
		c.t.Errorf("record %d of request %d: %.300q, %v\nwant %d of %d: %.300q", h.Type, h.RequestID, got, err, typ, id, content)
	}
}

// wantClosed checks that the server closes, and says nothing before.
func (c *client) wantClosed() {
	c.t.Helper()
	c.SetReadDeadline(time.Now().Add(patience))
	h, content, err := c.r.Next()
	if err != io.EOF && !errors.Is(err, syscall.ECONNRESET) {
		c.t.Errorf("instead of the end of the connection: %+v %.200q, %v", h, content, err)
	}
}

// wantOpen checks that the server answers on the connection.
func (c *client) wantOpen() {
	c.t.Helper()
	c.send(fcgi.AppendGetValues(nil, fcgi.MpxsConns))
	c.wantRecord(fcgi.TypeGetValuesResult, 0, "\x0f\x01FCGI_MPXS_CONNS0")
}

func (c *client) closeWrite() {
	c.t.Helper()
	if err := c.Conn.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
		c.t.Fatal(err)
	}
}
