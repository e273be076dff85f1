package httpfront

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"howdah/internal/fcgi"
)

// errOverloaded is the error for an END_REQUEST that refuses the request: 503.
var errOverloaded = errors.New("the pool refused the request")

// errProtocol is the error for records that make no sense here: 502.
var errProtocol = errors.New("the pool does not speak FastCGI as expected")

// exchange is one request on its way to PHP and back.
type exchange struct {
	link    *link
	client  *answer
	control *http.ResponseController
	upload  *upload // nil without a request body
	stderr  stderr

	started bool   // the header went to the client
	header  []byte // of the answer, until it is complete
	left    int64  // how much of the body the client is still to get; -1: what comes
	unsent  bool   // bytes wait in the client's buffer
	gone    error  // why nothing more can be sent to the client
}

// receive passes the answer on, record by record, until END_REQUEST.
//
// What came is sent on before the pool is asked for more, so that a script's flush() reaches the client, and a small answer
// goes out at once with its length.
//
// Errors: errNoHeader, errHeaderTooLong, *headerError, errProtocol, errOverloaded, those of the connection, and x.gone.
func (x *exchange) receive() error {
	x.link.beforeRead = x.flush
	defer x.stderr.end()
	for {
		h, content, err := x.link.records.Next()
		if err != nil {
			return err
		}
		if h.RequestID != requestID {
			return fmt.Errorf("%w: record of type %d for request %d", errProtocol, h.Type, h.RequestID)
		}
		switch h.Type {
		case fcgi.TypeStdout:
			err = x.stdout(content)
		case fcgi.TypeStderr:
			x.stderr.add(content)
		case fcgi.TypeEndRequest:
			return x.end(content)
		default:
			err = fmt.Errorf("%w: record of type %d", errProtocol, h.Type)
		}
		if err == nil {
			err = x.gone
		}
		if err != nil {
			return err
		}
	}
}

func (x *exchange) end(content []byte) error {
	end, err := fcgi.ParseEndRequest(content)
	switch {
	case err != nil:
		return err
	case end.ProtocolStatus != fcgi.StatusRequestComplete:
		return fmt.Errorf("%w: protocol status %d", errOverloaded, end.ProtocolStatus)
	case !x.started:
		return errNoHeader
	}
	return nil
}

func (x *exchange) stdout(content []byte) error {
	if x.started {
		x.body(content)
		return nil
	}
	x.header = append(x.header, content...)
	header, body, ok := cutCGIHeader(x.header)
	if len(header) > maxAnswerHeader || (!ok && len(x.header) > maxAnswerHeader) {
		return errHeaderTooLong
	}
	if !ok {
		return nil
	}
	h, err := parseCGIHeader(header)
	if err != nil {
		return err
	}
	x.begin(h)
	x.body(body)
	x.header = nil
	return nil
}

// begin sends the header. A script that names no Content-Type gets none. An answer that does not wait for the rest of the
// request ends the connection, because nobody will read that rest.
func (x *exchange) begin(h cgiHeader) {
	fields := x.client.Header()
	for name, values := range h.fields {
		fields[name] = values
	}
	if _, ok := h.fields["Content-Type"]; !ok {
		fields["Content-Type"] = nil
	}
	x.endIfUnread()
	x.client.WriteHeader(h.status)
	x.left = -1
	if length := h.fields.Get("Content-Length"); length != "" {
		x.left, _ = strconv.ParseInt(length, 10, 64)
	}
	x.started, x.unsent = true, true
}

// body sends a piece of the body. What HTTP does not allow here is dropped (RFC 9110 §6.4.1, §8.6): the body of 204 and 304,
// and what goes beyond the script's own Content-Length.
func (x *exchange) body(content []byte) {
	if x.left >= 0 {
		content = content[:min(int64(len(content)), x.left)]
		x.left -= int64(len(content))
	}
	if len(content) == 0 || x.gone != nil {
		return
	}
	x.unsent = true
	if _, err := x.client.Write(content); errors.Is(err, http.ErrBodyNotAllowed) {
		x.left = 0
	} else {
		x.gone = err
	}
}

// endIfUnread makes this the last request on the client's connection if its body is not read to the end. Only
// http.MaxBytesReader can tell net/http so, which then says goodbye before it closes and so keeps the answer from being lost
// in a reset.
func (x *exchange) endIfUnread() {
	if x.upload == nil || x.upload.complete.Load() {
		return
	}
	http.MaxBytesReader(x.client.ResponseWriter, io.NopCloser(strings.NewReader("x")), 0).Read(make([]byte, 1))
}

func (x *exchange) flush() {
	if !x.unsent || x.gone != nil {
		return
	}
	x.unsent = false
	x.gone = x.control.Flush()
}
