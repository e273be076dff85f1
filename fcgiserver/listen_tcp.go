package fcgiserver

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// listenTCP listens on the first of the addresses that can be bound. "port" alone is one dual-stack socket, or IPv4 where
// the kernel has no IPv6.
func listenTCP(a address, spec ListenSpec) (*Listener, error) {
	list, err := a.candidates()
	if err != nil {
		return nil, err
	}
	var first error
	for _, ap := range list {
		fd, err := listenOn(ap, a.host == "", backlog(spec))
		if err == nil {
			return newTCPListener(fd, spec)
		}
		if first == nil || errors.Is(first, unix.EAFNOSUPPORT) {
			first = err
		}
		if errors.Is(err, unix.EADDRINUSE) && a.host == "" {
			break // IPv4 alone would be half of what was asked
		}
	}
	return nil, explainTCP(first, a.port)
}

func newTCPListener(fd int, spec ListenSpec) (*Listener, error) {
	ap, err := localAddr(fd)
	if err != nil {
		unix.Close(fd)
		return nil, err
	}
	l := &Listener{fd: fd, network: "tcp", address: ap.String(), spec: spec}
	l.allowed.Store(&spec.AllowedClients)
	return l, nil
}

// listenOn makes one listening socket. Accepted connections inherit TCP_NODELAY from it, which saves a system call each.
func listenOn(ap netip.AddrPort, dualStack bool, backlog int) (int, error) {
	sa, family, err := sockaddr(ap)
	if err != nil {
		return -1, err
	}
	fd, err := unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, os.NewSyscallError("socket", err)
	}
	if err := bindAndListen(fd, sa, dualStack && family == unix.AF_INET6, backlog); err != nil {
		unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

func bindAndListen(fd int, sa unix.Sockaddr, dualStack bool, backlog int) error {
	options := []struct {
		level, name, value int
		set                bool
	}{
		{unix.SOL_SOCKET, unix.SO_REUSEADDR, 1, true},
		{unix.IPPROTO_TCP, unix.TCP_NODELAY, 1, true},
		{unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, 0, dualStack}, // else as net.ipv6.bindv6only says, as in php-fpm
	}
	for _, o := range options {
		if !o.set {
			continue
		}
		if err := unix.SetsockoptInt(fd, o.level, o.name, o.value); err != nil {
			return os.NewSyscallError("setsockopt", err)
		}
	}
	if err := unix.Bind(fd, sa); err != nil {
		return os.NewSyscallError("bind", err)
	}
	if err := unix.Listen(fd, backlog); err != nil {
		return os.NewSyscallError("listen", err)
	}
	return nil
}

func sockaddr(ap netip.AddrPort) (unix.Sockaddr, int, error) {
	ip := ap.Addr()
	if ip.Is4() {
		return &unix.SockaddrInet4{Port: int(ap.Port()), Addr: ip.As4()}, unix.AF_INET, nil
	}
	sa := &unix.SockaddrInet6{Port: int(ap.Port()), Addr: ip.As16()}
	if zone := ip.Zone(); zone != "" {
		index, err := strconv.ParseUint(zone, 10, 32)
		if err != nil {
			link, err := net.InterfaceByName(zone)
			if err != nil {
				return nil, 0, fmt.Errorf("there is no network interface %q", zone)
			}
			index = uint64(link.Index)
		}
		sa.ZoneId = uint32(index)
	}
	return sa, unix.AF_INET6, nil
}

// localAddr is the address that a TCP socket is bound to, with a zone as its number.
func localAddr(fd int) (netip.AddrPort, error) {
	sa, err := unix.Getsockname(fd)
	if err != nil {
		return netip.AddrPort{}, os.NewSyscallError("getsockname", err)
	}
	switch sa := sa.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(sa.Addr), uint16(sa.Port)), nil
	case *unix.SockaddrInet6:
		ip := netip.AddrFrom16(sa.Addr)
		if sa.ZoneId != 0 {
			ip = ip.WithZone(strconv.FormatUint(uint64(sa.ZoneId), 10))
		}
		return netip.AddrPortFrom(ip, uint16(sa.Port)), nil
	}
	return netip.AddrPort{}, fmt.Errorf("descriptor %d is not a TCP socket", fd)
}

// explainTCP adds what an operator can do about the usual failures.
func explainTCP(err error, port uint16) error {
	switch {
	case errors.Is(err, unix.EADDRINUSE):
		return fmt.Errorf("%w: stop it, or choose another port (ss -ltnp 'sport = :%d' shows who it is)", ErrInUse, port)
	case errors.Is(err, unix.EADDRNOTAVAIL):
		return fmt.Errorf("%w: no network interface of this machine has that address", err)
	case errors.Is(err, unix.EACCES):
		return fmt.Errorf("%w: ports below 1024 need root or CAP_NET_BIND_SERVICE", err)
	}
	return err
}
