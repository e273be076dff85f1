package worker

import (
	"howdah/internal/fcgi"
)

// maxHeld is the longest record of a head, or of STDERR, that is held back until it has arrived whole.
const maxHeld = 32 << 10

var (
	headEnd = []byte("\r\n\r\n")
	// loneNUL is how an answer ends so far, if fastcgi_finish_request had to echo a NUL byte to have PHP send the head (fact 26).
	// The byte is dropped if a mark follows that says so.
	loneNUL = []byte("\r\n\r\n\x00")
)

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
