package fcgi

import (
	"errors"
	"fmt"
)

// ErrPairTooLong is the error for a pair that does not fit in one record.
var ErrPairTooLong = errors.New("FastCGI pair does not fit in one record")

// ParamsWriter appends the PARAMS stream of one request. It starts a new record where the next pair would not fit, because
// php-cgi closes the connection silently on a pair that is split over two records (the specification allows it, §3.3).
//
// Use: NewParamsWriter, Add for each pair, End for the bytes. It owns dst in between.
type ParamsWriter struct {
	dst    []byte
	header int // where the open record's header starts
	id     uint16
	err    error
}

// NewParamsWriter starts a PARAMS stream for request id at the end of dst.
func NewParamsWriter(dst []byte, id uint16) ParamsWriter {
	return ParamsWriter{dst: AppendHeader(dst, TypeParams, id, 0, 0), header: len(dst), id: id}
}

// Add appends one pair. A pair that can't be sent makes End return an error.
func (w *ParamsWriter) Add(name, value []byte) {
	size := PairSize(len(name), len(value))
	if size > MaxContent {
		if w.err == nil {
			w.err = fmt.Errorf("param %.40q, %d bytes: %w", name, size, ErrPairTooLong)
		}
		return
	}
	if w.content()+size > MaxContent {
		w.patch()
		w.header = len(w.dst)
		w.dst = AppendHeader(w.dst, TypeParams, w.id, 0, 0)
	}
	w.dst = AppendPair(w.dst, name, value)
}

// End completes the stream with its empty record and returns dst.
//
// Errors: ErrPairTooLong, wrapped with the name of the first such pair.
func (w *ParamsWriter) End() ([]byte, error) {
	if w.content() > 0 {
		w.patch()
		w.dst = AppendHeader(w.dst, TypeParams, w.id, 0, 0)
	}
	return w.dst, w.err
}

func (w *ParamsWriter) content() int { return len(w.dst) - w.header - HeaderLen }

// patch writes the length of the open record into its header.
func (w *ParamsWriter) patch() {
	n := w.content()
	w.dst[w.header+4], w.dst[w.header+5] = byte(n>>8), byte(n)
}
