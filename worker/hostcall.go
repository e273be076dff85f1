package worker

import (
	"bytes"
	"crypto/subtle"
	"errors"
)

// A HostCall is one message that a PHP function of Howdah sent on fd 1.
type HostCall struct {
	Kind    string // "ready" from the probe, …
	Payload []byte // a part of the message
}

// MaxHostCall bounds a message on fd 1, as php/preload.php does: data of 128 KiB, and what says whose it is.
const MaxHostCall = 144 << 10

// ErrNotHostCall says that a message on fd 1 is ordinary output of a script.
var ErrNotHostCall = errors.New("worker: not a host call")

// maxKind bounds the name of a call.
const maxKind = 64

// ParseHostCall parses one message: token, space, kind, NUL, payload. Anything else is ErrNotHostCall: a script wrote to
// php://stdout, and the message is for the log.
func ParseHostCall(msg []byte, token string) (HostCall, error) {
	if token == "" || len(msg) > MaxHostCall || len(msg) <= len(token) || msg[len(token)] != ' ' ||
		subtle.ConstantTimeCompare(msg[:len(token)], []byte(token)) != 1 {
		return HostCall{}, ErrNotHostCall
	}
	kind, payload, ok := bytes.Cut(msg[len(token)+1:], []byte{0})
	if !ok || len(kind) == 0 || len(kind) > maxKind {
		return HostCall{}, ErrNotHostCall
	}
	return HostCall{Kind: string(kind), Payload: payload}, nil
}
