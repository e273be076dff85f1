package wsbridge

import (
	"net/http"
	"net/netip"
	"strconv"
	"strings"
)

// client is who opened a connection, as far as that can be believed.
type client struct {
	addr    netip.Addr // of the client; invalid where it is not known
	port    string     // "" where it is not known
	trusted bool       // the peer is a proxy whose headers are believed
	https   bool
}

// identify tells who sent a request. A peer on a Unix socket has no address. What a trusted proxy says in real_ip_header counts: of
// a list, going back from the nearest hop, the first address that is no trusted proxy itself. The rest could have been forged.
func identify(r *http.Request, o *Options) client {
	c := client{https: r.TLS != nil}
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err == nil {
		c.addr, c.port = peer.Addr().Unmap().WithZone(""), strconv.Itoa(int(peer.Port()))
	}
	c.trusted = o.RealIPHeader != "" && (err == nil && isProxy(c.addr, o) || err != nil && o.TrustUnix)
	if !c.trusted {
		return c
	}
	hops := strings.Split(strings.Join(r.Header.Values(o.RealIPHeader), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop, ok := parseHop(hops[i])
		if !ok {
			break // what is left of nonsense is no better
		}
		c.addr, c.port = hop, ""
		if !isProxy(hop, o) {
			break
		}
	}
	c.https = strings.EqualFold(strings.TrimSpace(r.Header.Get("X-Forwarded-Proto")), "https")
	return c
}

func isProxy(addr netip.Addr, o *Options) bool {
	for _, p := range o.TrustedProxies {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

// parseHop reads an address with or without port, IPv6 with or without brackets.
func parseHop(s string) (netip.Addr, bool) {
	s = strings.TrimSpace(s)
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return ap.Addr().Unmap().WithZone(""), true
	}
	addr, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(s, "["), "]"))
	return addr.Unmap().WithZone(""), err == nil
}

func (c client) address() string {
	if !c.addr.IsValid() {
		return ""
	}
	return c.addr.String()
}

// believes tells whether PHP may see a header: what says on whose behalf a request comes is only a trusted peer's to say.
func (c client) believes(name string, o *Options) bool {
	return c.trusted || name != "Forwarded" && !strings.HasPrefix(name, "X-Forwarded-") && !strings.EqualFold(name, o.RealIPHeader)
}
