package fcgiserver

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// maxPath is the longest path that sun_path holds with its final NUL. Source: unix(7).
const maxPath = 107

// lookupTimeout bounds the name lookup of a listen address: a start must not hang on a dead name server.
const lookupTimeout = 10 * time.Second

// address is a listen address taken apart: either a path, or a port with the host before it.
type address struct {
	path string
	host string // "": all addresses, IPv6 and IPv4
	port uint16
}

// parseAddress reads an address by php-fpm's rules (fpm_sockets_domain_from_address): a colon makes it TCP, digits alone
// are a port, all else is a path. A path has to be absolute here, and may then have a colon in it.
func parseAddress(s string) (address, error) {
	switch {
	case s == "":
		return address{}, errors.New("the address is empty (a path, host:port or a port)")
	case s[0] == '/':
		if len(s) > maxPath {
			return address{}, fmt.Errorf("the path has %d bytes, a Unix socket's can have %d: choose a shorter one", len(s), maxPath)
		}
		if strings.ContainsRune(s, 0) {
			return address{}, errors.New("there is a NUL byte in the path")
		}
		return address{path: s}, nil
	}
	colon := strings.LastIndexByte(s, ':')
	port, err := strconv.ParseUint(s[colon+1:], 10, 16)
	switch {
	case err != nil && colon < 0:
		return address{}, errors.New(`neither host:port, nor a port, nor a path that begins with "/"`)
	case err != nil:
		return address{}, fmt.Errorf("%q is not a port (0 to 65535)", s[colon+1:])
	case colon <= 0:
		return address{port: uint16(port)}, nil
	}
	host := s[:colon]
	if bare, ok := strings.CutPrefix(host, "["); ok {
		if bare, ok = strings.CutSuffix(bare, "]"); !ok {
			return address{}, errors.New("the bracket is not closed")
		}
		host = bare
		if ip, err := netip.ParseAddr(host); err != nil || !ip.Is6() {
			return address{}, fmt.Errorf("%q is not an IPv6 address", host)
		}
	} else if strings.ContainsAny(host, "[]") {
		return address{}, errors.New("there is a bracket out of place")
	} else if strings.Contains(host, ":") {
		return address{}, fmt.Errorf("an IPv6 address needs brackets: [%s]:%d", host, port)
	}
	return address{host: host, port: uint16(port)}, nil
}

// candidates are the addresses to try, best first: the first that can be bound is taken, as php-fpm does.
func (a address) candidates() ([]netip.AddrPort, error) {
	if a.host == "" {
		return []netip.AddrPort{netip.AddrPortFrom(netip.IPv6Unspecified(), a.port), netip.AddrPortFrom(netip.IPv4Unspecified(), a.port)}, nil
	}
	if ip, err := netip.ParseAddr(a.host); err == nil {
		return []netip.AddrPort{netip.AddrPortFrom(ip, a.port)}, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), lookupTimeout)
	defer cancel()
	ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip", a.host)
	if err != nil {
		return nil, fmt.Errorf("its name has no address: %w", err)
	}
	var list []netip.AddrPort
	for _, ip := range ips {
		list = append(list, netip.AddrPortFrom(ip.Unmap(), a.port))
	}
	return list, nil
}
