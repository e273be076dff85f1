package fcgiserver

import (
	"errors"
	"fmt"
	"net/netip"
	"path/filepath"
	"slices"

	"github.com/coreos/go-systemd/v22/activation"
	"golang.org/x/sys/unix"
)

// Sockets are the listening sockets that systemd made for us and handed over at the start. Their files are never removed,
// and owner, mode and backlog stay as the .socket unit says. A nil *Sockets has none.
//
// Concurrency: one goroutine at a time, which also closes the Listeners that it lent.
// Source: sd_listen_fds(3).
type Sockets struct {
	free []inheritedSocket
}

// inheritedSocket is one of them: bound to path, or to at.
type inheritedSocket struct {
	fd   int
	path string
	at   netip.AddrPort
}

func (s inheritedSocket) String() string {
	if s.at.IsValid() {
		return s.at.String()
	}
	return s.path
}

// Inherited takes over the sockets from LISTEN_PID and LISTEN_FDS and removes these variables, so that no child takes them
// for its own. Call it once, before anything else opens descriptors; without socket activation it returns nil.
//
// Errors: a descriptor is not a listening stream socket, which Accept=yes and ListenDatagram= in the unit make.
func Inherited() (*Sockets, error) {
	files := activation.Files(true)
	if len(files) == 0 {
		return nil, nil
	}
	s := &Sockets{}
	var errs []error
	for _, f := range files {
		fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0)
		f.Close()
		if err == nil {
			err = s.add(fd)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("cannot use the socket %q that systemd passed: %w", f.Name(), err))
		}
	}
	if err := errors.Join(errs...); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// add puts the socket among the free ones, or closes it.
func (s *Sockets) add(fd int) error {
	socket, err := inspect(fd)
	if err == nil {
		err = unix.SetNonblock(fd, true)
	}
	if err != nil {
		unix.Close(fd)
		return err
	}
	s.free = append(s.free, socket)
	return nil
}

// inspect finds out where the socket listens.
func inspect(fd int) (inheritedSocket, error) {
	socket := inheritedSocket{fd: fd}
	kind, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TYPE)
	if err != nil {
		return socket, fmt.Errorf("it is no socket: %w", err)
	}
	listens, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ACCEPTCONN)
	if err != nil || kind != unix.SOCK_STREAM || listens != 1 {
		return socket, errors.New("it is not listening for streams: the .socket unit needs ListenStream= and Accept=no")
	}
	sa, err := unix.Getsockname(fd)
	if err != nil {
		return socket, fmt.Errorf("getsockname: %w", err)
	}
	if sa, ok := sa.(*unix.SockaddrUnix); ok {
		socket.path = sa.Name
		return socket, nil
	}
	socket.at, err = localAddr(fd)
	return socket, err
}

// Listen returns the handed-over socket of spec's address, or opens one like the function Listen.
func (s *Sockets) Listen(spec ListenSpec) (*Listener, error) {
	i := -1
	if s != nil && len(s.free) > 0 {
		addr, err := parseAddress(spec.Address)
		if err != nil {
			return nil, fmt.Errorf("cannot listen on %s: %w", spec.Address, err)
		}
		if i, err = s.find(addr); err != nil {
			return nil, fmt.Errorf("cannot listen on %s: %w", spec.Address, err)
		}
	}
	if i < 0 {
		return Listen(spec)
	}
	socket := s.free[i]
	s.free = slices.Delete(s.free, i, i+1)
	l := &Listener{fd: socket.fd, network: "unix", address: socket.String(), spec: spec, from: s}
	if socket.at.IsValid() {
		l.network = "tcp"
		_ = unix.SetsockoptInt(l.fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1) // as in listenOn; without it answers are only slower
	}
	l.allowed.Store(&spec.AllowedClients)
	return l, nil
}

// find returns the index of the free socket that listens on a, or -1.
func (s *Sockets) find(a address) (int, error) {
	if a.path != "" {
		return slices.IndexFunc(s.free, func(f inheritedSocket) bool {
			return f.path != "" && filepath.Clean(f.path) == filepath.Clean(a.path)
		}), nil
	}
	list, err := a.candidates()
	if err != nil {
		return -1, err
	}
	return slices.IndexFunc(s.free, func(f inheritedSocket) bool {
		return slices.ContainsFunc(list, func(ap netip.AddrPort) bool { return sameAddr(ap, f.at) })
	}), nil
}

// sameAddr compares without zones, which have a name on one side and a number on the other.
func sameAddr(a, b netip.AddrPort) bool {
	return a.Port() == b.Port() && a.Addr().Unmap().WithZone("") == b.Addr().Unmap().WithZone("")
}

// Unclaimed are the addresses of the sockets that no Listen asked for: nobody will serve the clients that connect there.
func (s *Sockets) Unclaimed() []string {
	if s == nil {
		return nil
	}
	var list []string
	for _, f := range s.free {
		list = append(list, f.String())
	}
	return list
}

// giveBack takes a lent socket back. It stays open: a later reload may want it again, and only systemd could make it anew.
func (s *Sockets) giveBack(fd int) {
	if socket, err := inspect(fd); err == nil {
		s.free = append(s.free, socket)
		return
	}
	unix.Close(fd)
}

// Close closes those that nobody asked for. Listeners that are still open stay so.
func (s *Sockets) Close() {
	if s == nil {
		return
	}
	for _, f := range s.free {
		unix.Close(f.fd)
	}
	s.free = nil
}
