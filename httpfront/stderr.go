package httpfront

import (
	"bytes"
	"log/slog"
)

// maxStderrLine bounds what is kept of a message that PHP does not end, in bytes; it is logged in pieces then.
const maxStderrLine = 16 << 10

// stderr logs what PHP says on FCGI_STDERR while it runs one request, line by line and in nginx's words,
// for which operators grep.
type stderr struct {
	log   *slog.Logger
	mute  bool
	about []any // which request
	line  []byte
}

func (s *stderr) add(content []byte) {
	if s.mute {
		return
	}
	for raw := range bytes.Lines(content) {
		s.line = append(s.line, raw...)
		if raw[len(raw)-1] == '\n' || len(s.line) > maxStderrLine {
			s.end()
		}
	}
}

func (s *stderr) end() {
	if line := bytes.TrimRight(s.line, "\r\n"); len(line) > 0 {
		s.log.Warn(`FastCGI sent in stderr: "`+string(line)+`"`, s.about...)
	}
	s.line = s.line[:0]
}
