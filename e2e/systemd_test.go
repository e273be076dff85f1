package e2e

import (
	"net"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// manager plays systemd: it hears what a service notifies.
type manager struct {
	t    *testing.T
	conn *net.UnixConn
	said []string
}

func startManager(t *testing.T, sb *sandbox) (*manager, string) {
	t.Helper()
	path := sb.path("notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := os.Chmod(path, 0o777); err != nil {
		t.Fatal(err)
	}
	return &manager{t: t, conn: conn}, path
}

// wantHeard waits for a message with a line that begins with word, and returns the line.
func (m *manager) wantHeard(word string, limit time.Duration) string {
	m.t.Helper()
	deadline := time.Now().Add(limit)
	for {
		for i, line := range m.said {
			if strings.HasPrefix(line, word) {
				m.said = slices.Delete(m.said, i, i+1)
				return line
			}
		}
		if err := m.conn.SetReadDeadline(deadline); err != nil {
			m.t.Fatal(err)
		}
		buf := make([]byte, 4096)
		n, err := m.conn.Read(buf)
		if err != nil {
			m.t.Fatalf("systemd heard no %s in %v, but %q", word, limit, m.said)
		}
		m.said = append(m.said, strings.Split(strings.TrimSpace(string(buf[:n])), "\n")...)
	}
}

func TestSystemdHearsReadyReloadingStoppingAndTheWatchdog(t *testing.T) {
	t.Parallel()
	sb := newSandbox(t)
	m, path := startManager(t, sb)
	h := prepareHowdah(t, sb, "[global]", `systemd_interval = "1s"`)
	cmd := h.command()
	cmd.Env = append(cmd.Env, "NOTIFY_SOCKET="+path, "WATCHDOG_USEC=1000000")
	h.start(cmd)
	m.wantHeard("READY=1", 10*time.Second)
	m.wantHeard("STATUS=", 5*time.Second)
	for range 3 {
		m.wantHeard("WATCHDOG=1", 2*time.Second)
	}
	h.signal(syscall.SIGHUP)
	m.wantHeard("RELOADING=1", 10*time.Second)
	m.wantHeard("READY=1", 10*time.Second)
	h.signal(syscall.SIGTERM)
	m.wantHeard("STOPPING=1", 10*time.Second)
	if code := h.wait(10 * time.Second); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

func TestSocketFromSystemdIsUsedAndLeftInPlace(t *testing.T) {
	t.Parallel()
	sb := newSandbox(t)
	h := prepareHowdah(t, sb)
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: h.socket, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	file, err := l.File()
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	early := dialFastCGI(t, h.socket) // before Howdah runs
	early.send(requestBytes(t, 1, 0, "", sb.script("GET", "hello.php")...))

	cmd := h.command()
	cmd.ExtraFiles = []*os.File{file} // descriptor 3
	activated := []string{"/bin/sh", "-c", `LISTEN_FDS=1 LISTEN_PID=$$ exec "$0" "$@"`}
	cmd.Path, cmd.Args = activated[0], append(activated, append([]string{cmd.Path}, cmd.Args[1:]...)...)
	h.start(cmd)
	if r, err := early.receive(); err != nil || !strings.HasSuffix(r.stdout, "hello") {
		t.Errorf("the client that came before the start: %q, %v", r.stdout, err)
	}
	r := dialFastCGI(t, h.socket).ask(0, "", sb.script("GET", "report.php")...)
	if strings.Contains(r.stdout, "LISTEN_FDS") {
		t.Error("LISTEN_FDS leaks to PHP")
	}
	if code := h.stop(syscall.SIGTERM, 10*time.Second); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if !exists(h.socket) {
		t.Error("the socket, which is systemd's, was removed")
	}
	if err := os.Remove(h.socket); err != nil {
		t.Error(err)
	}
}

func TestSignalsReachTheProcessThatWasStarted(t *testing.T) {
	t.Parallel()
	sb := newSandbox(t)
	h := startHowdah(t, sb)
	if p, ok := inspect(h.pid()); !ok || p.parent != os.Getpid() {
		t.Errorf("howdah is not our child any more: %+v", p)
	}
	if code := h.stop(syscall.SIGTERM, 5*time.Second); code != 0 {
		t.Errorf("exit code %d", code)
	}
}
