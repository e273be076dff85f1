package httpfront

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/textproto"
	"strconv"
	"strings"
)

// maxAnswerHeader bounds the header of a script's answer, in bytes.
const maxAnswerHeader = 64 << 10

// Errors of an answer that can't be passed on: 502.
var (
	errHeaderTooLong = fmt.Errorf("the script's header is longer than %d bytes", maxAnswerHeader)
	errNoHeader      = errors.New("the script's answer ends before its header does")
)

// headerError is the error for a line that is no header field, and what is wrong with it.
type headerError struct{ line, fault string }

func (e *headerError) Error() string {
	return fmt.Sprintf("invalid header from the script: %s: %.80q", e.fault, e.line)
}

// cgiHeader is what a script said before its body.
type cgiHeader struct {
	status int
	fields http.Header
}

// cutCGIHeader finds the empty line that ends the header. header ends with its last line; ok is false while it is still
// on its way. Lines end with LF or CRLF. Source: RFC 3875 §6.2, §6.3.
func cutCGIHeader(b []byte) (header, body []byte, ok bool) {
	for at := 0; ; {
		n := bytes.IndexByte(b[at:], '\n')
		if n < 0 {
			return nil, nil, false
		}
		if n == 0 || (n == 1 && b[at] == '\r') {
			return b[:at], b[at+n+1:], true
		}
		at += n + 1
	}
}

// parseCGIHeader reads the lines that cutCGIHeader cut off.
//
// A Location without Status is a 302 to the client, with "/x" too, as nginx does it (RFC 3875 §6.2.2 would have us run /x in
// its place; PHP always sends both). Fields that speak of the connection are dropped: it is not the script's (RFC 9110
// §7.6.1). An interim status can't be passed on, because another answer would have to follow.
//
// Errors: *headerError.
func parseCGIHeader(b []byte) (cgiHeader, error) {
	h := cgiHeader{fields: http.Header{}}
	for raw := range bytes.Lines(b) {
		line := strings.TrimRight(string(raw), "\r\n")
		name, value, ok := strings.Cut(line, ":")
		value = strings.Trim(value, " \t")
		switch {
		case !ok:
			return h, &headerError{line, "no colon"}
		case !isToken(name):
			return h, &headerError{line, "not a field name"}
		case strings.ContainsFunc(value, isForbidden):
			return h, &headerError{line, "control character"}
		}
		name = textproto.CanonicalMIMEHeaderKey(name)
		switch {
		case name == "Status":
			status, err := parseStatus(value)
			if err != nil {
				return h, &headerError{line, err.Error()}
			}
			h.status = status
		case name == "Content-Length":
			if n, err := strconv.ParseUint(value, 10, 63); err != nil || strconv.FormatUint(n, 10) != value {
				return h, &headerError{line, "not a length"}
			}
			h.fields.Set(name, value)
		case !hopByHop[name]:
			h.fields.Add(name, value)
		}
	}
	if h.status == 0 {
		h.status = http.StatusOK
		if h.fields.Get("Location") != "" {
			h.status = http.StatusFound
		}
	}
	return h, nil
}

// parseStatus reads "404 Not Found"; the words are the server's to choose.
func parseStatus(value string) (int, error) {
	code, _, _ := strings.Cut(value, " ")
	status, err := strconv.Atoi(code)
	if err != nil || len(code) != 3 {
		return 0, errors.New("not a status")
	}
	if status < 200 {
		return 0, errors.New("not a final status")
	}
	return status, nil
}

var hopByHop = map[string]bool{
	"Connection": true, "Keep-Alive": true, "Proxy-Connection": true, "Te": true, "Trailer": true, "Transfer-Encoding": true,
	"Upgrade": true,
}

// isToken tells whether a field name is one. Source: RFC 9110 §5.6.2.
func isToken(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
	})
}

// isForbidden tells what no field value may contain. Source: RFC 9110 §5.5.
func isForbidden(r rune) bool { return (r < ' ' && r != '\t') || r == 0x7f }
