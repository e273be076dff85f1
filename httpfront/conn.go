package httpfront

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// stallPiece is how much a client must take within one WriteStall, in bytes.
const stallPiece = 128 << 10

// conn is a client's connection. It fails when the client takes nothing for too long, however long the whole answer may
// take. A deadline that somebody sets for writing (a hijacker) replaces that.
type conn struct {
	net.Conn
	stall  time.Duration
	manual atomic.Bool
	once   sync.Once
	closed func() // called once
}

func (c *conn) arm() {
	if !c.manual.Load() {
		c.Conn.SetWriteDeadline(time.Now().Add(c.stall))
	}
}

func (c *conn) Write(b []byte) (written int, err error) {
	for first := true; first || len(b) > 0; first = false {
		c.arm()
		n, err := c.Conn.Write(b[:min(len(b), stallPiece)])
		written += n
		if err != nil {
			return written, err
		}
		b = b[n:]
	}
	return written, nil
}

// ReadFrom lets the kernel copy from a file (sendfile(2)), piece by piece.
func (c *conn) ReadFrom(src io.Reader) (int64, error) {
	to, ok := c.Conn.(io.ReaderFrom)
	limited, isLimited := src.(*io.LimitedReader)
	if !ok || !isLimited {
		return io.Copy(struct{ io.Writer }{c}, src)
	}
	var written int64
	for limited.N > 0 {
		c.arm()
		piece := &io.LimitedReader{R: limited.R, N: min(limited.N, stallPiece)}
		n, err := to.ReadFrom(piece)
		written += n
		limited.N -= n
		if err != nil || n == 0 {
			return written, err
		}
	}
	return written, nil
}

func (c *conn) SetWriteDeadline(t time.Time) error {
	c.manual.Store(true)
	return c.Conn.SetWriteDeadline(t)
}

// CloseWrite lets net/http say goodbye before it closes, so that an early refusal is not lost in a reset.
func (c *conn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

func (c *conn) Close() error {
	err := c.Conn.Close()
	c.once.Do(c.closed)
	return err
}
