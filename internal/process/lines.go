package process

import (
	"bytes"
	"os"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// maxLine bounds the memory for a line that does not end; a longer one is passed on in pieces of this size.
const maxLine = 1 << 20

// Lines passes on, line by line, what child processes write into a pipe.
type Lines struct {
	pipe *os.File
	raw  syscall.RawConn
	each func(line string)

	mu      sync.Mutex
	partial []byte // the line that has not ended yet
	last    string
	eof     bool
}

// Lines starts a goroutine that calls each, which may be nil, for every line that is not empty. It takes over the pipe, and
// reads until every process that has the other end is gone, or until the Spawner closes: a script's background job may
// outlive its zygote, and would die at its next message if the pipe were closed.
//
// each must not call Last.
func (s *Spawner) Lines(pipe *os.File, each func(line string)) (*Lines, error) {
	raw, err := pipe.SyscallConn()
	if err != nil {
		return nil, err
	}
	l := &Lines{pipe: pipe, raw: raw, each: each}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, ErrClosed
	}
	s.lines[l] = struct{}{}
	s.group.Add(1)
	go func() {
		defer s.group.Done()
		l.run()
		s.mu.Lock()
		delete(s.lines, l)
		s.mu.Unlock()
	}()
	return l, nil
}

func (l *Lines) run() {
	defer l.pipe.Close()
	l.raw.Read(func(fd uintptr) bool { return l.pump(int(fd)) }) // false waits until there is more
	l.mu.Lock()
	defer l.mu.Unlock()
	l.line(l.partial)
	l.partial = nil
}

// Last returns the last line that was not empty, of all that had been written by the time of the call.
func (l *Lines) Last() string {
	l.raw.Control(func(fd uintptr) { l.pump(int(fd)) })
	l.mu.Lock()
	defer l.mu.Unlock()
	if p := bytes.TrimSpace(l.partial); len(p) > 0 {
		return string(p)
	}
	return l.last
}

// pump reads what is there and reports whether that was the end.
func (l *Lines) pump(fd int) (eof bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var buf [4096]byte
	for !l.eof {
		n, err := unix.Read(fd, buf[:])
		switch {
		case err == unix.EINTR:
		case err == unix.EAGAIN:
			return false
		case err != nil || n == 0:
			l.eof = true
		default:
			l.feed(buf[:n])
		}
	}
	return true
}

func (l *Lines) feed(b []byte) {
	for {
		line, rest, ended := bytes.Cut(b, []byte{'\n'})
		l.partial = append(l.partial, line...)
		if !ended {
			break
		}
		l.line(l.partial)
		l.partial = l.partial[:0]
		b = rest
	}
	if len(l.partial) >= maxLine {
		l.line(l.partial)
		l.partial = l.partial[:0]
	}
}

func (l *Lines) line(b []byte) {
	b = bytes.TrimRight(b, "\r")
	if len(bytes.TrimSpace(b)) == 0 {
		return
	}
	l.last = string(b)
	if l.each != nil {
		l.each(l.last)
	}
}
