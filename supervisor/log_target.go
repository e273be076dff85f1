package supervisor

import (
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// logTarget is where lines end up: a file that is ours to close, or stderr.
type logTarget struct {
	name  string // as in LogOptions.File
	to    io.Writer
	close func() error
}

// openLogTarget opens the file, or takes stderr, which in containers is also called /dev/stderr or /proc/self/fd/2 and can
// then be a socket that open(2) refuses.
func openLogTarget(name string, stderr io.Writer) (logTarget, error) {
	switch name {
	case "", "stderr", "/dev/stderr", "/proc/self/fd/2":
		return logTarget{name, stderr, func() error { return nil }}, nil
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_APPEND|os.O_CREATE|unix.O_NOCTTY, 0o600)
	if err != nil {
		return logTarget{}, fmt.Errorf("cannot open error_log: %w", err)
	}
	return logTarget{name, f, f.Close}, nil
}
