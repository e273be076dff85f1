package supervisor

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"
)

// syslogDaemon is a socket that datagrams come to.
type syslogDaemon struct {
	t    *testing.T
	conn *net.UnixConn
}

func listenSyslog(t *testing.T, path string) *syslogDaemon {
	t.Helper()
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &syslogDaemon{t, conn}
}

func (d *syslogDaemon) next() string {
	d.t.Helper()
	buf := make([]byte, 64<<10)
	if err := d.conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		d.t.Fatal(err)
	}
	n, err := d.conn.Read(buf)
	if err != nil {
		d.t.Fatal(err)
	}
	return string(buf[:n])
}

func TestLinesInSyslogLookAsPhpFpmSendsThem(t *testing.T) {
	leaks(t)
	path := filepath.Join(t.TempDir(), "log")
	daemon := listenSyslog(t, path)
	l := openLog(t, LogOptions{File: "syslog", Ident: "php-fpm", Facility: "local0", Syslog: path})
	log := l.Logger()
	log.Info("fpm is running, pid 7")
	log.With("pool", "www").Warn("one\ntwo")
	log.Log(t.Context(), LevelAlert, "the end")
	for _, want := range []string{
		`<133>%s php-fpm\[%d\]: \[NOTICE\] fpm is running, pid 7`,
		`<132>%s php-fpm\[%d\]: \[WARNING\] \[pool www\] one`,
		`<132>%s php-fpm\[%d\]: \[WARNING\] \[pool www\] two`,
		`<129>%s php-fpm\[%d\]: \[ALERT\] the end`,
	} {
		wantMatch(t, daemon.next(), "^"+fmt.Sprintf(want, `[A-Z][a-z]{2} [ 0-9]\d \d\d:\d\d:\d\d`, os.Getpid())+"$")
	}
	l.SetLevel(LevelDebug)
	log.Debug("detail")
	wantMatch(t, daemon.next(), `: \[DEBUG\] TestLinesInSyslogLookAsPhpFpmSendsThem\(\), line \d+: detail$`)
	if err := l.SetFormat("json"); err != nil {
		t.Fatal(err)
	}
	log.Debug("detail")
	wantMatch(t, daemon.next(), `: \{"time":.*"msg":"detail"\}$`)
}

func TestSyslogDaemonThatCameBackIsFoundAndLostLinesAreCounted(t *testing.T) {
	leaks(t)
	path := filepath.Join(t.TempDir(), "log")
	l := openLog(t, LogOptions{File: "syslog", Syslog: path})
	l.Logger().Info("nobody hears this")
	l.Flush()
	first := listenSyslog(t, path)
	l.Logger().Info("heard")
	wantMatch(t, first.next(), `\[WARNING\] 1 log line lost cause=`)
	wantMatch(t, first.next(), `^<29>.* howdah\[\d+\]: \[NOTICE\] heard$`)
	first.conn.Close()
	if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	second := listenSyslog(t, path)
	l.Logger().Info("heard again")
	wantMatch(t, second.next(), `\[NOTICE\] heard again$`)
}

func TestLogMovesBetweenFileAndSyslogAtAReload(t *testing.T) {
	leaks(t)
	dir := t.TempDir()
	path, file := filepath.Join(dir, "log"), filepath.Join(dir, "error.log")
	daemon := listenSyslog(t, path)
	l := openLog(t, LogOptions{File: file, Syslog: path})
	l.Logger().Info("to the file")
	for _, o := range []LogOptions{{File: "syslog", Syslog: path}, {File: "syslog", Ident: "other", Syslog: path}, {File: file}} {
		if err := l.Apply(o); err != nil {
			t.Fatal(err)
		}
		l.Logger().Info("next")
	}
	wantMatch(t, daemon.next(), `howdah\[\d+\]: \[NOTICE\] next$`)
	wantMatch(t, daemon.next(), `other\[\d+\]: \[NOTICE\] next$`)
	l.Flush()
	if n := len(regexp.MustCompile(`(?m)^\[.*\] NOTICE: (to the file|next)$`).FindAllString(readFile(t, file), -1)); n != 2 {
		t.Errorf("the file has %q", readFile(t, file))
	}
}

func TestUnknownFacilityIsRefused(t *testing.T) {
	if _, err := OpenLog(LogOptions{File: "syslog", Facility: "nonsense"}); err == nil {
		t.Error("nonsense is a facility")
	}
}
