package wsbridge

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"

	"howdah/internal/fcgi"
)

// link is an executor's connection into the pool. It belongs to the executor's goroutine.
type link struct {
	dial    Dial
	conn    net.Conn // nil: none
	ahead   *bufio.Reader
	records *fcgi.Reader
	out     []byte // answers are read into it
	request []byte // and requests made in it

	mu     sync.Mutex
	broken bool // by interrupt: no other connection is made
}

// outcome is what PHP said to an event.
type outcome struct {
	status      int
	contentType string
	location    string
	cookies     []string
	body        []byte
	err         error // there is no answer, or no whole one
}

// accepted tells whether an open script that said this can have accepted.
func (o outcome) accepted() bool { return o.err == nil && o.status < 500 }

// maxHead bounds the header of a script's answer, in bytes.
const maxHead = 64 << 10

// Errors of an answer.
var (
	errTooLong = errors.New("the answer is longer than outbox_bytes")
	errNoHead  = errors.New("the answer has no header")
)

// ask sends a request and reads the answer, up to limit bytes of body.
//
// A kept connection may have been closed meanwhile. Another is tried only if that was seen before a byte was sent.
func (l *link) ask(ctx context.Context, request []byte, limit int) outcome {
	if l.conn != nil && !l.stands() {
		l.close()
	}
	if l.conn == nil {
		conn, err := l.dial(ctx)
		if err != nil {
			return outcome{err: err}
		}
		if !l.take(conn) {
			return outcome{err: net.ErrClosed}
		}
		if l.ahead == nil {
			l.ahead = bufio.NewReaderSize(conn, 16<<10)
			l.records = fcgi.NewReader(l.ahead)
		}
		l.ahead.Reset(conn)
	}
	if _, err := l.conn.Write(request); err != nil {
		l.close()
		return outcome{err: err}
	}
	out := l.answer(limit)
	if out.err != nil {
		l.close()
	}
	return out
}

// answer reads records until END_REQUEST.
func (l *link) answer(limit int) (out outcome) {
	stdout := l.out[:0]
	for {
		h, content, err := l.records.Next()
		if err != nil {
			out.err = err
			return out
		}
		switch h.Type {
		case fcgi.TypeStdout:
			if len(stdout)+len(content) > limit+maxHead {
				out.err = errTooLong
				return out
			}
			stdout = append(stdout, content...)
		case fcgi.TypeEndRequest:
			end, err := fcgi.ParseEndRequest(content)
			if err == nil && end.ProtocolStatus != fcgi.StatusRequestComplete {
				err = fmt.Errorf("protocol status %d", end.ProtocolStatus)
			}
			if err != nil {
				out.err = err
				return out
			}
			if cap(stdout) <= maxHead {
				l.out = stdout
			}
			return parseAnswer(stdout)
		}
	}
}

// parseAnswer takes an answer apart. The body is a copy. Source: RFC 3875 §6.
func parseAnswer(stdout []byte) (out outcome) {
	at := bytes.Index(stdout, []byte("\r\n\r\n"))
	if at < 0 || at > maxHead {
		out.err = errNoHead
		return out
	}
	out.status = 200
	for line := range bytes.SplitSeq(stdout[:at], []byte("\r\n")) {
		name, value, ok := bytes.Cut(line, []byte(":"))
		if !ok {
			continue
		}
		text := strings.TrimSpace(string(value))
		switch strings.ToLower(string(name)) {
		case "status":
			code, _, _ := strings.Cut(text, " ")
			if n, err := strconv.Atoi(code); err == nil {
				out.status = n
			}
		case "content-type":
			out.contentType = text
		case "location":
			out.location = text
		case "set-cookie":
			out.cookies = append(out.cookies, text)
		}
	}
	out.body = bytes.Clone(stdout[at+4:])
	return out
}

// stands tells whether a kept connection is neither closed by the other side nor has bytes that nobody asked for.
func (l *link) stands() bool {
	sc, ok := l.conn.(syscall.Conn)
	if !ok || l.ahead.Buffered() > 0 {
		return ok
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return false
	}
	quiet := false
	err = raw.Control(func(fd uintptr) {
		var b [1]byte
		_, _, err := unix.Recvfrom(int(fd), b[:], unix.MSG_PEEK|unix.MSG_DONTWAIT)
		quiet = err == unix.EAGAIN || err == unix.EINTR
	})
	return err == nil && quiet
}

// take makes conn the link's, unless that was interrupted.
func (l *link) take(conn net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.broken {
		_ = conn.Close()
		return false
	}
	l.conn = conn
	return true
}

func (l *link) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn != nil {
		_ = l.conn.Close()
		l.conn = nil
	}
}

// interrupt breaks off what the link is about. Any goroutine may call it.
func (l *link) interrupt() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.broken = true
	if l.conn != nil {
		_ = l.conn.Close()
	}
}
