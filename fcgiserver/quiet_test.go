package fcgiserver

import (
	"log/slog"
	"strings"
	"testing"
	"time"
)

func TestOneLineASecondOfEachKindAndTheRestIsCounted(t *testing.T) {
	var out logText
	now := time.Duration(0)
	q := quiet{log: slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}})), now: func() time.Duration { return now }}
	q.warn("a", "first")
	q.note("b", "of another kind")
	for range 5 {
		now += 100 * time.Millisecond
		q.warn("a", "hidden")
	}
	now += time.Second
	q.warn("a", "next")
	now += time.Second
	q.warn("a", "alone")
	want(t, out.String(), strings.Join([]string{
		"level=WARN msg=first", `level=INFO msg="of another kind"`, `level=WARN msg="next (and 5 more like it)"`, "level=WARN msg=alone", "",
	}, "\n"))
}
