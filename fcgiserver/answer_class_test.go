package fcgiserver

import (
	"testing"

	"howdah/internal/fcgi"
)

func TestTheClassOfAnAnswerIsReadFromItsHeadHoweverItIsCut(t *testing.T) {
	const powered = "X-Powered-By: PHP/8.2\r\n"
	for _, c := range []struct {
		head string
		want int
	}{
		{powered + "Content-type: text/html\r\n\r\nStatus: 500\r\n", 2},
		{"Status: 404 Not Found\r\n" + powered + "\r\nx", 4},
		{"Status:302 Found\r\nLocation: /\r\n\r\n", 3},
		{powered + "status: 503 Busy\r\n\r\n", 5},
		{"Status: nonsense\r\n\r\n", 2},
		{"Status: 999 Odd\r\n\r\n", 2},
		{"Status: 404", 4}, // all that came at once
	} {
		plain := records{}.raw(fcgi.TypeStdout, 1, c.head, 3)
		answers := map[string]records{
			"alone":               plain,
			"after an error":      append(records{}.raw(fcgi.TypeStderr, 1, "PHP message: x", 5), plain...),
			"after an empty one":  append(records{}.raw(fcgi.TypeStdout, 1, "", 0), plain...),
			"with more behind it": append(append(records{}, plain...), records{}.raw(fcgi.TypeStdout, 1, "Status: 100\r\n", 0)...),
		}
		for name, b := range answers {
			var a answerClass
			if !a.look(b) || a.class != c.want || a.look(b) {
				t.Errorf("%q %s: class %d, want %d, told once", c.head, name, a.class, c.want)
			}
		}
		// The error's record comes in two pieces; its content looks like a head.
		var a answerClass
		b := append(records{}.raw(fcgi.TypeStderr, 1, "01234567Status: 500\r\n", 0), plain...)
		if a.look(b[:16]) || !a.look(b[16:]) || a.class != c.want {
			t.Errorf("%q after an error in two pieces: class %d, want %d", c.head, a.class, c.want)
		}
	}
}

func TestAnswersAreCountedByTheClassOfTheirStatus(t *testing.T) {
	f := startFront(t, nil)
	f.rawAnswer(records{}.get(1, 0, phpSite(t)+"/nothing.php"))
	if s := f.stats(); s.Answers != [6]uint64{4: 1} {
		t.Errorf("answers by class: %v", s.Answers)
	}
}

func BenchmarkClassOfAnAnswer(b *testing.B) {
	answer := records{}.raw(fcgi.TypeStdout, 1, "X-Powered-By: PHP/8.2.36\r\nContent-type: text/html; charset=UTF-8\r\n\r\nhello", 3)
	for range b.N {
		var a answerClass
		a.look(answer)
	}
}
