package supervisor

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// fakeSystemd sets NOTIFY_SOCKET and returns a function that receives one message.
func fakeSystemd(t *testing.T, socket string) (receive func() string) {
	t.Helper()
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	t.Setenv("NOTIFY_SOCKET", socket)
	return func() string {
		t.Helper()
		c.SetReadDeadline(time.Now().Add(10 * time.Second))
		b := make([]byte, 4096)
		n, err := c.Read(b)
		if err != nil {
			t.Fatal(err)
		}
		return string(b[:n])
	}
}

func TestSystemdIsToldOfEachTurn(t *testing.T) {
	leaks(t)
	sockets := []string{filepath.Join(t.TempDir(), "notify"), fmt.Sprintf("@howdah-test-%d", os.Getpid())}
	for _, socket := range sockets {
		receive := fakeSystemd(t, socket)
		n, err := NewNotifier()
		if err != nil {
			t.Fatal(err)
		}
		if _, there := os.LookupEnv("NOTIFY_SOCKET"); there {
			t.Error("workers would inherit NOTIFY_SOCKET")
		}
		for _, c := range []struct {
			err     error
			pattern string
		}{
			{n.Ready(), fmt.Sprintf(`^READY=1\nSTATUS=Ready to handle connections\nMAINPID=%d$`, os.Getpid())},
			{n.Reloading(), `^RELOADING=1\nMONOTONIC_USEC=\d+\nSTATUS=Reloading in progress$`},
			{n.Status("2 busy\nREADY=1\r\nx"), `^STATUS=2 busy READY=1 x$`},
			{n.Watchdog(), `^WATCHDOG=1$`},
			{n.Stopping("Waiting for 3 requests"), `^STOPPING=1\nSTATUS=Waiting for 3 requests$`},
		} {
			if c.err != nil {
				t.Error(c.err)
			}
			wantMatch(t, receive(), c.pattern)
		}
	}
}

func TestWithoutSystemdNothingIsSent(t *testing.T) {
	leaks(t)
	for _, v := range []string{"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"} {
		t.Setenv(v, "")
	}
	n, err := NewNotifier()
	if err != nil || n.WatchdogInterval() != 0 {
		t.Fatalf("%v, %v", n.WatchdogInterval(), err)
	}
	for _, err := range []error{n.Ready(), n.Reloading(), n.Status(""), n.Watchdog(), n.Stopping("")} {
		if err != nil {
			t.Error(err)
		}
	}
}

func TestSystemdThatHasGoneIsAnError(t *testing.T) {
	leaks(t)
	t.Setenv("NOTIFY_SOCKET", filepath.Join(t.TempDir(), "none"))
	n, err := NewNotifier()
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Ready(); err == nil {
		t.Error("nobody was there, and nobody says so")
	}
}

func TestWatchdogIsFedTwiceInItsTime(t *testing.T) {
	leaks(t)
	for _, c := range []struct {
		usec, pid string
		want      time.Duration
		wrong     bool
	}{
		{"30000000", strconv.Itoa(os.Getpid()), 15 * time.Second, false},
		{"30000000", "", 15 * time.Second, false},
		{"30000000", "1", 0, false},
		{"soon", "", 0, true},
		{"-1", "", 0, true},
	} {
		t.Setenv("NOTIFY_SOCKET", "")
		t.Setenv("WATCHDOG_USEC", c.usec)
		t.Setenv("WATCHDOG_PID", c.pid)
		n, err := NewNotifier()
		if (err != nil) != c.wrong || n.WatchdogInterval() != c.want {
			t.Errorf("WATCHDOG_USEC=%s WATCHDOG_PID=%s: %v, %v", c.usec, c.pid, n.WatchdogInterval(), err)
		}
		if _, there := os.LookupEnv("WATCHDOG_USEC"); there {
			t.Error("workers would inherit WATCHDOG_USEC")
		}
	}
}
