package fcgiserver

import (
	"strings"
	"testing"

	"howdah/internal/fcgi"
)

func TestTheHeadIsFoundHoweverItsContentIsCut(t *testing.T) {
	const head = "Status: 404 Not Found\r\nX: y\r\n\r\n"
	record := func(typ uint8, text string) []byte { return fcgi.AppendStream(nil, typ, 1, []byte(text)) }
	first, second := record(fcgi.TypeStdout, head[:25]), record(fcgi.TypeStdout, head[25:]+"body\r\n\r\n")
	stderr := record(fcgi.TypeStderr, "Status: 500 no\r\n\r\n")
	for i := fcgi.HeaderLen; i <= len(first); i++ {
		var a answerHead
		for _, piece := range [][]byte{stderr[:fcgi.HeaderLen], stderr[fcgi.HeaderLen:], first[:i], first[i:], second, []byte("what comes after")} {
			a.look(piece)
		}
		if string(a.bytes) != head[:len(head)-2] || !a.whole || a.status() != 404 {
			t.Fatalf("cut at %d: %q, %v, %d", i, a.bytes, a.whole, a.status())
		}
	}
}

func TestAHeadWithoutStatusIs200AndNoHeadIs499(t *testing.T) {
	for head, want := range map[string]int{"": 499, "X: y\r\n\r\n": 200, "status: 301 Moved\r\n\r\n": 301, "Status: x\r\n\r\n": 200, "Status: 5\r\n\r\n": 5} {
		a := answerHead{}
		a.look(fcgi.AppendStream(nil, fcgi.TypeStdout, 1, []byte(head)))
		if got := a.status(); got != want {
			t.Errorf("%q has status %d, want %d", head, got, want)
		}
	}
}

func TestAHeadThatNeverEndsIsKeptUpToALimit(t *testing.T) {
	var a answerHead
	long := fcgi.AppendStream(nil, fcgi.TypeStdout, 1, []byte(strings.Repeat("x", 3*maxLoggedHead)))
	a.look(long)
	if len(a.bytes) != maxLoggedHead || !a.whole {
		t.Errorf("%d bytes kept, whole %v", len(a.bytes), a.whole)
	}
}
