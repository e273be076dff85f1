package worker

import (
	"bytes"
	"crypto/subtle"
	"errors"
)

// A HostCall is one message that a PHP function of Howdah sent on fd 1.
type HostCall struct {
	Kind    string
	Payload []byte // a part of the message
}

// ErrNotHostCall says that a message on fd 1 is ordinary output of a script.
var ErrNotHostCall = errors.New("worker: not a host call")

// ParseHostCall parses one message: token, space, kind, NUL, payload. Anything else is ErrNotHostCall.
func ParseHostCall(msg []byte, token string) (HostCall, error) {
	if token == "" || len(msg) <= len(token) || msg[len(token)] != ' ' ||
		subtle.ConstantTimeCompare(msg[:len(token)], []byte(token)) != 1 {
		return HostCall{}, ErrNotHostCall
	}
	kind, payload, ok := bytes.Cut(msg[len(token)+1:], []byte{0})
	if !ok || len(kind) == 0 {
		return HostCall{}, ErrNotHostCall
	}
	return HostCall{Kind: string(kind), Payload: payload}, nil
}
