package httpfront

import (
	"errors"
	"maps"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"howdah/internal/fcgi"
)

// paramsOf is what PHP would get for a request.
func paramsOf(e environ) map[string]string {
	params := map[string]string{}
	e.pairs(func(name, value string) { params[name] = value })
	return params
}

func TestParamsAreThoseOfNginx(t *testing.T) {
	r := requestFrom("198.51.100.7:4711", "Accept: */*", "User-Agent: test")
	r.RequestURI = "/x.php/a%20b?q=1&r"
	r.URL.RawQuery = "q=1&r"
	got := paramsOf(environ{
		request: r, who: identify(r, nil, false), root: "/srv/site", script: "/x.php", info: "/a b", software: "howdah/1",
	})
	want := map[string]string{
		"QUERY_STRING": "q=1&r", "REQUEST_METHOD": "GET", "CONTENT_TYPE": "", "CONTENT_LENGTH": "", "SCRIPT_NAME": "/x.php",
		"SCRIPT_FILENAME": "/srv/site/x.php", "PATH_INFO": "/a b", "REQUEST_URI": "/x.php/a%20b?q=1&r", "DOCUMENT_URI": "/x.php/a b",
		"DOCUMENT_ROOT": "/srv/site", "SERVER_PROTOCOL": "HTTP/1.1", "REQUEST_SCHEME": "http", "GATEWAY_INTERFACE": "CGI/1.1",
		"SERVER_SOFTWARE": "howdah/1", "REMOTE_ADDR": "198.51.100.7", "REMOTE_PORT": "4711", "SERVER_ADDR": "192.0.2.80",
		"SERVER_PORT": "8080", "SERVER_NAME": "site.example", "REDIRECT_STATUS": "200", "HTTP_HOST": "site.example:8080",
		"HTTP_ACCEPT": "*/*", "HTTP_USER_AGENT": "test",
	}
	if !maps.Equal(got, want) {
		for name := range want {
			if got[name] != want[name] {
				t.Errorf("%s: %q, want %q", name, got[name], want[name])
			}
			delete(got, name)
		}
		t.Errorf("more than expected: %q", got)
	}
}

func TestHTTPSIsSetOnlyForIt(t *testing.T) {
	r := requestFrom("10.0.0.1:1", "X-Forwarded-Proto: https")
	who := identify(r, []netip.Prefix{netip.MustParsePrefix("10.0.0.1/32")}, false)
	got := paramsOf(environ{request: r, who: who})
	if got["HTTPS"] != "on" || got["REQUEST_SCHEME"] != "https" || got["HTTP_X_FORWARDED_PROTO"] != "https" {
		t.Errorf("%q", got)
	}
	if _, ok := paramsOf(environ{request: r, who: identify(r, nil, false)})["HTTPS"]; ok {
		t.Error("a stranger switched HTTPS on")
	}
}

func TestHeaderThatCouldPassForAnotherIsDropped(t *testing.T) {
	r := requestFrom("198.51.100.7:1", "Proxy: http://evil.example", "X_Real: forged", "X.Dot: forged", "X-Real: honest", "X-Forwarded-For: 1.2.3.4",
		"X-Forwarded-Proto: https", "Forwarded: for=1.2.3.4", "Cookie: a=1", "Cookie: b=2", "X-Twice: 1", "X-Twice: 2", "Authorization: Basic eDp5")
	got := paramsOf(environ{request: r, who: identify(r, nil, false)})
	for name := range got {
		if !strings.HasPrefix(name, "HTTP_") || name == "HTTP_HOST" {
			delete(got, name)
		}
	}
	want := map[string]string{"HTTP_X_REAL": "honest", "HTTP_COOKIE": "a=1; b=2", "HTTP_X_TWICE": "1, 2", "HTTP_AUTHORIZATION": "Basic eDp5"}
	if !maps.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestLengthIsSaidWhereItIsKnown(t *testing.T) {
	r := httptest.NewRequest("POST", "/x.php", strings.NewReader("hello"))
	r.Header.Set("Content-Type", "text/plain")
	if got := paramsOf(environ{request: r}); got["CONTENT_LENGTH"] != "5" || got["CONTENT_TYPE"] != "text/plain" {
		t.Errorf("sized: %q", got)
	}
	r.ContentLength = -1
	if length, ok := paramsOf(environ{request: r})["CONTENT_LENGTH"]; ok {
		t.Errorf("chunked: CONTENT_LENGTH %q", length)
	}
}

func TestHeadOfARequestEndsItsStdinOnlyWithoutABody(t *testing.T) {
	r := requestFrom("198.51.100.7:1")
	end := string(fcgi.AppendHeader(nil, fcgi.TypeStdin, 1, 0, 0))
	head, params, err := appendHead(nil, environ{request: r})
	if err != nil || string(head[params:]) != end {
		t.Errorf("without a body: %q, %v", head[params:], err)
	}
	r.ContentLength = 5
	head, params, err = appendHead(nil, environ{request: r})
	if err != nil || params != len(head) {
		t.Errorf("with a body: %q, %v", head[params:], err)
	}
}

func TestHeaderLargerThanARecordIsAnError(t *testing.T) {
	r := requestFrom("198.51.100.7:1", "X-Big: "+strings.Repeat("x", 70000))
	if _, _, err := appendHead(nil, environ{request: r}); !errors.Is(err, fcgi.ErrPairTooLong) {
		t.Errorf("got %v", err)
	}
}
