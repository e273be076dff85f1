package fcgi

import (
	"encoding/binary"
	"fmt"
)

// Sizes and the one version of the protocol. Source: FastCGI 1.0 §3.3, §8.
const (
	Version    = 1
	HeaderLen  = 8
	MaxContent = 65535 // bytes of content in one record; php-cgi also wants content plus padding within it
	MaxPadding = 255
)

// Record types. Source: FastCGI 1.0 §8.
const (
	TypeBeginRequest    = 1
	TypeAbortRequest    = 2
	TypeEndRequest      = 3
	TypeParams          = 4
	TypeStdin           = 5
	TypeStdout          = 6
	TypeStderr          = 7
	TypeData            = 8
	TypeGetValues       = 9
	TypeGetValuesResult = 10
	TypeUnknownType     = 11
)

// Header is the fixed part of every record. Lengths are in bytes.
type Header struct {
	Type          uint8
	RequestID     uint16 // 0 is a management record, §3.3
	ContentLength int
	PaddingLength int
}

// Len is the size of the whole record on the wire, header included.
func (h Header) Len() int { return HeaderLen + h.ContentLength + h.PaddingLength }

// VersionError is the error for a first byte that is not FastCGI 1: what follows can't be interpreted.
type VersionError uint8

func (e VersionError) Error() string {
	return fmt.Sprintf("not FastCGI: record version %d, want %d", uint8(e), Version)
}

// ParseHeader reads the header at the start of b, which must hold HeaderLen bytes.
//
// Errors: VersionError.
func ParseHeader(b []byte) (Header, error) {
	_ = b[HeaderLen-1]
	if b[0] != Version {
		return Header{}, VersionError(b[0])
	}
	return Header{
		Type:          b[1],
		RequestID:     binary.BigEndian.Uint16(b[2:]),
		ContentLength: int(binary.BigEndian.Uint16(b[4:])),
		PaddingLength: int(b[6]),
	}, nil
}

// AppendHeader appends a header. contentLength is at most MaxContent and padding at most MaxPadding.
func AppendHeader(dst []byte, typ uint8, id uint16, contentLength, padding int) []byte {
	return append(dst, Version, typ, byte(id>>8), byte(id), byte(contentLength>>8), byte(contentLength), byte(padding), 0)
}

// AppendStream appends content as records of one stream, as many as it takes. Nothing is appended for no content: an empty
// record ends a stream (§3.3), so that is said by AppendHeader alone.
func AppendStream(dst []byte, typ uint8, id uint16, content []byte) []byte {
	for len(content) > 0 {
		n := min(len(content), MaxContent)
		dst = AppendHeader(dst, typ, id, n, 0)
		dst = append(dst, content[:n]...)
		content = content[n:]
	}
	return dst
}
