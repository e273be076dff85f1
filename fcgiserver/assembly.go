package fcgiserver

import (
	"errors"
	"fmt"

	"howdah/internal/fcgi"
)

// Limits on one request. The body is bounded by PHP's post_max_size and by the disk.
const (
	maxParamsBytes = 1 << 20
	maxParams      = 4096
)

// Errors of a peer that does not speak FastCGI as we do; the connection is closed on each.
var (
	errParamsTooLong = fmt.Errorf("params are longer than %d bytes", maxParamsBytes)
	errTooManyParams = fmt.Errorf("more than %d params", maxParams)
	errOutOfOrder    = errors.New("record out of order")
)

type stage uint8

const (
	stageBegin  stage = iota // no request is open
	stageParams              // BEGIN_REQUEST has come
	stageStdin               // the params are complete
	stageDone                // the body is complete
)

// assembly puts one request together from the records of a connection, however they are cut. It is pure but for the body,
// which may go to a file.
type assembly struct {
	stage  stage
	begin  fcgi.BeginRequest
	id     uint16
	params []byte // the PARAMS stream
	body   body
	reply  []byte // records to send back at once: answers to management records, refusals
	abort  bool   // the peer gave the request up
	closes bool   // a request was refused that was to be the last of its connection
}

// reset makes a ready for the next request. What it allocated is kept if that is little.
func (a *assembly) reset() {
	a.stage, a.begin, a.id, a.abort, a.closes = stageBegin, fcgi.BeginRequest{}, 0, false, false
	a.params, a.reply = trim(a.params), trim(a.reply)
	a.body.reset()
}

// take reads whole records from b until the request is complete. n is how much of b it has used; the rest is the start of a
// record that has not arrived whole, or belongs to the next request.
//
// Errors: the peer does not speak FastCGI, or goes beyond a limit.
func (a *assembly) take(b []byte) (n int, err error) {
	for a.stage != stageDone && len(b)-n >= fcgi.HeaderLen {
		h, err := fcgi.ParseHeader(b[n:])
		if err != nil {
			return n, err
		}
		if len(b)-n < h.Len() {
			break
		}
		content := b[n+fcgi.HeaderLen:][:h.ContentLength]
		n += h.Len()
		if err := a.record(h, content); err != nil {
			return n, err
		}
	}
	return n, nil
}

func (a *assembly) record(h fcgi.Header, content []byte) error {
	if h.RequestID == 0 {
		return a.management(h, content)
	}
	if h.Type == fcgi.TypeBeginRequest {
		return a.beginRequest(h, content)
	}
	if a.stage == stageBegin || h.RequestID != a.id {
		return nil // of a request that was refused or has ended: §3.3 has us ignore it
	}
	switch h.Type {
	case fcgi.TypeParams:
		if a.stage != stageParams {
			return fmt.Errorf("%w: PARAMS after their end", errOutOfOrder)
		}
		if len(content) == 0 {
			a.stage = stageStdin
			return nil
		}
		if len(a.params)+len(content) > maxParamsBytes {
			return errParamsTooLong
		}
		a.params = append(a.params, content...)
	case fcgi.TypeStdin:
		if a.stage != stageStdin {
			return fmt.Errorf("%w: STDIN before the end of PARAMS", errOutOfOrder)
		}
		if len(content) == 0 {
			a.stage = stageDone
			return nil
		}
		a.body.append(content)
	case fcgi.TypeAbortRequest:
		a.abort, a.stage = true, stageDone
	case fcgi.TypeData: // only filters have it (§6.4)
	default:
		a.reply = fcgi.AppendUnknownType(a.reply, h.Type)
	}
	return nil
}

func (a *assembly) beginRequest(h fcgi.Header, content []byte) error {
	begin, err := fcgi.ParseBeginRequest(content)
	switch {
	case err != nil:
		return err
	case a.stage != stageBegin && h.RequestID == a.id:
		return fmt.Errorf("%w: BEGIN_REQUEST of a request that is open", errOutOfOrder)
	case a.stage != stageBegin:
		a.reply = fcgi.AppendEndRequest(a.reply, h.RequestID, 0, fcgi.StatusCantMultiplex)
	case begin.Role != fcgi.RoleResponder:
		a.reply = fcgi.AppendEndRequest(a.reply, h.RequestID, 0, fcgi.StatusUnknownRole)
		a.closes = !begin.KeepConn()
	default:
		a.stage, a.begin, a.id = stageParams, begin, h.RequestID
	}
	return nil
}

// management answers a record that concerns the connection (§4).
func (a *assembly) management(h fcgi.Header, content []byte) error {
	if h.Type != fcgi.TypeGetValues {
		a.reply = fcgi.AppendUnknownType(a.reply, h.Type)
		return nil
	}
	var pairs []byte
	for len(content) > 0 {
		name, _, rest, err := fcgi.NextPair(content)
		if err != nil {
			return err
		}
		if string(name) == fcgi.MpxsConns && len(pairs) == 0 { // what php-fpm answers; the others depend on who asks when
			pairs = fcgi.AppendPair(pairs, name, "0")
		}
		content = rest
	}
	a.reply = fcgi.AppendHeader(a.reply, fcgi.TypeGetValuesResult, 0, len(pairs), 0)
	a.reply = append(a.reply, pairs...)
	return nil
}
