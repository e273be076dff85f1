package httpfront

import (
	"net"
	"sync"
	"time"
)

// listener accepts the clients' connections, so many at once; the others wait in the kernel's backlog.
type listener struct {
	net.Listener
	slots chan struct{} // a token for each open connection
	stall time.Duration

	once    sync.Once
	closing chan struct{}
}

func newListener(l net.Listener, connections int, stall time.Duration) *listener {
	return &listener{Listener: l, slots: make(chan struct{}, connections), stall: stall, closing: make(chan struct{})}
}

func (l *listener) Accept() (net.Conn, error) {
	select {
	case l.slots <- struct{}{}:
	case <-l.closing:
		return nil, net.ErrClosed
	}
	c, err := l.Listener.Accept()
	if err != nil {
		<-l.slots
		return nil, err
	}
	return &conn{Conn: c, stall: l.stall, closed: func() { <-l.slots }}, nil
}

func (l *listener) Close() error {
	l.once.Do(func() { close(l.closing) })
	return l.Listener.Close()
}
