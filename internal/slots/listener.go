package slots

import (
	"net"
	"sync"
)

// Listener is a listener with a bound.
type Listener struct {
	net.Listener
	tokens chan struct{} // one for each open connection
	once   sync.Once
	closed chan struct{}
}

// New makes l one of which at most n connections are open at once.
func New(l net.Listener, n int) *Listener {
	return &Listener{Listener: l, tokens: make(chan struct{}, n), closed: make(chan struct{})}
}

// Accept waits for a connection and for room for it.
func (l *Listener) Accept() (net.Conn, error) {
	select {
	case l.tokens <- struct{}{}:
	case <-l.closed:
		return nil, net.ErrClosed
	}
	c, err := l.Listener.Accept()
	if err != nil {
		<-l.tokens
		return nil, err
	}
	return &Conn{Conn: c, free: sync.OnceFunc(func() { <-l.tokens })}, nil
}

// Close stops listening. Connections stay open.
func (l *Listener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.Listener.Close()
}

// Conn is a connection that makes room when it is closed.
type Conn struct {
	net.Conn
	free func()
}

// Close closes the connection.
func (c *Conn) Close() error {
	c.free()
	return c.Conn.Close()
}
