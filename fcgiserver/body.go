package fcgiserver

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// body holds a request body until it is complete: in memory up to a limit, then in a file that has no name. One that can't be
// stored, mostly because the disk is full, is read to its end all the same: web servers look for an answer only then.
type body struct {
	memLimit int    // bytes
	dir      string // where the file goes
	mem      []byte
	file     *os.File
	size     int64
	spilled  bool  // it went to a file; for the counter
	err      error // why it is not stored
}

// append adds what has arrived.
func (b *body) append(p []byte) {
	if b.err != nil {
		return
	}
	if err := b.store(p); err != nil {
		b.reset() // the disk has its space back at once
		b.err = fmt.Errorf("cannot store the request body: %w", err)
	}
}

func (b *body) store(p []byte) error {
	b.size += int64(len(p))
	if b.file == nil && len(b.mem)+len(p) <= b.memLimit {
		b.mem = append(b.mem, p...)
		return nil
	}
	if b.file == nil {
		if err := b.spill(); err != nil {
			return err
		}
	}
	_, err := b.file.Write(p)
	return err
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
	b.mem = trim(b.mem)
	return err
}

func (b *body) reset() {
	if b.file != nil {
		_ = b.file.Close()
	}
	b.mem, b.file, b.size, b.spilled, b.err = trim(b.mem), nil, 0, false, nil
}
