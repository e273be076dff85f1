package httpfront

import (
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
)

// unixAddr is the address of a client on a Unix socket. Source: nginx's $remote_addr.
const unixAddr = "unix:"

// peer is who sent a request and how, as far as PHP and the log are told.
type peer struct {
	addr, port  string // of the client; port is "" where it is not known
	scheme      string // http or https
	host        string // as the client named the site, with a port if it gave one
	server      string // our own address, "" on a Unix socket
	serverPort  string
	trusted     bool // the X-Forwarded headers were believed
	forwardedAs bool // scheme or host came from a proxy, and so the port that the client sees is theirs
}

// identify tells who sent a request. Only a trusted peer's X-Forwarded headers are looked at: going back from the nearest
// hop, the first address that is not itself a trusted proxy is the client's; of scheme and host the nearest proxy's word
// counts.
func identify(r *http.Request, proxies []netip.Prefix, trustUnix bool) peer {
	p := peer{scheme: "http", host: r.Host}
	if local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok {
		if addr, ok := parseAddrPort(local.String()); ok {
			p.server, p.serverPort = addr.Addr().String(), portText(addr)
		}
	}
	if r.TLS != nil {
		p.scheme = "https"
	}
	nearest, tcp := parseAddrPort(r.RemoteAddr)
	if tcp {
		p.addr, p.port = nearest.Addr().String(), portText(nearest)
		p.trusted = isProxy(nearest.Addr(), proxies)
	} else {
		p.addr = unixAddr
		p.trusted = trustUnix
	}
	if !p.trusted {
		return p
	}

	hops := items(r.Header.Values("X-Forwarded-For"))
	for i := len(hops) - 1; i >= 0; i-- {
		hop, ok := parseAddrPort(hops[i])
		if !ok {
			break // what is left of nonsense is no better
		}
		p.addr, p.port = hop.Addr().String(), portText(hop)
		if !isProxy(hop.Addr(), proxies) {
			break
		}
	}
	if scheme := strings.ToLower(last(items(r.Header.Values("X-Forwarded-Proto")))); scheme == "http" || scheme == "https" {
		p.scheme, p.forwardedAs = scheme, true
	}
	if host := last(items(r.Header.Values("X-Forwarded-Host"))); isHost(host) {
		p.host, p.forwardedAs = host, true
	}
	return p
}

// name is SERVER_NAME: the host without its port, in lower case, else our address.
func (p peer) name() string {
	host, _ := splitHost(p.host)
	if host == "" {
		host = orDefault(p.server, "localhost")
	}
	return strings.ToLower(host)
}

// listenPort is SERVER_PORT: what the client connected to, so a proxy's port where one told us of itself.
func (p peer) listenPort() string {
	if _, port := splitHost(p.host); port != "" && (p.forwardedAs || p.serverPort == "") {
		return port
	}
	if !p.forwardedAs && p.serverPort != "" {
		return p.serverPort
	}
	if p.scheme == "https" {
		return "443"
	}
	return "80"
}

// believes tells whether PHP may see a header: what says on whose behalf a request comes is only a trusted peer's to say.
func (p peer) believes(name string) bool {
	return p.trusted || (name != "Forwarded" && !strings.HasPrefix(name, "X-Forwarded-"))
}

func isProxy(addr netip.Addr, proxies []netip.Prefix) bool {
	for _, prefix := range proxies {
		if prefix.Contains(addr) {
			return true
		}
	}
	return false
}

// parseAddrPort reads an address with or without port, IPv6 with or without brackets. The port is 0 where there is none.
func parseAddrPort(s string) (netip.AddrPort, bool) {
	s = strings.TrimSpace(s)
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return netip.AddrPortFrom(ap.Addr().Unmap().WithZone(""), ap.Port()), true
	}
	addr, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(s, "["), "]"))
	if err != nil {
		return netip.AddrPort{}, false
	}
	return netip.AddrPortFrom(addr.Unmap().WithZone(""), 0), true
}

func portText(ap netip.AddrPort) string {
	if ap.Port() == 0 {
		return ""
	}
	return strconv.Itoa(int(ap.Port()))
}

// items are the members of a list header over all its lines, in order.
func items(lines []string) []string {
	var all []string
	for _, line := range lines {
		for item := range strings.SplitSeq(line, ",") {
			if item = strings.TrimSpace(item); item != "" {
				all = append(all, item)
			}
		}
	}
	return all
}

func last(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[len(list)-1]
}

// splitHost cuts "name:port", where name may be an IPv6 address in brackets. Anything that is no port stays in the name.
func splitHost(host string) (name, port string) {
	i := strings.LastIndexByte(host, ':')
	if i < 0 || strings.HasSuffix(host, "]") || strings.Trim(host[i+1:], "0123456789") != "" {
		return host, ""
	}
	return host[:i], host[i+1:]
}

// isHost tells whether a forwarded host is made of the letters that a host has, port and IPv6 brackets included.
func isHost(host string) bool {
	return host != "" && !strings.ContainsFunc(host, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune(".-_:[]", r)
	})
}
