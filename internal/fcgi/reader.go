package fcgi

import (
	"errors"
	"io"
)

// Reader reads whole records from a blocking stream. It belongs to one goroutine.
type Reader struct {
	r   io.Reader
	buf [HeaderLen + MaxContent + MaxPadding]byte
}

// NewReader returns a Reader of r. Each record costs two reads: wrap r in a bufio.Reader where that matters.
func NewReader(r io.Reader) *Reader { return &Reader{r: r} }

// Next reads one record. content is valid until the next call.
//
// Errors: io.EOF at the end of the stream between two records, io.ErrUnexpectedEOF within one, VersionError, or what the
// stream returned.
func (r *Reader) Next() (h Header, content []byte, err error) {
	if _, err = io.ReadFull(r.r, r.buf[:HeaderLen]); err != nil {
		return Header{}, nil, err
	}
	if h, err = ParseHeader(r.buf[:HeaderLen]); err != nil {
		return Header{}, nil, err
	}
	rest := r.buf[HeaderLen:h.Len()]
	if _, err = io.ReadFull(r.r, rest); err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return Header{}, nil, err
	}
	return h, rest[:h.ContentLength], nil
}
