package supervisor

import (
	"cmp"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync/atomic"
)

// LogOptions say where the log goes and what is in it. Source: the php-fpm keys error_log, log_level, log_limit,
// syslog.ident, syslog.facility.
type LogOptions struct {
	File     string // a path, "stderr" or "syslog"
	Ident    string // what lines in syslog are called; "": howdah
	Facility string // of lines in syslog; "": daemon
	Level    slog.Level
	JSON     bool
	Limit    int       // bytes of a line of worker output; 0: 1024
	Stderr   io.Writer // what "stderr" means; nil: os.Stderr
	Echo     bool      // until EndEcho, Stderr gets the lines too that are notices or more
	Syslog   string    // the syslog daemon's socket; "": /dev/log
}

func (o *LogOptions) place() logPlace {
	if o.File != "syslog" {
		return logPlace{file: o.File}
	}
	return logPlace{file: o.File, ident: cmp.Or(o.Ident, "howdah"), facility: cmp.Or(o.Facility, "daemon"), socket: o.Syslog}
}

// Log is the log of the service: a slog.Handler, and the file behind it. Level, format and file can be changed while it is
// in use, and every Logger made from it follows.
//
// A line is queued and written by the Log's own goroutine, so that a reactor loop never waits for a disk. What does not fit
// the queue (maxPendingLog) is dropped and counted; the log says so as soon as it can.
//
// Concurrency: all methods may be called by anyone at any time.
type Log struct {
	level  slog.LevelVar
	json   atomic.Bool
	echo   atomic.Bool
	limit  atomic.Int64 // log_limit
	syslog atomic.Bool  // lines are to look as in syslog, which has the time itself
	out    *logWriter
	stderr io.Writer
}

// OpenLog opens the log. A file is created with mode 0600, as php-fpm does, or appended to.
func OpenLog(o LogOptions) (*Log, error) {
	l := &Log{stderr: o.Stderr}
	if l.stderr == nil {
		l.stderr = os.Stderr
	}
	target, err := openLogTarget("error_log", o.place(), l.stderr)
	if err != nil {
		return nil, err
	}
	l.set(&o)
	l.echo.Store(o.Echo)
	l.out = startLogWriter(target, l.lost)
	return l, nil
}

// Logger returns a Logger that writes to the log.
func (l *Log) Logger() *slog.Logger { return slog.New(newLogHandler(l)) }

// Apply changes file, level and format at a reload. On an error all stays as it was.
func (l *Log) Apply(o LogOptions) error {
	if o.place() != l.out.target() {
		target, err := openLogTarget("error_log", o.place(), l.stderr)
		if err != nil {
			return err
		}
		if err := l.out.turnTo(target); err != nil {
			return err
		}
	}
	l.set(&o)
	return nil
}

// EndEcho keeps further lines off stderr. Source: php-fpm's zlog_set_launched.
func (l *Log) EndEcho() { l.echo.Store(false) }

func (l *Log) set(o *LogOptions) {
	l.level.Set(o.Level)
	l.json.Store(o.JSON)
	l.limit.Store(int64(cmp.Or(o.Limit, 1024)))
	l.syslog.Store(o.File == "syslog")
}

// Level is the level that is logged, and the more urgent ones.
func (l *Log) Level() slog.Level { return l.level.Level() }

// SetLevel changes what is logged, until the next Apply.
func (l *Log) SetLevel(level slog.Level) { l.level.Set(level) }

// Format is the form of lines, "text" or "json".
func (l *Log) Format() string {
	if l.json.Load() {
		return "json"
	}
	return "text"
}

// SetFormat changes the form of lines to "text" or "json", until the next Apply.
func (l *Log) SetFormat(format string) error {
	if format != "text" && format != "json" {
		return fmt.Errorf("log format %q is unknown: text or json", format)
	}
	l.json.Store(format == "json")
	return nil
}

// Reopen opens the file afresh by its name, after logrotate has moved the old one away. When it returns, nothing is written
// to the old file any more; no line is lost in between. On an error the old file stays in use.
func (l *Log) Reopen() error {
	target, err := openLogTarget("error_log", l.out.target(), l.stderr)
	if err != nil {
		return err
	}
	return l.out.turnTo(target)
}

// Flush waits until all lines so far are written, but not longer than logPatience.
func (l *Log) Flush() { l.out.flush() }

// Close writes what is queued, waiting no longer than logPatience, and closes the file. Later lines are dropped. A second
// call does nothing.
func (l *Log) Close() error { return l.out.close() }

// lost is the line that tells about lines that were not written.
func (l *Log) lost(n int, cause string) []byte {
	return newLogHandler(l).line(LevelWarning, linesLost(n), slog.String("cause", cause))
}

func linesLost(n int) string {
	if n == 1 {
		return "1 log line lost"
	}
	return fmt.Sprintf("%d log lines lost", n)
}
