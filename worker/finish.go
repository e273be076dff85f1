package worker

import (
	"bytes"

	"howdah/internal/fcgi"
)

// maxHeld is the longest record of a head, or of STDERR, that is held back until it has arrived whole.
const maxHeld = 32 << 10

var headEnd = []byte("\r\n\r\n")

// begins follows the head of an answer through the STDOUT record at the start of b. It reports whether the record ends the head
// and has one NUL byte of body: fastcgi_finish_request echoes that to have PHP send the head (fact 26), and it is dropped if a
// mark follows that says so.
func (a *answer) begins(b []byte, h fcgi.Header) (lone bool) {
	if h.Len() > maxHeld {
		a.begun = true
		return false
	}
	head := b[fcgi.HeaderLen:][:h.ContentLength]
	if len(a.tail) > 0 {
		head = append(a.tail, head...)
	}
	end := len(headEnd) + bytes.Index(head, headEnd)
	if a.begun = end >= len(headEnd) && end < len(head); a.begun {
		return end == len(head)-1 && head[end] == 0
	}
	a.tail = bytes.Clone(head[max(0, len(head)-len(headEnd)):])
	return false
}

// passLone passes on what waited for a mark. It reports whether the connection is still ours.
func (w *Worker) passLone() bool {
	record := w.answer.lone
	w.answer.lone = nil
	return w.pass(record)
}

// dropLastByte takes the last byte of content from a record: it becomes padding.
func dropLastByte(record []byte) {
	h, err := fcgi.ParseHeader(record)
	if err != nil || h.PaddingLength == fcgi.MaxPadding {
		return
	}
	fcgi.AppendHeader(record[:0], h.Type, h.RequestID, h.ContentLength-1, h.PaddingLength+1)
}
