package fcgiserver

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// ErrInUse is wrapped by the error of Listen when another process listens on the address already.
var ErrInUse = errors.New("another process listens there")

// defaultMode is the mode of a Unix socket whose spec has none. Source: php-fpm key listen.mode.
const defaultMode = 0o660

// ListenSpec says where to listen and who may connect. Source: the php-fpm keys listen, listen.backlog, listen.owner,
// listen.group, listen.mode, listen.acl_users, listen.acl_groups, listen.allowed_clients.
type ListenSpec struct {
	Address string // "/path", "host:port", "[::1]:port", or "port": all addresses, IPv6 and IPv4
	Backlog int    // at most the kernel's limit (somaxconn), which also stands for 0 and less

	// The rest of this paragraph is for Unix sockets and ignored for TCP. Names may be numbers too.
	Owner     string      // "": whoever runs Howdah
	Group     string      // "": the owner's group
	Mode      os.FileMode // 0: 0660
	ACLUsers  []string    // may read and write besides the group; then Owner and Group are ignored
	ACLGroups []string

	AllowedClients []netip.Prefix // TCP peers that may connect; empty: all
}

// Notices are the lines that deserve the log although nothing is wrong. Their wording is php-fpm's.
func (s ListenSpec) Notices() []string {
	var lines []string
	if len(s.ACLUsers)+len(s.ACLGroups) == 0 {
		return nil
	}
	if s.Owner != "" {
		lines = append(lines, fmt.Sprintf("ACL set, listen_owner = '%s' is ignored", s.Owner))
	}
	if s.Group != "" {
		lines = append(lines, fmt.Sprintf("ACL set, listen_group = '%s' is ignored", s.Group))
	}
	return lines
}

// ListenError says which address can't be listened on, and why.
type ListenError struct {
	Address string
	Err     error
}

func (e *ListenError) Error() string { return fmt.Sprintf("cannot listen on %s: %v", e.Address, e.Err) }
func (e *ListenError) Unwrap() error { return e.Err }

// Listener is a listening socket: nonblocking, closed on exec.
//
// Concurrency: Allowed and the getters may be called by anyone at any time, Apply and Close by one goroutine at a time.
type Listener struct {
	fd      int
	network string
	address string
	spec    ListenSpec
	file    *socketFile // nil: TCP, or inherited
	from    *Sockets    // nil: our own; else who lent it, and gets it back
	allowed atomic.Pointer[[]netip.Prefix]
}

// Listen opens the socket of spec and listens. Nobody can connect before owner, mode and ACL are as asked.
//
// Errors: ErrInUse if somebody else listens there; a Unix socket that nobody listens on any more is replaced.
func Listen(spec ListenSpec) (*Listener, error) {
	l, err := listen(spec)
	if err != nil {
		return nil, &ListenError{spec.Address, err}
	}
	return l, nil
}

func listen(spec ListenSpec) (*Listener, error) {
	addr, err := parseAddress(spec.Address)
	if err != nil {
		return nil, err
	}
	if addr.path != "" {
		return listenUnix(addr.path, spec)
	}
	return listenTCP(addr, spec)
}

// FD is the descriptor to accept from. It stays the Listener's.
func (l *Listener) FD() int { return l.fd }

// Network is "unix" or "tcp".
func (l *Listener) Network() string { return l.network }

// Address is the path of the Unix socket, or the numeric address and port that TCP really got.
func (l *Listener) Address() string { return l.address }

// Inherited tells whether systemd made the socket: its file, owner, mode and backlog are systemd's affair then.
func (l *Listener) Inherited() bool { return l.from != nil }

// Allowed tells whether a TCP peer may connect. Everyone may connect to a Unix socket whom its mode lets in.
func (l *Listener) Allowed(peer netip.Addr) bool {
	if l.network == "unix" {
		return true
	}
	allowed := l.allowed.Load()
	return allowed == nil || clientAllowed(*allowed, peer)
}

// Named tells whether a TCP peer may connect because it is on the list of those who may, rather than because there is none.
func (l *Listener) Named(peer netip.Addr) bool {
	allowed := l.allowed.Load()
	return allowed != nil && len(*allowed) > 0 && clientAllowed(*allowed, peer)
}

// clientAllowed looks for peer in the list; an empty list has room for all. An IPv4 peer of a dual-stack socket comes as
// ::ffff:a.b.c.d and counts as IPv4, a link-local one comes with a zone that no list can name.
func clientAllowed(list []netip.Prefix, peer netip.Addr) bool {
	if len(list) == 0 {
		return true
	}
	peer = peer.Unmap().WithZone("")
	for _, p := range list {
		if unmapped(p).Contains(peer) {
			return true
		}
	}
	return false
}

// unmapped turns ::ffff:10.0.0.0/104 into 10.0.0.0/8. A shorter mapped prefix has no IPv4 form and stays.
func unmapped(p netip.Prefix) netip.Prefix {
	if p.Addr().Is4In6() && p.Bits() >= 96 {
		return netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	return p
}

// Apply changes backlog, owner, group, mode, ACL and allowed clients to those of spec while the socket goes on listening.
// What is equal already is not touched; on an error the earlier spec stays in force.
func (l *Listener) Apply(spec ListenSpec) error {
	if err := l.apply(spec); err != nil {
		return fmt.Errorf("cannot change the socket %s: %w", l.address, err)
	}
	l.spec = spec
	l.allowed.Store(&spec.AllowedClients)
	return nil
}

func (l *Listener) apply(spec ListenSpec) error {
	if spec.Address != l.spec.Address {
		return fmt.Errorf("it can't move to %s", spec.Address)
	}
	if l.from != nil {
		return nil
	}
	if l.file != nil {
		access, err := resolveAccess(spec)
		if err != nil {
			return err
		}
		if err := l.file.apply(access); err != nil {
			if before, e := resolveAccess(l.spec); e == nil {
				_ = l.file.apply(before) // half of the change must not lock the web server out
			}
			return err
		}
	}
	if spec.Backlog != l.spec.Backlog {
		if err := unix.Listen(l.fd, backlog(spec)); err != nil { // a second listen(2) only sets the backlog
			return os.NewSyscallError("listen", err)
		}
	}
	return nil
}

// Close stops listening and removes the socket's file if it is still the one that Listen made. An inherited socket goes back
// to the Sockets it came from. A second call does nothing.
func (l *Listener) Close() error {
	if l.fd < 0 {
		return nil
	}
	fd := l.fd
	l.fd = -1
	if l.from != nil {
		l.from.giveBack(fd)
		return nil
	}
	var err error
	if l.file != nil {
		err = l.file.remove() // first, so that a client that comes now finds no file rather than a dead one
	}
	if e := unix.Close(fd); e != nil && err == nil {
		err = os.NewSyscallError("close", e)
	}
	if err != nil {
		return fmt.Errorf("cannot close the socket %s: %w", l.address, err)
	}
	return nil
}

// backlog is the second argument of listen(2): the kernel takes it as unsigned and cuts it to net.core.somaxconn.
func backlog(spec ListenSpec) int {
	if spec.Backlog <= 0 {
		return -1
	}
	return spec.Backlog
}
