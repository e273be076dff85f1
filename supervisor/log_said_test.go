package supervisor

import (
	"fmt"
	"strings"
	"testing"

	"howdah/worker"
)

func TestLongLinesOfWorkersGoOnInTheNextLine(t *testing.T) {
	leaks(t)
	const head = "WARNING: [pool www] child 12 said into stderr: "
	const room = 512 - len("[22-Nov-2026 10:48:54] "+head+`""`+"\n") // php-fpm counts the line end
	for _, c := range []struct {
		length int
		parts  []int // letters in each line
	}{{1, []int{1}}, {room, []int{room}}, {room + 1, []int{room, 1}}, {2*room + 1, []int{room, room, 1}}} {
		out := &recorder{}
		l := openLog(t, LogOptions{Stderr: out, Limit: 512})
		s := &said{log: l, logger: l.Logger(), pool: "www", decorate: true}
		s.line(12, worker.StreamStderr, strings.Repeat("x", c.length))
		l.Flush()
		want, got := "", ""
		for _, n := range c.parts {
			want += fmt.Sprintf("%s\"%s\"\n", head, strings.Repeat("x", n))
		}
		for line := range strings.Lines(out.text()) {
			got += line[len("[22-Nov-2026 10:48:54] "):]
		}
		wantText(t, got, want)
	}
}

func TestWrappingCutsNoLetterInTwo(t *testing.T) {
	var parts []string
	wrap([]byte("aä€𝄞aä€𝄞"), 5, func(part []byte) { parts = append(parts, string(part)) })
	wantText(t, strings.Join(parts, "|"), "aä|€|𝄞a|ä€|𝄞")
}

func TestPlainWorkerOutputHasNoWordOfOurs(t *testing.T) {
	leaks(t)
	out := &recorder{}
	l := openLog(t, LogOptions{Stderr: out, Limit: 512})
	s := &said{log: l, logger: l.Logger(), pool: "www"}
	s.line(12, worker.StreamStdout, "as it is\x1b")
	s.line(12, worker.StreamMessages, "PHP message: one")
	s.line(12, worker.StreamStdout, strings.Repeat("x", 512))
	l.SetLevel(LevelWarning)
	s.line(12, worker.StreamMessages, "PHP message: one")
	l.SetLevel(LevelError)
	s.line(12, worker.StreamMessages, "PHP message: one")
	l.Flush()
	wantText(t, out.text(), "as it is\\x1b\nNOTICE: PHP message: one\n"+strings.Repeat("x", 511)+"\nx\nPHP message: one\n")
}

func TestWorkerOutputInJSONIsWholeAndHasItsPid(t *testing.T) {
	leaks(t)
	out := &recorder{}
	l := openLog(t, LogOptions{Stderr: out, Limit: 512, JSON: true})
	for _, decorate := range []bool{true, false} {
		s := &said{log: l, logger: l.Logger().With("pool", "www"), pool: "www", decorate: decorate}
		s.line(12, worker.StreamStderr, strings.Repeat("x", 2000))
	}
	l.Flush()
	wantMatch(t, out.writes[0], `"level":"WARNING","msg":"child 12 said into stderr: \\"x{1000}x{1000}\\"","pool":"www","pid":12}`)
	wantMatch(t, out.writes[1], `"level":"WARNING","msg":"x{1000}x{1000}","pool":"www","pid":12}`)
}
