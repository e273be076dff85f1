package httpfront

import (
	"bufio"
	"context"
	"net"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"howdah/internal/fcgi"
)

// requestID is the only one in use: requests on a connection follow each other.
const requestID = 1

// readAhead is the size of a link's read buffer: small answers arrive whole, with their END_REQUEST, in one read.
const readAhead = 32 << 10

// link is one FastCGI connection.
//
// Concurrency: belongs to one request at a time; only close may be called from anywhere.
type link struct {
	conn    net.Conn
	records *fcgi.Reader
	ahead   *bufio.Reader
	fresh   bool      // it has not yet carried a request
	since   time.Time // it is idle

	beforeRead func()      // called before the connection is asked for more: the moment to send on what there is
	detach     func() bool // ends closeWith
}

func newLink(conn net.Conn) *link {
	l := &link{conn: conn, fresh: true}
	l.ahead = bufio.NewReaderSize(l, readAhead)
	l.records = fcgi.NewReader(l.ahead)
	return l
}

// Read is the connection's, for the read buffer.
func (l *link) Read(b []byte) (int, error) {
	if l.beforeRead != nil {
		l.beforeRead()
	}
	return l.conn.Read(b)
}

// closeWith closes the connection when ctx ends, until release.
func (l *link) closeWith(ctx context.Context) {
	l.detach = context.AfterFunc(ctx, func() { l.conn.Close() })
}

// release ends closeWith and tells whether the connection can carry another request: it was not closed, and nothing came
// that nobody asked for.
func (l *link) release() bool {
	l.beforeRead = nil
	return l.detach() && l.ahead.Buffered() == 0
}

func (l *link) close() {
	if l.detach != nil {
		l.detach()
	}
	l.conn.Close()
}

// stands tells whether an idle connection is good for another request: young enough, and neither closed by the other side
// nor with bytes that nobody asked for.
func (l *link) stands() bool {
	if time.Since(l.since) > linkIdle {
		return false
	}
	sc, ok := l.conn.(syscall.Conn)
	if !ok {
		return true
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
