package process

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

func openLines(t *testing.T, s *Spawner, each func(string)) (*Lines, *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	l, err := s.Lines(r, each)
	if err != nil {
		t.Fatal(err)
	}
	return l, w
}

func TestLinesArriveWholeHoweverTheyWereWritten(t *testing.T) {
	var got []string
	s := newSpawner(t, nil)
	_, w := openLines(t, s, func(line string) { got = append(got, line) })
	for _, piece := range []string{"on", "e\n\n \r\ntwo\r\nthr", "ee\nfour"} {
		w.WriteString(piece)
	}
	w.Close()
	s.Close()
	if want := []string{"one", "two", "three", "four"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestALineWithoutEndIsPassedOnInPieces(t *testing.T) {
	total, pieces := 0, 0
	s := newSpawner(t, nil)
	_, w := openLines(t, s, func(line string) { total += len(line); pieces++ })
	for range 300 {
		w.WriteString(strings.Repeat("x", 10_000))
	}
	w.Close()
	s.Close()
	if total != 3_000_000 || pieces != 3 {
		t.Errorf("%d bytes in %d pieces, want 3000000 in 3", total, pieces)
	}
}

func TestLastKnowsWhatWasWrittenJustNow(t *testing.T) {
	s := newSpawner(t, nil)
	l, w := openLines(t, s, nil)
	for _, step := range []struct{ write, want string }{
		{"", ""}, {"PHP Fatal error: a\n", "PHP Fatal error: a"}, {"\n", "PHP Fatal error: a"}, {"no newline", "no newline"},
	} {
		w.WriteString(step.write)
		if got := l.Last(); got != step.want {
			t.Errorf("after %q: %q, want %q", step.write, got, step.want)
		}
	}
}

func TestCloseDoesNotWaitForAJobThatHoldsThePipe(t *testing.T) {
	s := newSpawner(t, nil)
	l, w := openLines(t, s, nil)
	w.WriteString("hello\n")
	l.Last()
	closed := make(chan struct{})
	go func() { s.Close(); close(closed) }()
	select {
	case <-closed:
	case <-time.After(5 * time.Second):
		t.Fatal("Close waits")
	}
	if got := l.Last(); got != "hello" {
		t.Errorf("Last after Close: %q", got)
	}
}
