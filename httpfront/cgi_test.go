package httpfront

import (
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"
)

func TestHeaderEndsAtTheFirstEmptyLine(t *testing.T) {
	for _, c := range []struct {
		in, header, body string
		ok               bool
	}{
		{"A: b\r\n\r\nbody", "A: b\r\n", "body", true},
		{"A: b\n\nbody\n\n", "A: b\n", "body\n\n", true},
		{"A: b\n\r\nbody", "A: b\n", "body", true},
		{"\r\nbody", "", "body", true},
		{"A: b\r\n\r", "", "", false},
		{"A: b\r\n", "", "", false},
		{"", "", "", false},
	} {
		header, body, ok := cutCGIHeader([]byte(c.in))
		if string(header) != c.header || string(body) != c.body || ok != c.ok {
			t.Errorf("%q: %q, %q, %v", c.in, header, body, ok)
		}
	}
}

func TestHeaderBecomesAStatusAndFields(t *testing.T) {
	for _, c := range []struct {
		in     string
		status int
		fields http.Header
	}{
		{"", 200, http.Header{}},
		{"content-type: text/html\r\n", 200, http.Header{"Content-Type": {"text/html"}}},
		{"Status: 404 Not Found\r\nX-A:  b \r\n", 404, http.Header{"X-A": {"b"}}},
		{"Status: 299\n", 299, http.Header{}},
		{"Set-Cookie: a=1\r\nSet-Cookie: b=2\r\n", 200, http.Header{"Set-Cookie": {"a=1", "b=2"}}},
		{"Location: /x\r\n", 302, http.Header{"Location": {"/x"}}},
		{"Location: https://example.org/\r\nStatus: 301 Moved\r\n", 301, http.Header{"Location": {"https://example.org/"}}},
		{"Connection: close\r\nTransfer-Encoding: chunked\r\nUpgrade: h2c\r\n", 200, http.Header{}},
		{"Content-Length: 12\r\n", 200, http.Header{"Content-Length": {"12"}}},
		{"X-Empty:\r\nX-Utf8: é\r\n", 200, http.Header{"X-Empty": {""}, "X-Utf8": {"é"}}},
	} {
		h, err := parseCGIHeader([]byte(c.in))
		if err != nil || h.status != c.status || !reflect.DeepEqual(h.fields, c.fields) {
			t.Errorf("%q: %d %v, %v", c.in, h.status, h.fields, err)
		}
	}
}

func TestInvalidHeaderNamesTheLine(t *testing.T) {
	for _, in := range []string{
		"nonsense\r\n", "HTTP/1.1 200 OK\r\n", " folded: x\r\n", ": x\r\n", "A B: x\r\n", "A: x\x00\r\n", "A: x\ry\r\n", "Status: OK\r\n",
		"Status: 99\r\n", "Status: 1000\r\n", "Status: 103 Early Hints\r\n", "Status: -44\r\n", "Content-Length: -1\r\n",
		"Content-Length: 1 2\r\n", "Content-Length: +1\r\n", "Né: x\r\n",
	} {
		_, err := parseCGIHeader([]byte("A: b\r\n" + in))
		var fault *headerError
		if !errors.As(err, &fault) || fault.line != strings.TrimRight(in, "\r\n") {
			t.Errorf("%q: %v", in, err)
		}
	}
}

// FuzzCGIHeader: whatever a script sends, what is passed on is a header that net/http writes without change or panic.
func FuzzCGIHeader(f *testing.F) {
	for _, seed := range []string{
		"Status: 404 Not Found\r\nContent-Type: text/html\r\n\r\nbody", "A: b\n\n", "\r\n", "Location: /x\r\n\r\n", "A: b\r\n c\r\n\r\n",
		"Status: 999\r\n\r\n", "Content-Length: 00\r\n\r\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		header, body, ok := cutCGIHeader(in)
		if !ok {
			return
		}
		if rest := len(in) - len(header) - len(body); rest != 1 && rest != 2 {
			t.Fatalf("%d bytes between header and body", rest)
		}
		h, err := parseCGIHeader(header)
		if err != nil {
			return
		}
		if h.status < 200 || h.status > 999 {
			t.Fatalf("status %d", h.status)
		}
		var wire strings.Builder
		if err := h.fields.Write(&wire); err != nil {
			t.Fatal(err)
		}
		count := 0
		for name, values := range h.fields {
			if hopByHop[name] || name == "Status" || (name == "Content-Length" && len(values) > 1) {
				t.Fatalf("%s: %q is passed on", name, values)
			}
			count += len(values)
		}
		if got := strings.Count(wire.String(), "\n"); got != count {
			t.Fatalf("%d fields make %d lines: %q", count, got, wire.String())
		}
	})
}
