package worker

import (
	"bytes"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"

	"howdah/internal/fcgi"
	"howdah/internal/reactor"
)

// spillChunk is how much of a body in a file goes into one STDIN record: as much as fits, less the header, in one page run.
const spillChunk = 32 << 10

// chunksAtOnce is how many of them are written before the loop turns to other things: PHP may read as fast as we write.
const chunksAtOnce = 32

// spill is a request body in a file, on its way to the worker as STDIN.
type spill struct {
	file   *os.File
	size   int64
	offset int64
	id     uint16
	ended  bool
	own    bool // the file is ours to close
}

func (s *spill) pending() bool { return s.file != nil && !s.ended }

// send starts to write a request. It reports false if the connection took nothing because the worker has gone: PHP has not
// seen the request then.
func (w *Worker) send(job Job) bool {
	wire := job.Wire()
	n, errno := reactor.Write(w.fd, wire)
	switch {
	case errno == unix.EAGAIN:
		n = 0
	case errno != 0:
		return false
	}
	w.unsent = wire[n:]
	if file, size := job.Spill(); file != nil {
		w.spill = spill{file: file, size: size, id: job.RequestID()}
	}
	if len(w.unsent) > 0 || w.spill.pending() {
		w.flush()
	}
	return true
}

// flush writes what the socket takes of the request, and has the loop call again for the rest. A write error is left to the
// read side, which sees the worker's end and what it still said.
func (w *Worker) flush() {
	for range chunksAtOnce {
		for len(w.unsent) > 0 {
			n, errno := reactor.Write(w.fd, w.unsent)
			if errno == unix.EAGAIN {
				w.wait(w.sendInterest())
				return
			}
			if errno != 0 {
				w.dropBody()
				break
			}
			w.unsent = w.unsent[n:]
		}
		if !w.spill.pending() {
			w.unsent = nil
			break
		}
		w.unsent = w.nextChunk()
	}
	w.wait(w.sendInterest())
}

// nextChunk makes the next STDIN record of a body in a file. A file that can't be read ends the worker: the request would
// stay incomplete and hang PHP (fact 18).
func (w *Worker) nextChunk() []byte {
	s := &w.spill
	left := s.size - s.offset
	if left == 0 {
		s.ended = true
		return fcgi.AppendHeader(nil, fcgi.TypeStdin, s.id, 0, 0)
	}
	n := int(min(left, spillChunk))
	chunk := fcgi.AppendHeader(make([]byte, 0, fcgi.HeaderLen+n), fcgi.TypeStdin, s.id, n, 0)
	chunk = chunk[:fcgi.HeaderLen+n]
	if _, err := s.file.ReadAt(chunk[fcgi.HeaderLen:], s.offset); err != nil && err != io.EOF {
		w.gen.pool.log.Error("cannot read back a request body: "+err.Error(), w.attrs()...)
		s.ended = true
		w.signal(unix.SIGKILL)
		return nil
	}
	s.offset += int64(n)
	return chunk
}

// keepBody makes the rest of the body ours when the job that lent it ends before PHP does.
func (w *Worker) keepBody() {
	w.unsent = bytes.Clone(w.unsent)
	s := &w.spill
	if !s.pending() || s.own {
		return
	}
	fd, err := unix.FcntlInt(s.file.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil { // PHP would wait for the rest
		w.gen.pool.log.Error(fmt.Sprintf("cannot keep a request body: %v", err), w.attrs()...)
		w.dropBody()
		w.signal(unix.SIGKILL)
		return
	}
	s.file, s.own = os.NewFile(uintptr(fd), s.file.Name()), true
}

// dropBody gives up what is left of the request.
func (w *Worker) dropBody() {
	if w.spill.own {
		_ = w.spill.file.Close()
	}
	w.unsent, w.spill = nil, spill{}
}

// sendInterest is what the loop is to watch the connection for: room, while some of the request is unsent; the answer,
// unless the job asked to wait with it.
func (w *Worker) sendInterest() uint32 {
	events := uint32(0)
	if len(w.unsent) > 0 || w.spill.pending() {
		events |= reactor.Out
	}
	if !w.answer.paused {
		events |= reactor.In
	}
	return events
}
