package supervisor

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strconv"
	"time"
)

// syslogPath is where the machine's syslog daemon, or the journal, takes datagrams. Source: _PATH_LOG, syslog(3).
const syslogPath = "/dev/log"

// syslogFacilities are the names of syslog_facility. Source: RFC 3164 §4.1.1; php-fpm key syslog.facility.
var syslogFacilities = map[string]int{
	"kern": 0, "user": 1, "mail": 2, "daemon": 3, "auth": 4, "syslog": 5, "lpr": 6, "news": 7, "uucp": 8, "cron": 9, "authpriv": 10, "ftp": 11,
	"local0": 16, "local1": 17, "local2": 18, "local3": 19, "local4": 20, "local5": 21, "local6": 22, "local7": 23,
}

// syslogSeverity is the level as RFC 3164 §4.1.1 counts it. php-fpm sends every line with that of its log_level.
func syslogSeverity(l slog.Level) int {
	switch {
	case l < LevelNotice:
		return 7
	case l < LevelWarning:
		return 5
	case l < LevelError:
		return 4
	case l < LevelAlert:
		return 3
	}
	return 1
}

// syslogTarget sends lines to the syslog daemon as syslog(3) does, one datagram each. A daemon that was started again is
// found again at the next line; until then lines are lost, and counted.
//
// Concurrency: none; it belongs to the goroutine of its writer.
type syslogTarget struct {
	path     string
	ident    string
	facility int
	conn     net.Conn // nil: not connected
	datagram []byte
}

// openSyslog connects to the daemon. It is no error if there is none yet.
func openSyslog(path, ident, facility string) (*syslogTarget, error) {
	number, ok := syslogFacilities[facility]
	if !ok {
		return nil, fmt.Errorf("syslog facility %q is unknown", facility)
	}
	t := &syslogTarget{path: path, ident: ident, facility: number}
	_ = t.connect()
	return t, nil
}

func (t *syslogTarget) connect() error {
	conn, err := net.Dial("unixgram", t.path)
	if err != nil {
		return err
	}
	t.conn = conn
	return nil
}

// writeLines sends each line of text.
func (t *syslogTarget) writeLines(level slog.Level, text []byte) error {
	for line := range bytes.SplitSeq(bytes.TrimSuffix(text, []byte("\n")), []byte("\n")) {
		if err := t.send(level, line); err != nil {
			return err
		}
	}
	return nil
}

func (t *syslogTarget) send(level slog.Level, line []byte) error {
	b := append(t.datagram[:0], '<')
	b = strconv.AppendInt(b, int64(t.facility<<3|syslogSeverity(level)), 10)
	b = time.Now().AppendFormat(append(b, '>'), time.Stamp)
	b = append(append(append(b, ' '), t.ident...), '[')
	b = strconv.AppendInt(b, int64(os.Getpid()), 10)
	b = append(append(b, "]: "...), line...)
	t.datagram = b
	if t.conn != nil {
		_ = t.conn.SetWriteDeadline(time.Now().Add(logPatience))
		if _, err := t.conn.Write(b); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
			return err
		}
		_ = t.close()
	}
	if err := t.connect(); err != nil {
		return err
	}
	_, err := t.conn.Write(b)
	return err
}

func (t *syslogTarget) close() error {
	if t.conn == nil {
		return nil
	}
	err := t.conn.Close()
	t.conn = nil
	return err
}
