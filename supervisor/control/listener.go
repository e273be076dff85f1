package control

import (
	"net"

	"howdah/internal/slots"
)

// maxConnections is how many clients are served at once; others wait in the kernel's backlog.
const maxConnections = 64

// listener accepts the clients' connections and asks the kernel who they are.
type listener struct{ *slots.Listener }

func newListener(l net.Listener) listener { return listener{slots.New(l, maxConnections)} }

// conn is a connection and who is at its other end.
type conn struct {
	net.Conn
	peer    Peer
	peerErr error
}

func (l listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	in := &conn{Conn: c}
	in.peer, in.peerErr = peerOf(c.(*slots.Conn).Conn.(*net.UnixConn))
	return in, nil
}
