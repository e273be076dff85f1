package fcgiserver

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

// quietEvery is how often a warning of one kind is written at the most.
const quietEvery = time.Second

// quiet writes repeated warnings once a second, with the number of those that were not written.
type quiet struct {
	log   *slog.Logger
	now   func() time.Duration
	kinds map[string]*quietKind
}

type quietKind struct {
	last    time.Duration
	skipped int
}

// warn writes text unless one of its kind was written within the last second.
func (q *quiet) warn(kind, text string) {
	q.write(slog.LevelWarn, kind, text)
}

// note is warn at the level of a notice.
func (q *quiet) note(kind, text string) {
	q.write(slog.LevelInfo, kind, text)
}

func (q *quiet) write(level slog.Level, kind, text string) {
	if q.kinds == nil {
		q.kinds = map[string]*quietKind{}
	}
	k := q.kinds[kind]
	if k == nil {
		k = &quietKind{last: -quietEvery}
		q.kinds[kind] = k
	}
	if q.now()-k.last < quietEvery {
		k.skipped++
		return
	}
	if k.skipped > 0 {
		text += fmt.Sprintf(" (and %d more like it)", k.skipped)
	}
	k.last, k.skipped = q.now(), 0
	q.log.Log(context.Background(), level, text)
}
