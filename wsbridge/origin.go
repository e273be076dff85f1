package wsbridge

import (
	"net"
	"net/http"
	"net/url"
	"strings"
)

// originAllowed tells whether the page that opens a WebSocket may. Programs other than browsers send no Origin and are not hindered:
// the header protects visitors of other sites, not us.
//
// Without a list the origin's host must be the request's. Ports are compared only where both name one, since proxies drop them.
// Source: RFC 6455 §10.2, RFC 6454 §7.
func originAllowed(r *http.Request, list []string) bool {
	headers := r.Header.Values("Origin")
	if len(headers) == 0 {
		return true
	}
	if len(headers) > 1 {
		return false
	}
	origin := strings.ToLower(headers[0])
	for _, allowed := range list {
		if allowed == "*" || allowed == origin {
			return true
		}
	}
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" || u.Scheme == "" {
		return false // also "null": a page without an origin
	}
	host, port := splitHost(u.Host)
	if len(list) == 0 {
		ourHost, ourPort := splitHost(strings.ToLower(r.Host))
		return host == ourHost && (port == "" || ourPort == "" || port == ourPort)
	}
	for _, allowed := range list {
		if originMatches(u.Scheme, host, port, allowed) {
			return true
		}
	}
	return false
}

// originMatches compares an origin with an entry of the list: SCHEME://HOST[:PORT], HOST[:PORT] for any scheme, "*." before the host
// for any subdomain.
func originMatches(scheme, host, port, allowed string) bool {
	wantScheme, rest, hasScheme := strings.Cut(allowed, "://")
	if !hasScheme {
		rest = allowed
	} else if wantScheme != scheme {
		return false
	}
	wantHost, wantPort := splitHost(rest)
	if wantPort != port && (hasScheme || wantPort != "") {
		return false
	}
	if base, wild := strings.CutPrefix(wantHost, "*."); wild {
		return strings.HasSuffix(host, "."+base)
	}
	return host == wantHost
}

// splitHost cuts the port off a host, which may be an IPv6 address in brackets.
func splitHost(s string) (host, port string) {
	if h, p, err := net.SplitHostPort(s); err == nil {
		return h, p
	}
	return strings.Trim(s, "[]"), ""
}
