package supervisor

import (
	"cmp"
	"fmt"
	"io"
	"log/slog"
	"os"

	"golang.org/x/sys/unix"
)

// logPlace says where lines go. Two that are equal are the same target.
type logPlace struct {
	file            string // a path, "stderr" or "syslog"
	ident, facility string // for syslog
	socket          string // of the syslog daemon; "": syslogPath
}

// logTarget is where lines end up: a file that is ours to close, stderr, or the syslog daemon.
type logTarget struct {
	place  logPlace
	to     io.Writer     // nil: syslog
	syslog *syslogTarget // nil: to
	close  func() error
}

// openLogTarget opens the file, or takes stderr, which in containers is also called /dev/stderr or /proc/self/fd/2 and can
// then be a socket that open(2) refuses. what names it in an error.
func openLogTarget(what string, place logPlace, stderr io.Writer) (logTarget, error) {
	switch place.file {
	case "", "stderr", "/dev/stderr", "/proc/self/fd/2":
		return logTarget{place: place, to: stderr, close: func() error { return nil }}, nil
	case "syslog":
		s, err := openSyslog(cmp.Or(place.socket, syslogPath), place.ident, place.facility)
		if err != nil {
			return logTarget{}, err
		}
		return logTarget{place: place, syslog: s, close: s.close}, nil
	}
	f, err := os.OpenFile(place.file, os.O_WRONLY|os.O_APPEND|os.O_CREATE|unix.O_NOCTTY, 0o600)
	if err != nil {
		return logTarget{}, fmt.Errorf("cannot open %s: %w", what, err)
	}
	return logTarget{place: place, to: f, close: f.Close}, nil
}

// write writes lines, with one write(2) unless they go to syslog. It returns how many bytes were written.
func (t *logTarget) write(level slog.Level, lines []byte) (int, error) {
	if t.syslog != nil {
		return 0, t.syslog.writeLines(level, lines)
	}
	return t.to.Write(lines)
}
