package wsbridge

import (
	"net"
	"net/http"
	"strings"

	"howdah/internal/fcgi"
)

// unixAddr is REMOTE_ADDR of a client whose address is not known. Source: nginx's $remote_addr.
const unixAddr = "unix:"

// describe makes the variables that every event of the session has from its upgrade request. It reports false if they are too many.
// Source: RFC 3875 §4.1; the names are nginx's fastcgi_params.
func (s *Session) describe(r *http.Request, who client, o *Options) bool {
	conf := s.route.conf.Load()
	s.subprotocol = agree(r, conf.Subprotocols)
	if name := conf.SerialCookie; name != "" {
		if c, err := r.Cookie(name); err == nil && c.Value != "" {
			s.turn = name + "=" + c.Value
		}
	}
	var b []byte
	add := func(name, value string) { b = fcgi.AppendPair(b, name, value) }
	for name, values := range r.Header {
		if hidden(name) || !who.believes(name, o) {
			continue
		}
		separator := ", "
		if name == "Cookie" {
			separator = "; "
		}
		add("HTTP_"+strings.ToUpper(strings.ReplaceAll(name, "-", "_")), strings.Join(values, separator))
	}
	add("HTTP_HOST", r.Host)
	path, _, _ := strings.Cut(r.RequestURI, "?")
	add("REQUEST_URI", r.RequestURI)
	add("DOCUMENT_URI", path)
	add("QUERY_STRING", r.URL.RawQuery)
	add("GATEWAY_INTERFACE", "CGI/1.1")
	add("SERVER_PROTOCOL", r.Proto)
	add("SERVER_SOFTWARE", "howdah")
	add("REDIRECT_STATUS", "200")
	add("REMOTE_ADDR", orText(s.address, unixAddr))
	add("REMOTE_PORT", who.port)
	host, port := splitHost(r.Host)
	scheme, usual := "http", "80"
	if who.https {
		scheme, usual = "https", "443"
		add("HTTPS", "on")
	}
	add("REQUEST_SCHEME", scheme)
	add("SERVER_NAME", strings.ToLower(host))
	local, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if tcp, ok := local.(*net.TCPAddr); ok {
		add("SERVER_ADDR", tcp.IP.String())
	} else {
		add("SERVER_ADDR", unixAddr)
	}
	add("SERVER_PORT", orText(port, usual))
	add("HOWDAH_ROUTE", s.route.path)
	add("HOWDAH_PATH", r.URL.Path)
	if s.subprotocol != "" {
		add("HOWDAH_SUBPROTOCOL", s.subprotocol)
	}
	s.params = append([]byte(nil), b...)
	return len(b) <= maxParams
}

// hidden tells the headers that PHP does not see: those of the handshake itself, one that programs would take for the machine's
// proxy, and those whose variable could pass for another's.
func hidden(name string) bool {
	switch name {
	case "Connection", "Upgrade", "Sec-Websocket-Key", "Sec-Websocket-Version", "Sec-Websocket-Extensions", "Proxy", "Content-Length", "Content-Type":
		return true
	}
	return strings.ContainsFunc(name, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-'
	})
}
