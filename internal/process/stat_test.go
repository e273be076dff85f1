package process

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"
)

const statLine = "4711 (a) b (c) Z 7 8 9 0 -1 4228364 94 0 0 0 100 20 3 4 20 0 1 0 123456 0 0 18446744073709551615 0 0 0 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 1792\n"

func TestStatIsReadAlthoughTheNameHoldsSpacesAndParentheses(t *testing.T) {
	got, err := parseStat([]byte(statLine))
	want := Stat{PID: 4711, PPID: 7, PGID: 8, Session: 9, Name: "a) b (c", State: 'Z', Ticks: 120, ChildTicks: 7, SystemTicks: 24, StartTime: 123456, ExitCode: 1792}
	if err != nil || got != want {
		t.Errorf("got %+v, %v\nwant %+v", got, err, want)
	}
	if got := causeOf(got.ExitCode); got.Code != 7 {
		t.Errorf("the cause is %v", got)
	}
}

func TestAShortOrGarbledStatIsAnError(t *testing.T) {
	for _, line := range []string{"", "1", "1 (x)", "1 (x) S 2 3", ")1(", strings.Replace(statLine, " 7 8 ", " x 8 ", 1)} {
		if got, err := parseStat([]byte(line)); err == nil {
			t.Errorf("%q: %+v", line, got)
		}
	}
}

func TestWeSeeOurselvesInProc(t *testing.T) {
	st, err := ReadStat(os.Getpid())
	if err != nil || st.PID != os.Getpid() || st.PPID != os.Getppid() || st.StartTime == 0 {
		t.Errorf("%+v, %v", st, err)
	}
	if _, err := ReadStat(1 << 30); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a pid that is nobody's: %v", err)
	}
}

func FuzzParseStat(f *testing.F) {
	f.Add([]byte(statLine))
	f.Fuzz(func(t *testing.T, b []byte) { parseStat(b) })
}
