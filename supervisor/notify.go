package supervisor

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// notifyPatience bounds a message to systemd, whose queue is full while it reloads itself.
const notifyPatience = time.Second

// Notifier tells systemd what the service does. Without systemd every message is dropped.
//
// Concurrency: all methods may be called by anyone at any time.
// Source: sd_notify(3), sd_watchdog_enabled(3).
type Notifier struct {
	socket   string // "": nobody listens
	watchdog time.Duration
}

// NewNotifier takes NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID out of the environment, so that no worker inherits them.
func NewNotifier() (*Notifier, error) {
	n := &Notifier{socket: os.Getenv("NOTIFY_SOCKET")}
	os.Unsetenv("NOTIFY_SOCKET")
	limit, err := daemon.SdWatchdogEnabled(true)
	if err != nil {
		return n, fmt.Errorf("cannot feed systemd's watchdog: %w", err)
	}
	n.watchdog = limit / 2
	return n, nil
}

// Ready says that the service serves, after a start or a reload.
func (n *Notifier) Ready() error {
	return n.send(daemon.SdNotifyReady, status("Ready to handle connections"), "MAINPID="+strconv.Itoa(os.Getpid()))
}

// Reloading says that a reload has begun; Ready ends it.
func (n *Notifier) Reloading() error {
	return n.send(daemon.SdNotifyReloading, strings.TrimSpace(daemon.SdNotifyMonotonicUsec()), status("Reloading in progress"))
}

// Stopping says that the service has begun to stop, and why it takes a while.
func (n *Notifier) Stopping(why string) error {
	return n.send(daemon.SdNotifyStopping, status(why))
}

// Status sets the line that systemctl status shows.
func (n *Notifier) Status(text string) error { return n.send(status(text)) }

// Watchdog says that the service is alive. Call it every WatchdogInterval, as long as all loops turn.
func (n *Notifier) Watchdog() error { return n.send(daemon.SdNotifyWatchdog) }

// WatchdogInterval is half the time after which systemd kills a silent service; 0: it does not watch.
func (n *Notifier) WatchdogInterval() time.Duration { return n.watchdog }

// status is an assignment of one line.
func status(text string) string {
	return "STATUS=" + strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' }), " ")
}

// send sends the assignments in one datagram.
func (n *Notifier) send(assignments ...string) error {
	if n.socket == "" {
		return nil
	}
	err := sendDatagram(n.socket, strings.Join(assignments, "\n"))
	if err != nil {
		return fmt.Errorf("cannot tell systemd %q: %w", assignments[0], err)
	}
	return nil
}

// sendDatagram sends to a path, or to an abstract name with @ in front.
func sendDatagram(socket, text string) error {
	c, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.SetWriteDeadline(time.Now().Add(notifyPatience)); err != nil {
		return err
	}
	_, err = c.Write([]byte(text))
	return err
}
