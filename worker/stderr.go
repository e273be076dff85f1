package worker

import (
	"bytes"
	"strings"

	"howdah/internal/fcgi"
)

// maxLogLine is how much of one line of PHP's is kept until its end comes; a longer one is logged in pieces.
const maxLogLine = 64 << 10

// stderrStream is what the current request has written to FCGI_STDERR, and fastcgi_finish_request's place in it.
type stderrStream struct {
	scanner *FinishScanner
	line    []byte // the start of a log line whose end has not come
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
		w.logged(text)
		if job := w.task.job; job != nil {
			if !w.pass(fcgi.AppendStream(nil, fcgi.TypeStderr, job.RequestID(), asPHPFPM(text))) {
				return false
			}
		}
	}
	if mark != NoMark {
		w.finished(mark)
	}
	return w.fd >= 0
}

// asPHPFPM gives a message the words that people look for in nginx's error log.
func asPHPFPM(text []byte) []byte {
	return append([]byte("PHP message: "), bytes.TrimSuffix(text, []byte("\n"))...)
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
		t.limit.Leave()
	}
	w.answer.paused = false
	job.End(fcgi.AppendEndRequest(nil, job.RequestID(), 0, fcgi.StatusRequestComplete))
	w.wait(w.sendInterest())
}

// logged writes what PHP said to the log, a line at a time, whole.
func (w *Worker) logged(text []byte) {
	s := &w.answer.stderr
	s.line = append(s.line, text...)
	for {
		i := bytes.IndexByte(s.line, '\n')
		if i < 0 {
			break
		}
		w.logLine(string(s.line[:i]))
		s.line = s.line[i+1:]
	}
	if len(s.line) > maxLogLine {
		w.logLine(string(s.line))
		s.line = nil
	}
}

func (w *Worker) logLine(line string) {
	if line = strings.TrimRight(line, "\r"); line == "" {
		return
	}
	if output := w.gen.opts.Output; output != nil {
		output(w.pid, "stderr", "PHP message: "+line)
	}
}

// endStderr ends the stream with its request.
func (w *Worker) endStderr() {
	s := &w.answer.stderr
	if s.scanner != nil {
		s.line = append(s.line, s.scanner.End()...)
	}
	if len(s.line) > 0 {
		w.logLine(string(s.line))
	}
	*s = stderrStream{}
}

func (w *Worker) describe() (script, request string) {
	if w.task == nil {
		return "-", "-"
	}
	return w.task.describe()
}
