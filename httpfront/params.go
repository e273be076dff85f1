package httpfront

import (
	"net/http"
	"strconv"
	"strings"

	"howdah/internal/fcgi"
)

// environ is what the CGI variables of one request are made of.
type environ struct {
	request  *http.Request
	who      peer
	root     string // the document root without links
	script   string // SCRIPT_NAME
	info     string // PATH_INFO
	software string
}

// pairs calls add with each FastCGI param, the last of its name where one comes twice.
//
// They are those of nginx's fastcgi_params plus SCRIPT_FILENAME and PATH_INFO. REMOTE_USER is left out: the name in an
// Authorization header is nobody's until something has checked it. Source: RFC 3875 §4.1.
func (e environ) pairs(add func(name, value string)) {
	r := e.request
	e.headers(add)

	add("QUERY_STRING", r.URL.RawQuery)
	add("REQUEST_METHOD", r.Method)
	add("CONTENT_TYPE", r.Header.Get("Content-Type"))
	if length, known := contentLength(r); known {
		add("CONTENT_LENGTH", length)
	}
	add("SCRIPT_NAME", e.script)
	add("SCRIPT_FILENAME", strings.TrimSuffix(e.root, "/")+e.script)
	if e.info != "" {
		add("PATH_INFO", e.info)
	}
	add("REQUEST_URI", requestURI(r))
	add("DOCUMENT_URI", e.script+e.info)
	add("DOCUMENT_ROOT", e.root)
	add("SERVER_PROTOCOL", r.Proto)
	add("REQUEST_SCHEME", e.who.scheme)
	if e.who.scheme == "https" {
		add("HTTPS", "on")
	}
	add("GATEWAY_INTERFACE", "CGI/1.1")
	add("SERVER_SOFTWARE", e.software)
	add("REMOTE_ADDR", e.who.addr)
	add("REMOTE_PORT", e.who.port)
	add("SERVER_ADDR", orDefault(e.who.server, unixAddr))
	add("SERVER_PORT", e.who.listenPort())
	add("SERVER_NAME", e.who.name())
	add("REDIRECT_STATUS", "200")
}

// headers adds the HTTP_ variables. A header is left out whose name could pass for another one's variable (anything but
// letters, digits and hyphens), that would set a program's proxy (httpoxy), or that this peer has no right to say.
func (e environ) headers(add func(name, value string)) {
	for name, values := range e.request.Header {
		if name == "Proxy" || !isPlainName(name) || !e.who.believes(name) {
			continue
		}
		separator := ", "
		if name == "Cookie" {
			separator = "; "
		}
		add("HTTP_"+strings.ToUpper(strings.ReplaceAll(name, "-", "_")), strings.Join(values, separator))
	}
	if e.who.host != "" {
		add("HTTP_HOST", e.who.host)
	}
}

func isPlainName(name string) bool {
	return !strings.ContainsFunc(name, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-'
	})
}

// contentLength is CONTENT_LENGTH: empty where there is no body, unknown for a chunked one (the pool counts what arrives).
func contentLength(r *http.Request) (length string, known bool) {
	switch {
	case r.ContentLength < 0:
		return "", false
	case r.ContentLength == 0:
		return r.Header.Get("Content-Length"), true
	}
	return strconv.FormatInt(r.ContentLength, 10), true
}

// requestURI is the request line's path and query as the client wrote them, without the host of an absolute form.
func requestURI(r *http.Request) string {
	if strings.HasPrefix(r.RequestURI, "/") {
		return r.RequestURI
	}
	return r.URL.RequestURI()
}

// appendHead appends everything of a FastCGI request that comes before its body. params is the offset at which PARAMS is
// complete: a peer that has got fewer bytes can't have begun with the request.
//
// Errors: fcgi.ErrPairTooLong.
func appendHead(dst []byte, e environ) (head []byte, params int, err error) {
	dst = fcgi.AppendBeginRequest(dst, requestID, fcgi.RoleResponder, fcgi.FlagKeepConn)
	w := fcgi.NewParamsWriter(dst, requestID)
	e.pairs(func(name, value string) { w.Add([]byte(name), []byte(value)) })
	dst, err = w.End()
	if err != nil {
		return dst, 0, err
	}
	params = len(dst)
	if e.request.ContentLength == 0 {
		dst = fcgi.AppendHeader(dst, fcgi.TypeStdin, requestID, 0, 0)
	}
	return dst, params, nil
}
