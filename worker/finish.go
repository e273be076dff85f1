package worker

import (
	"bytes"

	"howdah/internal/fcgi"
)

// maxHeld is how much of an answer is held back until a STDERR record behind it has arrived whole.
const maxHeld = 32 << 10

// finishesWithNUL looks whether the STDERR record at the start of b, whose header is h, holds the mark of a
// fastcgi_finish_request that had to echo a NUL byte to have PHP send its headers (fact 26). whole is false if the record has
// not arrived whole.
func (w *Worker) finishesWithNUL(b []byte, h fcgi.Header) (nul, whole bool) {
	if len(b) < h.Len() {
		return false, false
	}
	content := b[fcgi.HeaderLen:][:h.ContentLength]
	if !bytes.Contains(content, []byte(finishPrefix)) {
		return false, true
	}
	_, mark := NewFinishScanner(w.gen.zygote.Token()).Next(bytes.Clone(content))
	return mark == FinishedNUL, true
}

// dropLastByte takes the last byte of content from the record at the start of b: it becomes padding.
func dropLastByte(record []byte) {
	h, err := fcgi.ParseHeader(record)
	if err != nil || h.ContentLength == 0 || h.PaddingLength == fcgi.MaxPadding || record[fcgi.HeaderLen+h.ContentLength-1] != 0 {
		return
	}
	fcgi.AppendHeader(record[:0], h.Type, h.RequestID, h.ContentLength-1, h.PaddingLength+1)
}
