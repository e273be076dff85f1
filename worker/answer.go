package worker

import (
	"bytes"
	"fmt"

	"golang.org/x/sys/unix"

	"howdah/internal/fcgi"
	"howdah/internal/reactor"
)

// maxEnd is the largest END_REQUEST record: it is kept until it is whole.
const maxEnd = fcgi.HeaderLen + 8 + fcgi.MaxPadding

// answer is how far the stream of records from a worker has been parsed. STDOUT passes through as it comes, in whatever
// pieces; STDERR is looked into; END_REQUEST completes the request.
type answer struct {
	header fcgi.Header
	body   int    // bytes of content and padding still to come of the current record
	errLen int    // of them, content of a STDERR record
	begun  bool   // some of the body has come
	tail   []byte // the last bytes of the head so far
	lone   []byte // a record that ends the head and has one NUL of body: it waits for what comes next
	kept   []byte // start of a record that has not arrived whole
	paused bool   // the job has enough for now
	reads  int    // how often the connection has brought some of it
	stderr stderrStream
}

// read takes what the connection has, once. It reports whether there may be more.
func (w *Worker) read() (more bool) {
	p := w.gen.pool
	kept := copy(p.scratch, w.answer.kept)
	w.answer.kept = w.answer.kept[:0]
	n, errno := reactor.Read(w.fd, p.scratch[kept:])
	switch {
	case errno == unix.EAGAIN:
		w.answer.kept = append(w.answer.kept, p.scratch[:kept]...)
		return false
	case errno != 0 || n == 0:
		w.closed()
		return false
	}
	if w.task == nil {
		w.broken(fmt.Sprintf("%d bytes without a request", n))
		return false
	}
	w.answer.reads++
	w.consume(p.scratch[:kept+n])
	return true
}

// consume passes on the records in b. It may complete the request, and hand the worker its next one, before it returns.
func (w *Worker) consume(b []byte) {
	a := &w.answer
	start, i := 0, 0 // b[start:i] is to be passed on
scan:
	for i < len(b) {
		if a.body > 0 {
			n := min(a.body, len(b)-i)
			if a.header.Type == fcgi.TypeStderr {
				if !w.pass(b[start:i]) || !w.stderr(b[i:i+n]) {
					return
				}
				start = i + n
			}
			a.body -= n
			i += n
			continue
		}
		if len(b)-i < fcgi.HeaderLen {
			break
		}
		h, err := fcgi.ParseHeader(b[i:])
		if err != nil {
			w.broken(err.Error())
			return
		}
		switch h.Type {
		case fcgi.TypeStdout:
			if !a.begun && h.ContentLength > 0 {
				if len(b)-i < h.Len() && h.Len() <= maxHeld {
					break scan
				}
				if a.begins(b[i:], h) {
					if !w.pass(b[start:i]) {
						return
					}
					a.lone = bytes.Clone(b[i : i+h.Len()])
					i += h.Len()
					start = i
					continue
				}
			} else if a.lone != nil {
				if !w.pass(b[start:i]) || !w.passLone() {
					return
				}
				start = i
			}
			a.header, a.body = h, h.ContentLength+h.PaddingLength
			i += fcgi.HeaderLen
		case fcgi.TypeStderr:
			if len(b)-i < h.Len() && h.Len() <= maxHeld {
				break scan
			}
			if !w.pass(b[start:i]) {
				return
			}
			a.header, a.body, a.errLen = h, h.ContentLength+h.PaddingLength, h.ContentLength
			i += fcgi.HeaderLen
			start = i // the header is made anew
		case fcgi.TypeEndRequest:
			if h.Len() > maxEnd {
				w.broken(fmt.Sprintf("an END_REQUEST of %d bytes", h.Len()))
				return
			}
			if len(b)-i < h.Len() {
				break scan
			}
			if i+h.Len() != len(b) {
				w.broken(fmt.Sprintf("%d bytes after END_REQUEST", len(b)-i-h.Len()))
				return
			}
			if a.lone != nil {
				if !w.pass(b[start:i]) || !w.passLone() {
					return
				}
				start = i
			}
			w.completed(b[start:])
			return
		default:
			w.broken(fmt.Sprintf("a record of type %d", h.Type))
			return
		}
	}
	if w.pass(b[start:i]) {
		a.kept = append(a.kept, b[i:]...)
	}
}

// pass gives records to the job, if there is one to take them. It reports whether the connection is still ours: the job may
// find that its client has gone, and abort.
func (w *Worker) pass(records []byte) bool {
	if len(records) == 0 || w.task == nil || w.task.job == nil {
		return true
	}
	w.task.sent = true
	if !w.task.job.Output(records) && w.fd >= 0 {
		w.answer.paused = true
		w.gen.pool.counters.Backpressure++
		w.wait(w.sendInterest())
	}
	return w.fd >= 0
}

// resume lets the answer flow again.
func (w *Worker) resume() {
	if !w.answer.paused || w.fd < 0 {
		return
	}
	w.answer.paused = false
	w.wait(w.sendInterest())
}

// broken ends a worker that does not speak FastCGI: what comes after can't be told apart.
func (w *Worker) broken(what string) {
	p := w.gen.pool
	script, request := w.describe()
	p.log.Error(fmt.Sprintf("child %d sent what is not FastCGI (%s), script '%s' (request: %q): killed", w.pid, what, script, request), w.attrs()...)
	if w.state == Idle {
		w.gen.idle.remove(w)
		w.step(Retired)
	}
	w.signal(unix.SIGKILL)
	w.disconnect()
	if t := w.task; t != nil {
		t.fail(502, 0, CauseProtocol)
	}
}

// closed is called when the worker's side of the connection has gone. Its process has most likely ended, which its pidfd says
// next, with the cause; so the connection is only taken out of the loop, for a moment.
func (w *Worker) closed() {
	w.wait(0)
	w.setWatch(closedGrace, w.closedAlive)
}

// closedAlive deals with a worker that closed its connection and lives: it goes back to accept when it likes, or its deadline
// comes.
func (w *Worker) closedAlive() {
	if w.fd < 0 {
		return // it was given up in the meantime
	}
	if t := w.task; t != nil && t.job != nil {
		script, request := t.describe()
		w.gen.pool.log.Warn(fmt.Sprintf("child %d closed its connection in the middle of script '%s' (request: %q)", w.pid, script, request), w.attrs()...)
		t.fail(502, 0, CauseDied)
	}
	w.abandon()
	if w.state == Killing {
		w.setWatch(profGrace, func() { w.signal(unix.SIGKILL) })
	}
}
