package wsbridge

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"unicode/utf8"
)

// The calls of php/websocket.php. A payload is fields of one byte of length each, then data; see there.
const (
	CallPublish     = "publish" // the only one that other pools may make
	callSend        = "send"
	callSendUser    = "send_user"
	callClose       = "close"
	callCloseUser   = "close_user"
	callSubscribe   = "subscribe"
	callUnsubscribe = "unsubscribe"
	callAccept      = "accept"
	callRefuse      = "refuse"
	callState       = "state"
)

// maxUser is the longest name of a user, in bytes.
const maxUser = 64

// isCall tells whether kind is a call for the hub.
func isCall(kind string) bool {
	switch kind {
	case CallPublish, callSend, callSendUser, callClose, callCloseUser, callSubscribe, callUnsubscribe, callAccept, callRefuse, callState:
		return true
	}
	return false
}

// Call queues a call of PHP's for the hub, which obeys calls in their order. It reports whether kind is one of the hub's. The
// payload stays the caller's. A pool's loop may call it.
func (h *Hub) Call(kind string, payload []byte) bool {
	if !isCall(kind) {
		return false
	}
	h.counters.Calls.Add(1)
	if !h.calls.push(call{kind, bytes.Clone(payload)}) {
		h.counters.PublishOverflow.Add(1)
	}
	return true
}

// settle obeys every call that was queued before it.
func (h *Hub) settle() {
	h.running.Lock()
	defer h.running.Unlock()
	for _, c := range h.calls.take() {
		if err := h.obey(c); err != nil {
			h.counters.CallsMalformed.Add(1)
			h.bridge.warn("call", "a call %q from PHP makes no sense: %v", c.kind, err)
		}
	}
}

var errShortCall = errors.New("it is cut short")

// fields takes n fields off a payload.
func fields(payload []byte, n int) (out [][]byte, rest []byte, err error) {
	for range n {
		if len(payload) == 0 || len(payload) < 1+int(payload[0]) {
			return nil, nil, errShortCall
		}
		size := 1 + int(payload[0])
		out = append(out, payload[1:size])
		payload = payload[size:]
	}
	return out, payload, nil
}

func (h *Hub) obey(c call) error {
	switch c.kind {
	case CallPublish:
		f, data, err := fields(c.payload, 3)
		if err != nil {
			return err
		}
		return h.Publish(&Publication{Channel: string(f[1]), Exclude: string(f[2]), Data: data, Binary: isOne(f[0])})
	case callSend, callSendUser:
		f, data, err := fields(c.payload, 2)
		if err != nil {
			return err
		}
		h.send(h.find(c.kind == callSendUser, string(f[1])), data, isOne(f[0]))
	case callClose, callCloseUser:
		f, text, err := fields(c.payload, 2)
		if err != nil || len(f[0]) != 2 {
			return errShortCall
		}
		code := int(binary.BigEndian.Uint16(f[0]))
		if !scriptMayClose(code) || len(text) > maxReason || !utf8.Valid(text) {
			return errors.New("a script may not close with that")
		}
		for _, s := range h.find(c.kind == callCloseUser, string(f[1])) {
			s.close(kicked, code, string(text))
		}
	case callSubscribe, callUnsubscribe:
		f, names, err := fields(c.payload, 1)
		if err != nil {
			return err
		}
		for _, s := range h.find(false, string(f[0])) {
			for name := range bytes.SplitSeq(names, []byte{'\n'}) {
				if c.kind == callSubscribe {
					h.subscribe(s, []string{string(name)})
				} else {
					h.unsubscribe(s, string(name))
				}
			}
		}
	default:
		return h.obeyEvent(c)
	}
	return nil
}

// obeyEvent is for the calls that concern the event that a script is run for.
func (h *Hub) obeyEvent(c call) error {
	f, rest, err := fields(c.payload, 1)
	if err != nil {
		return err
	}
	s := h.byID(string(f[0]))
	if s == nil {
		h.counters.UnknownIDs.Add(1)
		return nil
	}
	switch c.kind {
	case callAccept:
		f, _, err := fields(rest, 2)
		if err != nil || len(f[0]) > maxUser {
			return errShortCall
		}
		s.acceptBy(string(f[0]), string(f[1]))
	case callRefuse:
		f, text, err := fields(rest, 1)
		if err != nil || len(f[0]) != 2 {
			return errShortCall
		}
		s.refuseBy(int(binary.BigEndian.Uint16(f[0])), string(text))
	case callState:
		limit := h.bridge.opts().StateBytes
		if len(rest) > limit || !json.Valid(rest) {
			h.bridge.warn("state", "connection %s: a state of %d bytes is not saved, state_bytes is %d", s.ID(), len(rest), limit)
			return nil
		}
		s.offerState(rest)
	}
	return nil
}

func isOne(b []byte) bool { return len(b) == 1 && b[0] == 1 }

// find returns the sessions that a call is for.
func (h *Hub) find(user bool, name string) []*Session {
	if user {
		return h.byUser(name)
	}
	if s := h.byID(name); s != nil {
		return []*Session{s}
	}
	h.counters.UnknownIDs.Add(1)
	return nil
}

// Publish gives a message to a channel.
func (h *Hub) Publish(p *Publication) error {
	if !channelName.MatchString(p.Channel) {
		return errors.New("the channel has no valid name")
	}
	if !p.Binary && !utf8.Valid(p.Data) {
		return errors.New("the text is not UTF-8; publish it as binary")
	}
	p.Pool = h.bridge.pool
	h.counters.Published.Add(1)
	return h.broker.Publish(p)
}

// send gives a message to sessions.
func (h *Hub) send(to []*Session, data []byte, binary bool) {
	if !binary && !utf8.Valid(data) {
		h.bridge.warn("utf8", "a script sent text that is not UTF-8: dropped (send it as binary)")
		return
	}
	message := prepare(data, binary)
	for _, s := range to {
		s.deliver(message)
	}
}

// run obeys calls as they come, until Close.
func (h *Hub) run(done <-chan struct{}) {
	for {
		select {
		case <-h.calls.wake:
			h.settle()
		case <-done:
			return
		}
	}
}
