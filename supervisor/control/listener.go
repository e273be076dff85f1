package control

import (
	"net"
	"sync"
)

// maxConnections is how many clients are served at once; others wait in the kernel's backlog.
const maxConnections = 64

// listener accepts the clients' connections and asks the kernel who they are.
type listener struct {
	net.Listener
	slots chan struct{} // a token for each open connection
	once  sync.Once
	done  chan struct{}
}

func newListener(l net.Listener) *listener {
	return &listener{Listener: l, slots: make(chan struct{}, maxConnections), done: make(chan struct{})}
}

// conn is a connection and who is at its other end.
type conn struct {
	net.Conn
	peer    Peer
	peerErr error
	free    func()
}

func (l *listener) Accept() (net.Conn, error) {
	select {
	case l.slots <- struct{}{}:
	case <-l.done:
		return nil, net.ErrClosed
	}
	c, err := l.Listener.Accept()
	if err != nil {
		<-l.slots
		return nil, err
	}
	in := &conn{Conn: c, free: sync.OnceFunc(func() { <-l.slots })}
	in.peer, in.peerErr = peerOf(c.(*net.UnixConn))
	return in, nil
}

func (c *conn) Close() error {
	c.free()
	return c.Conn.Close()
}

func (l *listener) Close() error {
	l.once.Do(func() { close(l.done) })
	return l.Listener.Close()
}
