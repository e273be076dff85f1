package wsbridge

import (
	"strings"
	"testing"
)

// TestRFC6455 runs cases by the sections of RFC 6455 against an echo. Each is a list of bytes to send and what must come.
func TestRFC6455(t *testing.T) {
	const text, binary, more, ping, pong = 0x81, 0x82, 0x80, 0x89, 0x8a
	type want struct {
		first   byte
		payload string
	}
	big := strings.Repeat("x", 65536)
	cases := []struct {
		name   string
		send   [][]byte
		frames []want
		code   int // the connection closes with it; -1: it stays open
	}{
		{"5.2 lengths: 0", [][]byte{frame(text, ""), frame(text, "after")}, []want{{text, "after"}}, -1}, // an empty reply is none
		{"5.2 lengths: 125", [][]byte{frame(text, big[:125])}, []want{{text, big[:125]}}, -1},
		{"5.2 lengths: 126", [][]byte{frame(text, big[:126])}, []want{{text, big[:126]}}, -1},
		{"5.2 lengths: 65535", [][]byte{frame(text, big[:65535])}, []want{{text, big[:65535]}}, -1},
		{"5.2 lengths: 65536", [][]byte{frame(text, big)}, []want{{text, big}}, -1},
		{"5.2 a length of 2^63", [][]byte{{text, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4}}, nil, 1009},
		{"5.2 reserved bit 1", [][]byte{frame(text|0x40, "x")}, nil, 1002},
		{"5.2 reserved bit 2", [][]byte{frame(text|0x20, "x")}, nil, 1002},
		{"5.2 reserved bit 3", [][]byte{frame(text|0x10, "x")}, nil, 1002},
		{"5.2 reserved opcode 3", [][]byte{frame(0x83, "x")}, nil, 1002},
		{"5.2 reserved opcode 11", [][]byte{frame(0x8b, "x")}, nil, 1002},
		{"5.1 an unmasked frame", [][]byte{frameOf(text, "x", 0, 1)}, nil, 1002},
		{"5.4 two fragments", [][]byte{frame(0x01, "ab"), frame(more, "cd")}, []want{{text, "abcd"}}, -1},
		{"5.4 fragments, one of them empty", [][]byte{frame(0x01, ""), frame(0x00, "ab"), frame(more, "")}, []want{{text, "ab"}}, -1},
		{"5.4 a ping between fragments", [][]byte{frame(0x01, "ab"), frame(ping, "p"), frame(more, "cd")}, []want{{pong, "p"}, {text, "abcd"}}, -1},
		{"5.4 a continuation of nothing", [][]byte{frame(more, "x")}, nil, 1002},
		{"5.4 a new message within another", [][]byte{frame(0x01, "ab"), frame(text, "cd")}, nil, 1002},
		{"5.5 a ping of 125 bytes", [][]byte{frame(ping, big[:125])}, []want{{pong, big[:125]}}, -1},
		{"5.5 a ping of 126 bytes", [][]byte{frame(ping, big[:126])}, nil, 1002},
		{"5.5 a fragmented ping", [][]byte{frame(0x09, "x")}, nil, 1002},
		{"5.5.3 a pong that nobody asked for", [][]byte{frame(pong, "x"), frame(text, "y")}, []want{{text, "y"}}, -1},
		{"5.6 binary", [][]byte{frame(binary, "\x00\xff")}, []want{{binary, "\x00\xff"}}, -1},
		{"7.1 close with 1000", [][]byte{frame(0x88, "\x03\xe8bye")}, nil, 1000},
		{"7.1 close without a code", [][]byte{frame(0x88, "")}, nil, 0},
		{"7.4 close with 1005", [][]byte{frame(0x88, "\x03\xed")}, nil, 1002},
		{"7.4 close with 1006", [][]byte{frame(0x88, "\x03\xee")}, nil, 1002},
		{"7.4 close with 999", [][]byte{frame(0x88, "\x03\xe7")}, nil, 1002},
		{"7.4 close with 4999", [][]byte{frame(0x88, "\x13\x87")}, nil, 4999},
		{"8.1 bad UTF-8", [][]byte{frame(text, "\xff")}, nil, 1007},
		{"8.1 UTF-8 across fragments", [][]byte{frame(0x01, "\xe2\x82"), frame(more, "\xac")}, []want{{text, "€"}}, -1},
		{"8.1 bad UTF-8 across fragments", [][]byte{frame(0x01, "\xe2\x82"), frame(more, "x")}, nil, 1007},
		{"10.4 a message of more than message_bytes", [][]byte{frameOf(text, "", 0x80, 65537)}, nil, 1009},
		{"10.4 more than message_bytes in fragments", [][]byte{frame(0x01, big[:60000]), frameOf(more, "", 0x80, 6000)}, nil, 1009},
	}
	s := newStand(t, func(o *Options) { o.BytesPerSecond = 0 })
	s.script = s.accepting(func(e told) string {
		if e.vars["HOWDAH_BINARY"] == "1" {
			return "Content-Type: application/octet-stream\r\n\r\n" + e.body
		}
		return page(e.body)
	})
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			ws := s.upgrade("/chat")
			ws.t = t
			ws.send(c.send...)
			for _, f := range c.frames {
				ws.wantFrame(f.first, f.payload)
			}
			if c.code >= 0 {
				ws.wantClose(c.code)
				return
			}
			ws.send(frame(0x88, "\x03\xe8"))
			ws.wantClose(1000)
		})
	}
}
