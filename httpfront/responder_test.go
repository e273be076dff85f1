package httpfront

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"howdah/internal/fcgi"
)

// responder plays the pool: a FastCGI server on a Unix socket whose answers are a function of the test.
type responder struct {
	path  string
	conns atomic.Int64 // accepted so far

	mu   sync.Mutex
	open map[net.Conn]bool
}

// call is one request as the responder got it. Answer with stdout and stderr; end is sent when the function returns, unless
// that hung up.
type call struct {
	params map[string]string
	stdin  io.Reader // streams
	conn   net.Conn
	keep   bool
	hungUp bool
	ended  bool
}

func newResponder(t *testing.T, answer func(*call)) *responder {
	t.Helper()
	r := &responder{path: filepath.Join(t.TempDir(), "php.sock"), open: map[net.Conn]bool{}}
	l, err := net.Listen("unix", r.path)
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			r.conns.Add(1)
			r.mu.Lock()
			r.open[conn] = true
			r.mu.Unlock()
			running.Go(func() {
				serveConn(conn, answer)
				r.mu.Lock()
				delete(r.open, conn)
				r.mu.Unlock()
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		r.hangUp()
		running.Wait()
	})
	return r
}

// hangUp closes all connections.
func (r *responder) hangUp() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for conn := range r.open {
		conn.Close()
	}
}

func (r *responder) dial(ctx context.Context) (net.Conn, error) {
	var d net.Dialer
	return d.DialContext(ctx, "unix", r.path)
}

func serveConn(conn net.Conn, answer func(*call)) {
	defer conn.Close()
	records := fcgi.NewReader(bufio.NewReader(conn))
	for {
		c, err := readCall(conn, records)
		if err != nil {
			return
		}
		answer(c)
		if c.hungUp {
			return
		}
		if !c.ended {
			c.end(fcgi.StatusRequestComplete)
		}
		if _, err := io.Copy(io.Discard, c.stdin); err != nil || !c.keep {
			return
		}
	}
}

func readCall(conn net.Conn, records *fcgi.Reader) (*call, error) {
	h, content, err := records.Next()
	if err != nil {
		return nil, err
	}
	begin, err := fcgi.ParseBeginRequest(content)
	if err != nil || h.Type != fcgi.TypeBeginRequest || h.RequestID != 1 || begin.Role != fcgi.RoleResponder {
		return nil, errors.New("not the begin of a request")
	}
	c := &call{params: map[string]string{}, conn: conn, keep: begin.KeepConn(), stdin: &stdin{records: records}}
	for {
		h, content, err := records.Next()
		if err != nil || h.Type != fcgi.TypeParams {
			return nil, errors.New("no PARAMS")
		}
		if len(content) == 0 {
			return c, nil
		}
		for len(content) > 0 {
			name, value, rest, err := fcgi.NextPair(content)
			if err != nil {
				return nil, err
			}
			c.params[string(name)], content = string(value), rest
		}
	}
}

// stdin reads the STDIN stream of one request.
type stdin struct {
	records *fcgi.Reader
	piece   []byte
	ended   bool
}

func (s *stdin) Read(b []byte) (int, error) {
	if s.ended {
		return 0, io.EOF
	}
	if len(s.piece) == 0 {
		h, content, err := s.records.Next()
		if err == nil && h.Type != fcgi.TypeStdin {
			err = errors.New("no STDIN")
		}
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return 0, err
		}
		if s.ended = len(content) == 0; s.ended {
			return 0, io.EOF
		}
		s.piece = content
	}
	n := copy(b, s.piece)
	s.piece = s.piece[n:]
	return n, nil
}

func (c *call) stdout(text string) {
	c.conn.Write(fcgi.AppendStream(nil, fcgi.TypeStdout, 1, []byte(text)))
}

// finish writes the last output and the end at once.
func (c *call) finish(text string) {
	c.ended = true
	c.conn.Write(fcgi.AppendEndRequest(fcgi.AppendStream(nil, fcgi.TypeStdout, 1, []byte(text)), 1, 0, fcgi.StatusRequestComplete))
}

func (c *call) stderr(text string) {
	c.conn.Write(fcgi.AppendStream(nil, fcgi.TypeStderr, 1, []byte(text)))
}

func (c *call) end(status uint8) {
	c.ended = true
	c.conn.Write(fcgi.AppendEndRequest(nil, 1, 0, status))
}

func (c *call) hangUp() {
	c.hungUp = true
	c.conn.Close()
}
