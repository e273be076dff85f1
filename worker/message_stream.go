package worker

import (
	"bytes"
	"strings"
)

// maxLogLine is how much of one line of PHP's is kept until its end comes; a longer one is passed on in pieces.
const maxLogLine = 64 << 10

// MessagePrefix is what php-fpm puts before what PHP logs, for the web server and for its own log. Source: sapi_cgi_log_message.
const MessagePrefix = "PHP message: "

// messageStream takes apart what a request's PHP writes to FCGI_STDERR. php-cgi ends each message with a line end, and a message may have
// line ends of its own: which line begins a message is told by its first letters, as PHP's stack traces and print_r have them.
type messageStream struct {
	partial  []byte // the start of a line whose end has not come
	any      bool   // a message has begun
	uncaught bool   // the message is of an uncaught exception, which ends with "thrown in"
	piece    bool   // what comes next belongs to the line before
}

// take adds text and returns what of it the web server is to get now: php-fpm's words, "; " between messages. log is called
// with each line, as php-fpm's log has it.
func (m *messageStream) take(text []byte, log func(line string)) (out []byte) {
	m.partial = append(m.partial, text...)
	for {
		i := bytes.IndexByte(m.partial, '\n')
		if i < 0 {
			break
		}
		out = m.line(out, m.partial[:i], log)
		m.piece = false
		m.partial = m.partial[i+1:]
	}
	if len(m.partial) > maxLogLine {
		out = m.line(out, m.partial, log)
		m.piece, m.partial = true, nil
	}
	return out
}

// end is take at the end of the request.
func (m *messageStream) end(text []byte, log func(line string)) (out []byte) {
	out = m.take(text, log)
	if len(m.partial) > 0 {
		out = m.line(out, m.partial, log)
	}
	return out
}

func (m *messageStream) line(out, line []byte, log func(line string)) []byte {
	begins := false
	switch {
	case m.piece:
	case m.begins(line):
		if begins = true; m.any {
			out = append(out, "; "...)
		}
		m.any = true
		out = append(out, MessagePrefix...)
	default:
		out = append(out, '\n')
	}
	if text := strings.TrimRight(string(line), "\r"); text != "" {
		if begins {
			text = MessagePrefix + text
		}
		log(text)
	}
	return append(out, line...)
}

// begins tells whether line is the first of a message.
func (m *messageStream) begins(line []byte) bool {
	if m.uncaught && m.any {
		m.uncaught = !bytes.HasPrefix(line, []byte("  thrown in "))
		return false
	}
	if m.any && (len(line) == 0 || bytes.IndexByte([]byte(" \t()#}"), line[0]) >= 0 || bytes.HasPrefix(line, []byte("Stack trace:"))) {
		return false
	}
	m.uncaught = bytes.HasPrefix(line, []byte("PHP Fatal error:  Uncaught "))
	return true
}
