package supervisor

import (
	"fmt"
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// dial makes a connection into the pool's FastCGI front: it is one more front connection there. A trusted one may set variables that
// other clients may not.
func (p *pool) dial(trusted bool) (net.Conn, error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, os.NewSyscallError("socketpair", err)
	}
	f := os.NewFile(uintptr(pair[1]), "pool "+p.name)
	defer f.Close()
	conn, err := net.FileConn(f)
	if err != nil {
		unix.Close(pair[0])
		return nil, err
	}
	attach := func() {
		if trusted {
			p.front.AttachTrusted(pair[0])
		} else {
			p.front.Attach(pair[0], false)
		}
	}
	if !p.loop.Post(attach) {
		unix.Close(pair[0])
		conn.Close()
		return nil, fmt.Errorf("pool %s has ended", p.name)
	}
	return conn, nil
}
