package request

import (
	"strings"
	"testing"
)

func TestANoteHoldsWhatTheFieldsSay(t *testing.T) {
	f := Fields{Method: []byte("POST"), URI: []byte("/a/index.php"), Query: []byte("x=1"), Script: []byte("/srv/a/index.php"),
		Authorization: []byte("basic YWxhZGRpbjpvcGVuc2VzYW1l"), ContentLength: 17}
	want := Info{Method: "POST", URI: "/a/index.php", Query: "x=1", Script: "/srv/a/index.php", User: "aladdin", ContentLength: 17}
	var n Note
	n.Set(&f)
	if got := n.Info(); got != want {
		t.Errorf("noted %+v, want %+v", got, want)
	}
	if got := f.Info(); got != want {
		t.Errorf("the fields say %+v, want %+v", got, want)
	}
	n.Set(&Fields{URI: []byte("/b.php")})
	if got, want := n.Info(), (Info{URI: "/b.php"}); got != want {
		t.Errorf("the next note is %+v, want %+v", got, want)
	}
}

func TestANoteIsCutToPhpFpmsLengths(t *testing.T) {
	long := []byte(strings.Repeat("x", 5000))
	var n Note
	n.Set(&Fields{Method: long, URI: long, Query: long, Script: long, Authorization: []byte("Basic " + strings.Repeat("YWFh", 100) + "Og==")})
	i := n.Info()
	if got, want := [5]int{len(i.Method), len(i.URI), len(i.Query), len(i.Script), len(i.User)}, [5]int{15, 127, 511, 255, 31}; got != want {
		t.Errorf("lengths %v, want %v", got, want)
	}
}

func TestAUserIsOnlyThatOfBasicAuthentication(t *testing.T) {
	for header, want := range map[string]string{
		"":                                   "",
		"Basic":                              "",
		"Basic ":                             "",
		"Basic YWxhZGRpbg==":                 "", // no colon
		"Basic OnNlY3JldA==":                 "", // ":secret"
		"Basic !!!":                          "",
		"Bearer YWxhZGRpbjpvcGVuc2VzYW1l":    "",
		`Digest username="aladdin"`:          "",
		"BASIC YWxhZGRpbjpvcGVuOnNlc2FtZQ==": "aladdin",
	} {
		if got := (&Fields{Authorization: []byte(header)}).Info().User; got != want {
			t.Errorf("%q: user %q, want %q", header, got, want)
		}
	}
}

func TestNotingAllocatesNothingOnceThereIsMemory(t *testing.T) {
	f := Fields{Method: []byte("GET"), URI: []byte("/index.php"), Query: []byte("a=b"), Script: []byte("/srv/index.php")}
	var n Note
	n.Set(&f)
	if got := testing.AllocsPerRun(100, func() { n.Set(&f) }); got != 0 {
		t.Errorf("%v allocations", got)
	}
}

func BenchmarkNote(b *testing.B) {
	f := Fields{Method: []byte("GET"), URI: []byte("/index.php"), Query: []byte("a=b"), Script: []byte("/srv/www/site/index.php")}
	var n Note
	for b.Loop() {
		n.Set(&f)
	}
}
