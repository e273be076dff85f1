package wsbridge

import (
	"net"
	"sync/atomic"
	"time"
)

// wire is a client's connection below the frames. It counts what passes and knows when the last byte came. The library that reads
// frames gets it for reading only: frames are written by the session, in its order.
type wire struct {
	net.Conn
	session  *Session
	upgraded atomic.Bool
	in, out  atomic.Int64 // bytes
	heard    atomic.Int64 // when the last byte came, on the bridge's clock
}

func (w *wire) Read(b []byte) (int, error) {
	n, err := w.Conn.Read(b)
	if n > 0 {
		w.in.Add(int64(n))
		w.heard.Store(int64(w.session.bridge.now()))
		w.session.received(n)
	}
	return n, err
}

// Write is the library's: it passes the answer to the handshake only.
func (w *wire) Write(b []byte) (int, error) {
	if w.upgraded.Load() {
		return len(b), nil
	}
	return w.Conn.Write(b)
}

// send writes frames. It fails when the client takes nothing for too long, however long all of it may take.
func (w *wire) send(b []byte, stall time.Duration) error {
	const piece = 128 << 10
	for len(b) > 0 {
		if err := w.Conn.SetWriteDeadline(time.Now().Add(stall)); err != nil {
			return err
		}
		n, err := w.Conn.Write(b[:min(len(b), piece)])
		w.out.Add(int64(n))
		if err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}

// halfClose says that nothing more will be written, so that the client reads all there was before it learns of the end.
func (w *wire) halfClose() {
	if half, ok := w.Conn.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite() // the connection may have gone already
	}
}
