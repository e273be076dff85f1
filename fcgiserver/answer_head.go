package fcgiserver

import (
	"bytes"
	"strconv"

	"howdah/internal/fcgi"
)

// maxLoggedHead is how much of an answer's head is kept for the access log.
const maxLoggedHead = 64 << 10

// answerHead keeps the head of an answer while its records pass. Headers of records come whole; contents may come in pieces.
type answerHead struct {
	bytes   []byte
	whole   bool
	content int // bytes still to come of a STDOUT record
	skip    int // bytes still to come of its padding, or of another record
}

var headEnd = []byte("\r\n\r\n")

// look takes the next records.
func (a *answerHead) look(records []byte) {
	for !a.whole && len(records) > 0 {
		switch {
		case a.content > 0:
			n := min(a.content, len(records))
			a.add(records[:n])
			a.content, records = a.content-n, records[n:]
		case a.skip > 0:
			n := min(a.skip, len(records))
			a.skip, records = a.skip-n, records[n:]
		case len(records) < fcgi.HeaderLen:
			return
		default:
			h, err := fcgi.ParseHeader(records)
			if err != nil {
				return
			}
			records = records[fcgi.HeaderLen:]
			if h.Type == fcgi.TypeStdout {
				a.content, a.skip = h.ContentLength, h.PaddingLength
			} else {
				a.skip = h.ContentLength + h.PaddingLength
			}
		}
	}
}

func (a *answerHead) add(b []byte) {
	from := max(0, len(a.bytes)-len(headEnd)+1)
	a.bytes = append(a.bytes, b[:min(len(b), maxLoggedHead-len(a.bytes))]...)
	if i := bytes.Index(a.bytes[from:], headEnd); i >= 0 {
		a.bytes, a.whole = a.bytes[:from+i+len("\r\n")], true
	}
	a.whole = a.whole || len(a.bytes) == maxLoggedHead
}

// status is the answer's: 200 unless the head says another, statusGone if there is no head.
func (a *answerHead) status() int {
	if len(a.bytes) == 0 {
		return statusGone
	}
	for head := a.bytes; len(head) > 0; {
		line, rest, _ := bytes.Cut(head, []byte("\r\n"))
		if n := len(statusName); len(line) >= n && bytes.EqualFold(line[:n], statusName) {
			number := bytes.TrimSpace(line[n:])
			if code, err := strconv.Atoi(string(number[:min(3, len(number))])); err == nil {
				return code
			}
		}
		head = rest
	}
	return 200
}

func (a *answerHead) reset() { *a = answerHead{bytes: trim(a.bytes)} }
