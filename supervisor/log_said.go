package supervisor

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"time"
	"unicode/utf8"

	"howdah/worker"
)

// said is what workers of a pool write to stdout and stderr, on its way to the log. Source: the php-fpm keys
// catch_workers_output, decorate_workers_output, log_limit; fpm_stdio.c and zlog.c.
type said struct {
	log      *Log
	logger   *slog.Logger // of the pool
	pool     string
	decorate bool
}

// line logs one line: decorated as a warning that names pool and process, else as it is. In the text format one that is longer
// than log_limit goes on in the next, decorated anew; in JSON it is whole. pid is 0 where it can't be told.
func (s *said) line(pid int, stream worker.Stream, text string) {
	l := s.log
	if LevelWarning < l.Level() {
		return
	}
	if stream == worker.StreamMessages { // php-fpm's workers write it to stderr, as a line of a log of their own
		stream = worker.StreamStderr
		if l.Level() <= LevelNotice && strings.HasPrefix(text, worker.MessagePrefix) {
			text = "NOTICE: " + text
		}
	}
	who := fmt.Sprintf("said into %s: ", stream)
	if pid != 0 {
		who = fmt.Sprintf("child %d %s", pid, who)
	}
	switch json := l.json.Load(); {
	case json && s.decorate:
		s.logger.LogAttrs(context.Background(), LevelWarning, who+`"`+text+`"`, slog.Int("pid", pid))
	case json:
		s.logger.LogAttrs(context.Background(), LevelWarning, text, slog.Int("pid", pid))
	case s.decorate:
		l.wrapped(s.pool, who, text)
	default:
		l.plain(text)
	}
}

// wrapped writes text in quotes, in as many lines as log_limit makes necessary.
func (l *Log) wrapped(pool, who, text string) {
	var pc [1]uintptr
	runtime.Callers(3, pc[:])
	r := slog.NewRecord(time.Now(), LevelWarning, "", pc[0])
	head := append(l.textHead(r), "[pool "...)
	head = append(append(append(append(head, pool...), "] "...), who...), '"')
	limit := int(l.limit.Load())
	var lines []byte
	n := wrap(appendPrintable(nil, text), limit-len(head)-len("\"\n"), func(part []byte) {
		lines = append(append(append(lines, head...), part...), "\"\n"...)
	})
	l.out.write(LevelWarning, lines, n)
}

// plain writes text without a word of ours, as php-fpm does.
func (l *Log) plain(text string) {
	var lines []byte
	n := wrap(appendPrintable(nil, text), int(l.limit.Load())-len("\n"), func(part []byte) {
		lines = append(append(lines, part...), '\n')
	})
	l.out.write(LevelWarning, lines, n)
}

// wrap gives text to each in parts of at most room bytes, and returns how many there were. It cuts no letter in two.
func wrap(text []byte, room int, each func(part []byte)) (parts int) {
	room = max(room, utf8.UTFMax)
	for {
		parts++
		if len(text) <= room {
			each(text)
			return parts
		}
		n := room
		for !utf8.RuneStart(text[n]) {
			n--
		}
		each(text[:n])
		text = text[n:]
	}
}
