package fcgiserver

import (
	"strings"
	"testing"
)

func TestListenAddressesAreReadAsPhpFpmReadsThem(t *testing.T) {
	for s, want := range map[string]address{
		"/run/php/php8.2-fpm.sock":           {path: "/run/php/php8.2-fpm.sock"},
		"/run/a:9.sock":                      {path: "/run/a:9.sock"},
		"9000":                               {port: 9000},
		":9000":                              {port: 9000},
		"0":                                  {},
		"127.0.0.1:9000":                     {host: "127.0.0.1", port: 9000},
		"localhost:9000":                     {host: "localhost", port: 9000},
		"[::]:9000":                          {host: "::", port: 9000},
		"[fe80::1%eth0]:9000":                {host: "fe80::1%eth0", port: 9000},
		"/" + strings.Repeat("x", maxPath-1): {path: "/" + strings.Repeat("x", maxPath-1)},
	} {
		if got, err := parseAddress(s); err != nil || got != want {
			t.Errorf("%q is %+v, %v", s, got, err)
		}
	}
}

func TestWrongListenAddressesAreRefusedWithTheReason(t *testing.T) {
	for s, reason := range map[string]string{
		"":                                 "empty",
		"php.sock":                         "neither",
		"run/php.sock":                     "neither",
		"-1":                               "neither",
		"127.0.0.1:":                       `"" is not a port`,
		"127.0.0.1:http":                   `"http" is not a port`,
		"127.0.0.1:65536":                  `"65536" is not a port`,
		"127.0.0.1:+1":                     `"+1" is not a port`,
		"::1:9000":                         "needs brackets: [::1]:9000",
		"0[:0":                             "out of place",
		"[::1:9000":                        "not closed",
		"[127.0.0.1]:9000":                 "not an IPv6 address",
		"/a\x00b":                          "NUL",
		"/" + strings.Repeat("x", maxPath): "108 bytes",
	} {
		if got, err := parseAddress(s); err == nil || !strings.Contains(err.Error(), reason) {
			t.Errorf("%q is %+v, %v", s, got, err)
		}
	}
}

func FuzzListenAddress(f *testing.F) {
	for _, s := range []string{"9000", "[::1]:9000", "a:b:1", "/x", "[]:1", "]:1", "[:1", ":", "localhost:80", "0[:0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := parseAddress(s)
		if err != nil {
			return
		}
		if a.path != "" && (a.path != s || len(a.path) > maxPath || a.host != "" || a.port != 0) {
			t.Errorf("%q became %+v", s, a)
		}
		if strings.ContainsAny(a.host, "[]") {
			t.Errorf("the host of %q is %q", s, a.host)
		}
	})
}
