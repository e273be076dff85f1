package worker

import (
	"slices"
	"strings"
	"testing"
)

func TestMessagesAreToldApartHoweverTheyAreCut(t *testing.T) {
	for _, c := range []struct {
		text, out string
		lines     []string
	}{
		{"one\nsecond\n", "PHP message: one; PHP message: second", []string{"PHP message: one", "PHP message: second"}},
		{"Array\n(\n    [a] => 1\n)\n\nnext\n", "PHP message: Array\n(\n    [a] => 1\n)\n; PHP message: next", []string{"PHP message: Array", "(", "    [a] => 1", ")", "PHP message: next"}},
		{"PHP Fatal error:  Uncaught Exception: a\nb in /f:1\nStack trace:\n#0 {main}\n  thrown in /f on line 1\nlast", "PHP message: PHP Fatal error:  Uncaught Exception: a\nb in /f:1\nStack trace:\n#0 {main}\n  thrown in /f on line 1; PHP message: last",
			[]string{"PHP message: PHP Fatal error:  Uncaught Exception: a", "b in /f:1", "Stack trace:", "#0 {main}", "  thrown in /f on line 1", "PHP message: last"}},
	} {
		for i := range len(c.text) {
			var m messageStream
			var lines []string
			log := func(line string) { lines = append(lines, line) }
			out := string(m.take([]byte(c.text[:i]), log)) + string(m.end([]byte(c.text[i:]), log))
			if out != c.out || !slices.Equal(lines, c.lines) {
				t.Fatalf("cut at %d: %q, lines %q", i, out, lines)
			}
		}
	}
}

func TestALineWithoutEndIsPassedOnInPiecesAndNotCut(t *testing.T) {
	var m messageStream
	long := strings.Repeat("0123456789", 20_000)
	pieces := 0
	log := func(string) { pieces++ }
	var out []byte
	for part := range slices.Chunk([]byte(long), 30_000) {
		out = append(out, m.take(part, log)...)
	}
	out = append(out, m.end([]byte("\nnext"), log)...)
	if string(out) != MessagePrefix+long+"; "+MessagePrefix+"next" || pieces < 3 {
		t.Errorf("%d pieces, %d bytes", pieces, len(out))
	}
}
