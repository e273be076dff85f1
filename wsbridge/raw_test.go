package wsbridge

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"testing"
	"time"
)

// raw is a WebSocket client that sends whatever bytes a test wants.
type raw struct {
	net.Conn
	t        *testing.T
	r        *bufio.Reader
	response *http.Response
}

// upgrade sends a handshake and wants 101.
func (s *stand) upgrade(path string, more ...string) *raw {
	s.t.Helper()
	c := s.ask(upgradeRequest(path, more...))
	if c.response.StatusCode != 101 {
		s.t.Fatalf("the handshake was answered with %d", c.response.StatusCode)
	}
	return c
}

// ask sends a request and reads the head of the answer.
func (s *stand) ask(request string) *raw {
	s.t.Helper()
	c := &raw{Conn: s.dial(), t: s.t}
	c.SetDeadline(time.Now().Add(30 * time.Second))
	if _, err := io.WriteString(c, request); err != nil {
		s.t.Fatal(err)
	}
	c.r = bufio.NewReader(c.Conn)
	response, err := http.ReadResponse(c.r, nil)
	if err != nil {
		s.t.Fatalf("no answer to the request: %v", err)
	}
	c.response = response
	return c
}

// frame is a masked frame whose first byte is first.
func frame(first byte, payload string) []byte {
	return frameOf(first, payload, 0x80, len(payload))
}

// frameOf is a frame that announces a length; mask is 0x80 or 0.
func frameOf(first byte, payload string, mask byte, length int) []byte {
	b := []byte{first}
	switch {
	case length <= 125:
		b = append(b, mask|byte(length))
	case length <= 65535:
		b = binary.BigEndian.AppendUint16(append(b, mask|126), uint16(length))
	default:
		b = binary.BigEndian.AppendUint64(append(b, mask|127), uint64(length))
	}
	key := [4]byte{}
	if mask != 0 {
		key = [4]byte{1, 2, 3, 4}
		b = append(b, key[:]...)
	}
	for i := range len(payload) {
		b = append(b, payload[i]^key[i%4])
	}
	return b
}

func (c *raw) send(frames ...[]byte) {
	c.t.Helper()
	for _, f := range frames {
		if _, err := c.Write(f); err != nil {
			c.t.Errorf("cannot send: %v", err)
		}
	}
}

// receive reads one frame.
func (c *raw) receive() (first byte, payload string, err error) {
	var head [2]byte
	if _, err := io.ReadFull(c.r, head[:]); err != nil {
		return 0, "", err
	}
	n := int(head[1] & 0x7f)
	if head[1]&0x80 != 0 {
		c.t.Error("a server's frame is masked")
	}
	switch n {
	case 126:
		var b [2]byte
		io.ReadFull(c.r, b[:])
		n = int(binary.BigEndian.Uint16(b[:]))
	case 127:
		var b [8]byte
		io.ReadFull(c.r, b[:])
		n = int(binary.BigEndian.Uint64(b[:]))
	}
	body := make([]byte, n)
	_, err = io.ReadFull(c.r, body)
	return head[0], string(body), err
}

func (c *raw) wantFrame(first byte, payload string) {
	c.t.Helper()
	f, p, err := c.receive()
	if err != nil || f != first || p != payload {
		c.t.Errorf("received %#x %.80q (%d bytes), %v; want %#x %.80q (%d bytes)", f, p, len(p), err, first, payload, len(payload))
	}
}

// wantClose wants a close frame with a code (0: without one), and then the end of the connection. Messages before it are dropped.
func (c *raw) wantClose(code int) {
	c.t.Helper()
	for {
		first, payload, err := c.receive()
		if err != nil {
			c.t.Errorf("the connection ended by %v, want a close frame with %d", err, code)
			return
		}
		if first != bitFinal|opClose {
			continue
		}
		got := 0
		if len(payload) >= 2 {
			got = int(binary.BigEndian.Uint16([]byte(payload)))
		}
		if got != code {
			c.t.Errorf("closed with %d %q, want %d", got, payload, code)
		}
		break
	}
	if _, err := c.r.ReadByte(); err != io.EOF {
		c.t.Errorf("after the close frame came %v, want the end of the connection", err)
	}
}
