package fcgi

import (
	"encoding/binary"
	"errors"
)

// ErrTruncatedPair is the error for a name-value pair whose lengths reach beyond the bytes there are. In a stream that is
// still arriving it means that the pair is not complete yet.
var ErrTruncatedPair = errors.New("FastCGI name-value pair is cut short")

// maxPairLen is the largest length that a name or value can announce: 31 bits. Source: FastCGI 1.0 §3.4.
const maxPairLen = 1<<31 - 1

// NextPair reads the pair at the start of b and returns what follows it. Name and value are slices of b.
//
// Errors: ErrTruncatedPair. Source: FastCGI 1.0 §3.4.
func NextPair(b []byte) (name, value, rest []byte, err error) {
	nameLen, n := pairLen(b)
	if n == 0 {
		return nil, nil, nil, ErrTruncatedPair
	}
	b = b[n:]
	valueLen, n := pairLen(b)
	if n == 0 {
		return nil, nil, nil, ErrTruncatedPair
	}
	b = b[n:]
	if nameLen > len(b) || valueLen > len(b)-nameLen {
		return nil, nil, nil, ErrTruncatedPair
	}
	return b[:nameLen:nameLen], b[nameLen : nameLen+valueLen : nameLen+valueLen], b[nameLen+valueLen:], nil
}

// pairLen reads one length: one byte up to 127, else four bytes with the top bit set. n is 0 if b is too short.
func pairLen(b []byte) (length, n int) {
	if len(b) == 0 {
		return 0, 0
	}
	if b[0] < 0x80 {
		return int(b[0]), 1
	}
	if len(b) < 4 {
		return 0, 0
	}
	return int(binary.BigEndian.Uint32(b) & maxPairLen), 4
}

// AppendPair appends one name-value pair. Name and value are each shorter than 2 GiB.
func AppendPair[N, V string | []byte](dst []byte, name N, value V) []byte {
	dst = appendPairLen(dst, len(name))
	dst = appendPairLen(dst, len(value))
	dst = append(dst, name...)
	return append(dst, value...)
}

func appendPairLen(dst []byte, n int) []byte {
	if n < 0x80 {
		return append(dst, byte(n))
	}
	return binary.BigEndian.AppendUint32(dst, uint32(n)|1<<31)
}

// PairSize is the number of bytes that a pair takes on the wire.
func PairSize(nameLen, valueLen int) int {
	size := 2 + nameLen + valueLen
	if nameLen >= 0x80 {
		size += 3
	}
	if valueLen >= 0x80 {
		size += 3
	}
	return size
}
