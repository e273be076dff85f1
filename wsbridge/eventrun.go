package wsbridge

import (
	"bytes"
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"
)

// run has PHP deal with the session's next event and does with the answer what the route says.
func (s *Session) run(l *link) {
	b := s.bridge
	e := s.take()
	if e.kind == openEvent && b.now() > s.openBy {
		s.answered <- outcome{err: context.DeadlineExceeded}
		return
	}
	request, err := s.appendRequest(l.request[:0], e)
	out := outcome{err: err}
	if err == nil {
		out = l.ask(b.events.ctx, request, b.opts().OutboxBytes)
	}
	if cap(request) <= maxHead {
		l.request = request
	}
	b.hub.settle() // what the script called before its end comes before its answer
	bad := out.err != nil || out.status >= 500
	s.settleState(!bad)
	switch e.kind {
	case openEvent:
		if bad {
			s.failedOn(e, out)
		}
		s.answered <- out
	case messageEvent:
		if bad {
			s.failedOn(e, out)
			if !s.route.conf.Load().KeepOnError {
				s.fail(failReason(out))
			}
			return
		}
		s.reply(e, out)
	case closeEvent:
		if bad {
			s.failedOn(e, out)
		}
	}
}

// failReason is why a connection is closed whose message the script failed on.
func failReason(out outcome) reason {
	if out.status == 504 {
		return timedOut
	}
	return failed
}

// failedOn counts and logs an event that PHP failed on.
func (s *Session) failedOn(e event, out outcome) {
	s.bridge.counters.Failed.Add(1)
	what := "it was not answered"
	if out.err == nil {
		what = "it was answered with status " + strconv.Itoa(out.status)
	} else {
		what += ": " + out.err.Error()
	}
	data := e.data[:min(len(e.data), 200)]
	s.bridge.warn("failed", "the script %s failed on the %s event of connection %s (%q): %s", s.route.conf.Load().Script, e.kind, s.ID(), data, what)
}

var bom = []byte("\xef\xbb\xbf")

// reply sends what the script printed to the client, if it is meant for it.
func (s *Session) reply(e event, out outcome) {
	conf := s.route.conf.Load()
	media, _, _ := strings.Cut(out.contentType, ";")
	media = strings.ToLower(strings.TrimSpace(media))
	isJSON := media == "application/json" || strings.HasSuffix(media, "+json")
	switch {
	case (out.status == 401 || out.status == 403) && !isJSON:
		s.fail(unauthorized)
		return
	case out.status >= 300 && out.status < 400, out.status >= 400 && !isJSON, conf.Reply == ReplyNone:
		return
	}
	body := out.body
	binary := media == "application/octet-stream" || strings.HasPrefix(media, "image/") || strings.HasPrefix(media, "audio/") || strings.HasPrefix(media, "video/")
	if !binary {
		body = bytes.TrimPrefix(body, bom)
		if len(bytes.Trim(body, " \t\r\n\v\f\x00\xef\xbb\xbf")) == 0 {
			if len(out.body) > 0 {
				s.bridge.counters.ReplyBlank.Add(1)
				s.bridge.note("blank "+conf.Script, "%s answered with white space only: not sent (is there a BOM or a blank line before its <?php?)", conf.Script)
			}
			return
		}
		if !utf8.Valid(body) {
			s.bridge.counters.ReplyBad.Add(1)
			s.bridge.warn("utf8", "%s answered with text that is not UTF-8: not sent (header('Content-Type: application/octet-stream') makes it binary)", conf.Script)
			return
		}
	}
	if conf.Reply == ReplyJSON && !json.Valid(body) {
		s.bridge.counters.ReplyBad.Add(1)
		s.bridge.warn("json", "%s answered with what is not JSON: not sent, since the route says reply = \"json\" (%.100q)", conf.Script, body)
		return
	}
	if binary && len(body) == 0 {
		return
	}
	s.deliver(prepare(body, binary))
}
