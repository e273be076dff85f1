package wsbridge

import (
	"strconv"

	"howdah/internal/fcgi"
)

// requestID is the only one in use: requests on a connection follow each other.
const requestID = 1

// appendRequest appends the FastCGI request for an event: GET to open, POST for a message, DELETE to close, on the upgrade's own URI,
// so that frameworks find their route.
//
// Errors: fcgi.ErrPairTooLong.
func (s *Session) appendRequest(dst []byte, e event) ([]byte, error) {
	conf := s.route.conf.Load()
	s.mu.Lock()
	user, state := s.user, s.state
	s.mu.Unlock()
	dst = fcgi.AppendBeginRequest(dst, requestID, fcgi.RoleResponder, fcgi.FlagKeepConn)
	dst = fcgi.AppendStream(dst, fcgi.TypeParams, requestID, s.params)
	w := fcgi.NewParamsWriter(dst, requestID)
	add := func(name, value string) { w.Add([]byte(name), []byte(value)) }
	add("SCRIPT_FILENAME", conf.Script)
	add("SCRIPT_NAME", conf.ScriptName)
	add("DOCUMENT_ROOT", conf.DocumentRoot)
	add("REQUEST_METHOD", [...]string{"GET", "POST", "DELETE"}[e.kind])
	add("HOWDAH_EVENT", e.kind.String())
	add("HOWDAH_ID", s.ID())
	if user != "" {
		add("HOWDAH_USER", user)
	}
	if state != nil {
		w.Add([]byte("HOWDAH_STATE"), state)
	}
	if limit := s.bridge.opts().HandlerTimeout; limit > 0 {
		add("HOWDAH_TIMEOUT_MS", strconv.FormatInt(limit.Milliseconds(), 10))
	}
	switch e.kind {
	case messageEvent:
		add("CONTENT_LENGTH", strconv.Itoa(len(e.data)))
		if e.binary {
			add("HOWDAH_BINARY", "1")
			add("CONTENT_TYPE", "application/octet-stream")
		} else {
			add("CONTENT_TYPE", conf.ContentType)
		}
	case closeEvent:
		add("HOWDAH_CODE", strconv.Itoa(e.code))
		if e.text != "" {
			add("HOWDAH_REASON", e.text)
		}
	}
	dst, err := w.End()
	if err != nil {
		return dst, err
	}
	dst = fcgi.AppendStream(dst, fcgi.TypeStdin, requestID, e.data)
	return fcgi.AppendHeader(dst, fcgi.TypeStdin, requestID, 0, 0), nil
}
