package fcgiserver

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// errBody is wrapped by the error of a body that can't be stored: the disk is full, mostly.
var errBody = errors.New("cannot store the request body")

// body holds a request body until it is complete: in memory up to a limit, then in a file that has no name.
type body struct {
	memLimit int    // bytes
	dir      string // where the file goes
	mem      []byte
	file     *os.File
	size     int64
	spilled  bool // it went to a file; for the counter
}

// append adds what has arrived.
//
// Errors: errBody.
func (b *body) append(p []byte) error {
	if b.file == nil && len(b.mem)+len(p) <= b.memLimit {
		b.mem = append(b.mem, p...)
		b.size += int64(len(p))
		return nil
	}
	if b.file == nil {
		if err := b.spill(); err != nil {
			return fmt.Errorf("%w: %w", errBody, err)
		}
	}
	if _, err := b.file.Write(p); err != nil {
		return fmt.Errorf("%w: %w", errBody, err)
	}
	b.size += int64(len(p))
	return nil
}

// spill moves the body to a file.
func (b *body) spill() error {
	fd, err := unix.Open(b.dir, unix.O_RDWR|unix.O_TMPFILE|unix.O_CLOEXEC, 0o600)
	if err == nil {
		b.file = os.NewFile(uintptr(fd), "request body")
	} else if b.file, err = os.CreateTemp(b.dir, "body-"); err != nil { // a file system without O_TMPFILE
		return err
	} else if err := os.Remove(b.file.Name()); err != nil {
		return err
	}
	b.spilled = true
	_, err = b.file.Write(b.mem)
	b.mem = b.mem[:0]
	return err
}

func (b *body) reset() {
	if b.file != nil {
		_ = b.file.Close()
	}
	b.mem, b.file, b.size, b.spilled = trim(b.mem), nil, 0, false
}
