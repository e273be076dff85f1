package config

import (
	"fmt"
	"net"
	"net/netip"
	"path/filepath"
	"strconv"
	"strings"
)

// maxUnixPath is the longest path of a Unix socket: sun_path of unix(7) less its NUL.
const maxUnixPath = 107

// SplitAddress reads an address as php-fpm does (fpm_sockets_domain_from_address): with ':' it is HOST:PORT, digits alone are a
// port on all addresses, everything else is the path of a Unix socket. Only an absolute path may have a ':' here. The result is
// what net.Listen takes.
func SplitAddress(address string) (network, addr string) {
	switch {
	case isDigits(address):
		return "tcp", ":" + address
	case strings.Contains(address, ":") && !strings.HasPrefix(address, "/"):
		return "tcp", address
	}
	return "unix", address
}

func isDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// address is where something listens.
func address() kind[string] {
	return kind[string]{
		word: "address",
		read: func(_ System, raw any) (string, error) {
			if port, ok := raw.(int64); ok {
				return "", wrongType(raw, "a string", write(fmt.Sprintf(`"%d"`, port)))
			}
			text, err := plainString(raw, "")
			if err != nil {
				return "", err
			}
			return cleanAddress(text)
		},
		write: quote,
	}
}

// cleanAddress checks text, and writes ":9000" as "9000".
func cleanAddress(text string) (string, error) {
	network, addr := SplitAddress(text)
	if network == "unix" {
		if !filepath.IsAbs(text) {
			return "", &fault{strconv.Quote(text) + " is not an address", `write "/path/of.sock", "ADDRESS:PORT" or "PORT"`}
		}
		return filepath.Clean(text), unixPathFits(text)
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "", &fault{strconv.Quote(text) + " is not an address", `an IPv6 address stands in brackets: "[::1]:9000"`}
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil {
		return "", &fault{fmt.Sprintf("%q is not a port", port), "a port is a number from 1 to 65535"}
	} else if host == "" || host == "*" {
		return strconv.FormatUint(n, 10), nil
	}
	if strings.Contains(host, ":") {
		if _, err := netip.ParseAddr(host); err != nil {
			return "", &fault{fmt.Sprintf("%q is not an IPv6 address", host), ""}
		}
	} else if strings.ContainsAny(host, "/ @?#") {
		return "", &fault{strconv.Quote(text) + " is not an address", `write "/path/of.sock", "ADDRESS:PORT" or "PORT"`}
	}
	return text, nil
}

func unixPathFits(path string) error {
	if len(path) > maxUnixPath {
		return &fault{fmt.Sprintf("%q has %d bytes, more than the %d that a Unix socket can have", path, len(path), maxUnixPath), ""}
	}
	return nil
}

// clash reports whether two listening addresses can't be held at once.
func clash(a, b string) bool {
	an, aa := SplitAddress(a)
	bn, ba := SplitAddress(b)
	if an != bn {
		return false
	}
	if an == "unix" {
		return a == b
	}
	ah, ap, _ := net.SplitHostPort(aa)
	bh, bp, _ := net.SplitHostPort(ba)
	if ap != bp || ap == "0" {
		return false
	}
	return sameHost(ah, bh) || isAny(ah) || isAny(bh)
}

func sameHost(a, b string) bool {
	if strings.EqualFold(a, b) {
		return true
	}
	x, errX := netip.ParseAddr(a)
	y, errY := netip.ParseAddr(b)
	return errX == nil && errY == nil && x == y
}

func isAny(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "" || err == nil && a.IsUnspecified()
}
