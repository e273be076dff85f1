package accesslog

import (
	"testing"
	"time"

	"howdah/internal/request"
)

func entry() *Entry {
	at := time.Date(2026, 11, 22, 10, 48, 54, 0, time.FixedZone("", 3600))
	return &Entry{
		Fields: &request.Fields{Method: []byte("GET"), URI: []byte("/a\n.php"), Query: []byte("x=1"), Script: []byte("/srv/a.php"),
			Authorization: []byte("Basic Ym9iOnB3"), ContentLength: 5},
		Pool: "www", Peer: "192.0.2.1", PID: 12, Master: 7, Status: 404, Params: [][]byte{[]byte("value"), nil},
		Head:     []byte("Status: 404 Not Found\r\nX-Foo: bar\r\nX-Empty: \r\nX-Foo: second\r\n\r\n"),
		Accepted: at, Logged: at.Add(time.Hour), Duration: 1234567 * time.Microsecond, Queue: 250 * time.Millisecond,
		User: 500 * time.Millisecond, System: 100 * time.Millisecond, Memory: 3 << 20,
	}
}

// TestEveryCodeInEveryUnit has the codes that a comparison with php-fpm can't fix the value of; the others are in e2e.
func TestEveryCodeInEveryUnit(t *testing.T) {
	for format, want := range map[string]string{
		Default:                                 `192.0.2.1 - bob 22/Nov/2026:10:48:54 +0100 "GET /a\x0a.php" 404`,
		"%%|%f|%l|%m|%n|%p|%P|%q|%Q|%s|%u":      "%|/srv/a.php|5|GET|www|12|7|x=1|?|404|bob",
		"%C %{total}C %{user}C %{SYSTEM}C":      "48.60 48.60 40.50 8.10",
		"%d %{}d %{seconds}d":                   "1.235 1.235 1.235",
		"%{milli}d %{milliseconds}d %{mili}d":   "1234.567 1234.567 1234.567",
		"%{miliseconds}d":                       "1234.567",
		"%{micro}d %{Microseconds}d %{queue}d":  "1234567 1234567 0.250",
		"%M %{bytes}M %{kilo}M %{kilobytes}M":   "3145728 3145728 3072 3072",
		"%{mega}M %{megabytes}M":                "3 3",
		"%{A}e %{B}e":                           "value -",
		"%{X-Foo}o %{x-foo}o %{X-Empty}o %{X}o": "bar - - -",
		"%T %{%s}t %{%H:%M}T":                   "22/Nov/2026:11:48:54 +0100 1795340934 11:48",
		"%{a}{seconds}d":                        "1.235",
		"end %":                                 "end ",
		"":                                      "",
	} {
		f, err := Compile(format)
		if err != nil {
			t.Errorf("%s: %v", format, err)
			continue
		}
		for range 2 { // the second uses what the first has kept
			if got := string(f.Append(nil, entry())); got != want+"\n" {
				t.Errorf("%s gives %q, want %q", format, got, want)
			}
		}
	}
}

func TestWrongFormatsAreRefusedInTheWordsOfPHPFPM(t *testing.T) {
	for format, want := range map[string]string{
		"%{x}d":        "only 'seconds', 'milli', 'milliseconds', 'micro' or 'microseconds' are allowed as a modifier for %d ('x')",
		"%{x}C":        "only 'total', 'user' or 'system' are allowed as a modifier for %C ('x')",
		"%{x}M":        "only 'bytes', 'kilo', 'kilobytes', 'mega' or 'megabytes' are allowed as a modifier for %M ('x')",
		"%e":           "the name of the environment variable must be set between embraces for %e",
		"%{}e":         "the name of the environment variable must be set between embraces for %e",
		"%o":           "the name of the header must be set between embraces for %o",
		"%Z":           "Invalid token in the access.format (%Z)",
		"%{x}Z":        "Invalid token in the access.format (%Z)",
		"%{x}}d":       "Invalid token in the access.format (%})",
		"%{x}m":        "embrace is not allowed for modifier %m",
		"%{x}%":        "embrace is not allowed for modifier %%",
		"abc%{foo}q":   "embrace is not allowed for modifier %q",
		"%{%H}t%{x}f":  "embrace is not allowed for modifier %f",
		"%{abc":        "missing closing embrace in the access.format",
		"%{seconds}":   "missing closing embrace in the access.format",
		"%{a}{b}d":     "only 'seconds', 'milli', 'milliseconds', 'micro' or 'microseconds' are allowed as a modifier for %d ('b')",
		"%d %{a}%{b}e": "embrace is not allowed for modifier %%",
	} {
		if _, err := Compile(format); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", format, err, want)
		}
	}
}

func TestSuppressionIsForPlainSuccessfulReadsOnly(t *testing.T) {
	paths := []string{"/ping", "/health"}
	for _, c := range []struct {
		method, uri, query string
		length             int64
		status             int
		want               bool
	}{
		{"GET", "/ping", "", 0, 200, true}, {"HEAD", "/health", "", 0, 204, true}, {"GET", "/ping", "", 0, 299, true},
		{"POST", "/ping", "", 0, 200, false}, {"GET", "/ping", "x", 0, 200, false}, {"GET", "/ping", "", 1, 200, false},
		{"GET", "/ping", "", 0, 300, false}, {"GET", "/ping", "", 0, 500, false}, {"GET", "/ping/", "", 0, 200, false},
	} {
		e := &Entry{Status: c.status, Fields: &request.Fields{Method: []byte(c.method), URI: []byte(c.uri), Query: []byte(c.query), ContentLength: c.length}}
		if e.Suppressed(paths) != c.want {
			t.Errorf("%+v", c)
		}
	}
}

func TestALineIsMadeWithoutAllocation(t *testing.T) {
	f, err := Compile(`%R - %t "%m %r%Q%q" %s %{X-Foo}o %{A}e %{micro}d %{queue}d`)
	if err != nil {
		t.Fatal(err)
	}
	e, buf := entry(), make([]byte, 0, 1024)
	if n := testing.AllocsPerRun(100, func() { buf = f.Append(buf[:0], e) }); n > 0 {
		t.Errorf("%v allocations for a line", n)
	}
}
