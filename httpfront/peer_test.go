package httpfront

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
)

// requestFrom makes a request of a peer; headers are "Name: value" lines.
func requestFrom(remote string, headers ...string) *http.Request {
	r := httptest.NewRequest("GET", "http://site.example:8080/", nil)
	r.RemoteAddr = remote
	local := net.TCPAddrFromAddrPort(netip.MustParseAddrPort("192.0.2.80:8080"))
	r = r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, net.Addr(local)))
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Add(name, value)
	}
	return r
}

func TestClientIsTheFirstAddressBehindTheTrustedProxies(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for _, c := range []struct{ remote, forwarded, addr, port string }{
		{"198.51.100.7:4711", "", "198.51.100.7", "4711"},
		{"198.51.100.7:4711", "203.0.113.1", "198.51.100.7", "4711"}, // a stranger says so
		{"10.0.0.1:4711", "", "10.0.0.1", "4711"},
		{"10.0.0.1:4711", "203.0.113.1", "203.0.113.1", ""},
		{"10.0.0.1:4711", "6.6.6.6, 203.0.113.1", "203.0.113.1", ""}, // the client forged the first
		{"10.0.0.1:4711", "203.0.113.1, 10.2.3.4", "203.0.113.1", ""},
		{"10.0.0.1:4711", "10.9.9.9, 10.2.3.4", "10.9.9.9", ""},
		{"10.0.0.1:4711", "203.0.113.1, nonsense, 10.2.3.4", "10.2.3.4", ""},
		{"10.0.0.1:4711", "nonsense", "10.0.0.1", "4711"},
		{"10.0.0.1:4711", "203.0.113.1:5000", "203.0.113.1", "5000"},
		{"10.0.0.1:4711", "[2001:db8::1]:5000", "2001:db8::1", "5000"},
		{"10.0.0.1:4711", "2001:db8::1", "2001:db8::1", ""},
		{"[::ffff:10.0.0.1]:4711", "203.0.113.1", "203.0.113.1", ""},
		{"[fd00::1]:4711", "::ffff:203.0.113.1", "203.0.113.1", ""},
		{"@", "203.0.113.1", "unix:", ""},
	} {
		r := requestFrom(c.remote)
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		if p := identify(r, proxies, false); p.addr != c.addr || p.port != c.port {
			t.Errorf("%s for %q: client is %s port %q, want %s port %q", c.remote, c.forwarded, p.addr, p.port, c.addr, c.port)
		}
	}
}

func TestForwardedForMayComeInSeveralLines(t *testing.T) {
	r := requestFrom("10.0.0.1:1", "X-Forwarded-For: 203.0.113.1", "X-Forwarded-For: 10.0.0.2")
	if p := identify(r, []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, false); p.addr != "203.0.113.1" {
		t.Errorf("client is %s", p.addr)
	}
}

func TestUnixPeerIsBelievedWhenUnixIsTrusted(t *testing.T) {
	r := requestFrom("@", "X-Forwarded-For: 203.0.113.1", "X-Forwarded-Proto: https")
	if p := identify(r, nil, true); p.addr != "203.0.113.1" || p.scheme != "https" {
		t.Errorf("client is %s by %s", p.addr, p.scheme)
	}
}

func TestSchemeHostAndPortAreTheTrustedProxysWord(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.1/32")}
	for _, c := range []struct {
		remote                   string
		headers                  []string
		scheme, host, name, port string
	}{
		{"198.51.100.7:1", nil, "http", "site.example:8080", "site.example", "8080"},
		{"198.51.100.7:1", []string{"X-Forwarded-Proto: https", "X-Forwarded-Host: evil.example"}, "http", "site.example:8080", "site.example", "8080"},
		{"10.0.0.1:1", []string{"X-Forwarded-Proto: https", "X-Forwarded-Host: Shop.example"}, "https", "Shop.example", "shop.example", "443"},
		{"10.0.0.1:1", []string{"X-Forwarded-Host: shop.example:8443"}, "http", "shop.example:8443", "shop.example", "8443"},
		{"10.0.0.1:1", []string{"X-Forwarded-Proto: http, https"}, "https", "site.example:8080", "site.example", "8080"},
		{"10.0.0.1:1", []string{"X-Forwarded-Proto: gopher", "X-Forwarded-Host: a b"}, "http", "site.example:8080", "site.example", "8080"},
		{"10.0.0.1:1", []string{"X-Forwarded-Host: [2001:db8::1]"}, "http", "[2001:db8::1]", "[2001:db8::1]", "80"},
	} {
		p := identify(requestFrom(c.remote, c.headers...), proxies, false)
		if p.scheme != c.scheme || p.host != c.host || p.name() != c.name || p.listenPort() != c.port {
			t.Errorf("%s %q: %s %s %s %s", c.remote, c.headers, p.scheme, p.host, p.name(), p.listenPort())
		}
	}
}
