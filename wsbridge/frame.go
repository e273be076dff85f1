package wsbridge

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"sync"
)

// Opcodes and bits of a frame's first byte. Source: RFC 6455 §5.2; RSV1 means compressed, RFC 7692 §6.
const (
	opText   = 0x1
	opBinary = 0x2
	opClose  = 0x8
	opPing   = 0x9
	opPong   = 0xa
	bitFinal = 0x80
	bitRSV1  = 0x40
)

// Payload lengths that need two or eight more bytes. Source: RFC 6455 §5.2.
const (
	maxLen7  = 125
	maxLen16 = 1<<16 - 1
)

// deflateFrom is the size from which a message is worth compressing, in bytes.
const deflateFrom = 256

// appendFrame appends a whole message as one frame. A server does not mask (RFC 6455 §5.1).
func appendFrame(dst []byte, first byte, payload []byte) []byte {
	switch n := len(payload); {
	case n <= maxLen7:
		dst = append(dst, first|bitFinal, byte(n))
	case n <= maxLen16:
		dst = append(dst, first|bitFinal, 126, byte(n>>8), byte(n))
	default:
		dst = append(dst, first|bitFinal, 127)
		dst = binary.BigEndian.AppendUint64(dst, uint64(n))
	}
	return append(dst, payload...)
}

// closeFrame is a close frame with a code and a text. Source: RFC 6455 §5.5.1.
func closeFrame(code int, text string) []byte {
	if code == codeNoStatus {
		return appendFrame(nil, opClose, nil)
	}
	payload := binary.BigEndian.AppendUint16(nil, uint16(code))
	return appendFrame(nil, opClose, append(payload, text...))
}

// A prepared message is encoded once for all who get it: once as it is, and once compressed if somebody wants that.
//
// Concurrency: any goroutine.
type prepared struct {
	data   []byte
	opcode byte

	plainOnce, packedOnce sync.Once
	plainFrame            []byte
	packedFrame           []byte
}

func prepare(data []byte, binary bool) *prepared {
	p := &prepared{data: data, opcode: opText}
	if binary {
		p.opcode = opBinary
	}
	return p
}

// frame returns the bytes for the wire. They are shared: nobody changes them.
func (p *prepared) frame(deflate bool) []byte {
	if deflate && len(p.data) >= deflateFrom {
		p.packedOnce.Do(func() { p.packedFrame = appendFrame(nil, p.opcode|bitRSV1, deflated(p.data)) })
		return p.packedFrame
	}
	p.plainOnce.Do(func() { p.plainFrame = appendFrame(make([]byte, 0, 10+len(p.data)), p.opcode, p.data) })
	return p.plainFrame
}

// deflaters are kept between messages: one has some 650 kB of tables.
var deflaters = sync.Pool{New: func() any {
	w, _ := flate.NewWriter(nil, flate.BestSpeed) // the level is valid
	return w
}}

// deflated compresses a message for itself (no context takeover) and drops the last four bytes. Source: RFC 7692 §7.2.1.
func deflated(data []byte) []byte {
	w := deflaters.Get().(*flate.Writer)
	defer deflaters.Put(w)
	var b bytes.Buffer
	w.Reset(&b)
	_, _ = w.Write(data) // into memory
	_ = w.Flush()
	return bytes.TrimSuffix(b.Bytes(), []byte{0, 0, 0xff, 0xff})
}
