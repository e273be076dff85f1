package worker

import (
	"howdah/internal/fcgi"
)

// stderrStream is what the current request has written to FCGI_STDERR, and fastcgi_finish_request's place in it.
type stderrStream struct {
	scanner  *FinishScanner
	messages messageStream
}

// stderr takes a piece of a STDERR record: its content first, then its padding. What PHP logs goes to the client as it does in
// php-fpm, and to the log. It reports whether the connection is still ours.
func (w *Worker) stderr(b []byte) bool {
	a := &w.answer
	n := min(a.errLen, len(b))
	a.errLen -= n
	if n == 0 || w.task == nil {
		return true
	}
	if a.stderr.scanner == nil {
		a.stderr.scanner = NewFinishScanner(w.gen.zygote.Token())
	}
	text, mark := a.stderr.scanner.Next(b[:n])
	if len(text) > 0 {
		said := a.stderr.messages.take(text, w.logLine)
		if job := w.task.job; job != nil && len(said) > 0 {
			if !w.pass(fcgi.AppendStream(nil, fcgi.TypeStderr, job.RequestID(), said)) {
				return false
			}
		}
	}
	if mark != NoMark {
		w.finished(mark)
	}
	return w.fd >= 0
}

// finished is called at fastcgi_finish_request: the client gets the end of its answer now, and PHP goes on, still busy, its
// further output nobody's.
func (w *Worker) finished(mark FinishMark) {
	t := w.task
	if lone := w.answer.lone; lone != nil {
		if mark == FinishedNUL {
			dropLastByte(lone)
		}
		if !w.passLone() {
			return
		}
	}
	job := t.job
	if job == nil {
		return
	}
	w.keepBody()
	t.job = nil
	if !w.gen.opts.TrackFinished {
		t.unlimit()
		t.slow.Leave()
	}
	w.answer.paused = false
	job.End(fcgi.AppendEndRequest(nil, job.RequestID(), 0, fcgi.StatusRequestComplete))
	w.wait(w.sendInterest())
}

// logLine gives the log a line of what PHP logs.
func (w *Worker) logLine(line string) {
	if output := w.gen.opts.Output; output != nil {
		output(w.pid, StreamMessages, line)
	}
}

// endStderr ends the stream with its request. It returns what the web server has not been told.
func (w *Worker) endStderr() []byte {
	s := &w.answer.stderr
	text := s.messages.end(s.scanner.End(), w.logLine)
	*s = stderrStream{}
	return text
}

func (w *Worker) describe() (script, request string) {
	if w.task == nil {
		return "-", "-"
	}
	return w.task.describe()
}
