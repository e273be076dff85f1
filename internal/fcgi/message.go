package fcgi

import (
	"encoding/binary"
	"errors"
)

// Roles, flags and protocol statuses. Source: FastCGI 1.0 §5.1, §5.5, §8.
const (
	RoleResponder  = 1
	RoleAuthorizer = 2
	RoleFilter     = 3

	FlagKeepConn = 1

	StatusRequestComplete = 0
	StatusCantMultiplex   = 1
	StatusOverloaded      = 2
	StatusUnknownRole     = 3

	beginBodyLen = 8
	endBodyLen   = 8
)

// Variables of FCGI_GET_VALUES. Source: FastCGI 1.0 §4.1.
const (
	MaxConns  = "FCGI_MAX_CONNS"
	MaxReqs   = "FCGI_MAX_REQS"
	MpxsConns = "FCGI_MPXS_CONNS"
)

// ErrShortBody is the error for a BEGIN_REQUEST or END_REQUEST whose content is not 8 bytes long.
var ErrShortBody = errors.New("FastCGI record is shorter than its type requires")

// BeginRequest is the content of a record that opens a request.
type BeginRequest struct {
	Role  uint16
	Flags uint8
}

// KeepConn tells whether the peer wants the connection to stay open after the answer.
func (b BeginRequest) KeepConn() bool { return b.Flags&FlagKeepConn != 0 }

// ParseBeginRequest reads the content of a TypeBeginRequest record.
//
// Errors: ErrShortBody.
func ParseBeginRequest(content []byte) (BeginRequest, error) {
	if len(content) < beginBodyLen {
		return BeginRequest{}, ErrShortBody
	}
	return BeginRequest{Role: binary.BigEndian.Uint16(content), Flags: content[2]}, nil
}

// AppendBeginRequest appends a record that opens request id.
func AppendBeginRequest(dst []byte, id, role uint16, flags uint8) []byte {
	dst = AppendHeader(dst, TypeBeginRequest, id, beginBodyLen, 0)
	return append(dst, byte(role>>8), byte(role), flags, 0, 0, 0, 0, 0)
}

// EndRequest is the content of a record that completes a request. php-cgi's AppStatus is always 0.
type EndRequest struct {
	AppStatus      uint32
	ProtocolStatus uint8
}

// ParseEndRequest reads the content of a TypeEndRequest record.
//
// Errors: ErrShortBody.
func ParseEndRequest(content []byte) (EndRequest, error) {
	if len(content) < endBodyLen {
		return EndRequest{}, ErrShortBody
	}
	return EndRequest{AppStatus: binary.BigEndian.Uint32(content), ProtocolStatus: content[4]}, nil
}

// AppendEndRequest appends a record that completes request id.
func AppendEndRequest(dst []byte, id uint16, appStatus uint32, protocolStatus uint8) []byte {
	dst = AppendHeader(dst, TypeEndRequest, id, endBodyLen, 0)
	dst = binary.BigEndian.AppendUint32(dst, appStatus)
	return append(dst, protocolStatus, 0, 0, 0)
}

// AppendUnknownType appends the answer to a management record whose type is not known (§4.2).
func AppendUnknownType(dst []byte, typ uint8) []byte {
	dst = AppendHeader(dst, TypeUnknownType, 0, 8, 0)
	return append(dst, typ, 0, 0, 0, 0, 0, 0, 0)
}

// AppendGetValues appends a question for the named variables (§4.1).
func AppendGetValues(dst []byte, names ...string) []byte {
	var pairs []byte
	for _, name := range names {
		pairs = AppendPair(pairs, name, "")
	}
	dst = AppendHeader(dst, TypeGetValues, 0, len(pairs), 0)
	return append(dst, pairs...)
}
