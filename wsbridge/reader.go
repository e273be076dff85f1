package wsbridge

import (
	"bytes"
	"compress/flate"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"
)

// patience is how long a client may send more than it may before it is closed.
const patience = 10 * time.Second

// messageBuffers hold messages while they arrive.
var messageBuffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// maxKept is the largest such buffer that is used again.
const maxKept = 64 << 10

// read takes messages from the client until the connection ends, and then tells PHP of the end.
func (s *Session) read() {
	for {
		data, binary, err := s.readMessage()
		if err != nil {
			s.readFailed(err)
			break
		}
		s.spoken.Store(int64(s.bridge.now()))
		if s.awaitRoom(len(data)) {
			s.bridge.counters.MessagesIn.Add(1)
			s.push(event{kind: messageEvent, data: data, binary: binary})
		}
	}
	s.linger()
	_ = s.wire.Close()
	close(s.over)
	s.bridge.ended(s)
}

// readMessage reads one message whole.
func (s *Session) readMessage() (data []byte, binary bool, err error) {
	kind, r, err := s.ws.NextReader()
	if err != nil {
		return nil, false, err
	}
	s.throttle()
	b := messageBuffers.Get().(*bytes.Buffer)
	defer func() {
		if b.Cap() <= maxKept {
			b.Reset()
			messageBuffers.Put(b)
		}
	}()
	limit := int64(s.bridge.opts().MessageBytes)
	n, err := b.ReadFrom(io.LimitReader(r, limit+1)) // the library's limit counts what is still compressed
	if err != nil {
		return nil, false, err
	}
	if n > limit {
		return nil, false, websocket.ErrReadLimit
	}
	binary = kind == websocket.BinaryMessage
	if !binary && !utf8.Valid(b.Bytes()) {
		return nil, false, errNotUTF8
	}
	return bytes.Clone(b.Bytes()), binary, nil
}

// errNotUTF8 is for text that is none. Source: RFC 6455 §8.1.
var errNotUTF8 = errors.New("text that is not UTF-8")

// readFailed decides what the end of reading means.
func (s *Session) readFailed(err error) {
	var goodbye *websocket.CloseError
	var corrupt flate.CorruptInputError
	var broken net.Error
	switch {
	case errors.As(err, &goodbye) && goodbye.Code != codeAbnormal:
		s.answerClose(goodbye.Code, goodbye.Text)
	case errors.Is(err, websocket.ErrReadLimit):
		s.fail(tooBig)
	case errors.Is(err, errNotUTF8), errors.As(err, &corrupt):
		s.fail(badUTF8)
	case errors.As(err, &broken), errors.Is(err, net.ErrClosed), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF) && !s.deflate:
		s.vanished()
	case strings.Contains(err.Error(), "invalid utf8"): // in a close frame
		s.fail(badUTF8)
	case strings.HasPrefix(err.Error(), "websocket: "):
		s.fail(protocolError)
	default:
		s.vanished()
	}
}

// linger lets the last frames reach the client: they are written, then our side is closed, and what the client still sends is
// thrown away until it closes too. A connection that is closed with unread bytes would be reset, and the goodbye lost.
func (s *Session) linger() {
	s.mu.Lock()
	flushed, by := s.outbox.flushed, time.Duration(s.closeBy.Load())
	s.mu.Unlock()
	left := by - s.bridge.now()
	if by == 0 || left <= 0 {
		return
	}
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case <-flushed:
	case <-timer.C:
		return
	}
	s.wire.halfClose()
	if s.wire.Conn.SetReadDeadline(time.Now().Add(min(left, lingerTime))) == nil {
		_, _ = io.Copy(io.Discard, s.wire.Conn)
	}
}

// lingerTime is how long a client may take to close its side after the goodbyes.
const lingerTime = time.Second

// throttle delays the reading of a message that is one too many.
func (s *Session) throttle() {
	if rate := s.bridge.opts().MessagesPerSecond; rate > 0 {
		wait, owing := s.messages.spend(1, rate, s.bridge.now())
		s.slowDown(messageRate, wait, owing)
	}
}

// received delays the reading of bytes beyond what the client may send. Frames without a message in them count here, too.
func (s *Session) received(n int) {
	if rate := s.bridge.opts().BytesPerSecond; rate > 0 && s.wire.upgraded.Load() {
		wait, owing := s.bytes.spend(n, rate, s.bridge.now())
		s.slowDown(byteRate, wait, owing)
	}
}

func (s *Session) slowDown(why reason, wait, owing time.Duration) {
	switch {
	case wait <= 0:
	case owing >= patience:
		s.fail(why)
	default:
		s.pause(min(wait, patience))
	}
}
