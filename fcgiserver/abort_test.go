package fcgiserver

import (
	"testing"
	"time"

	"howdah/internal/fcgi"
)

func TestAnAbortedRequestIsEndedAndTheNextServed(t *testing.T) {
	for _, c := range []struct {
		name   string
		ahead  records // before the abort
		behind records // with it, in one write
	}{
		{"alone", nil, nil},
		{"behind a question", fcgi.AppendGetValues(nil), nil},
		{"with the next request", nil, records{}.begin(2, 1)},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := startFront(t, nil)
			cl := f.client()
			first := records{}.get(1, 1, f.script())
			cl.send(first[:20])
			f.turn()
			cl.send(first[20:])
			j := f.wantJob()
			cl.send(append(append(c.ahead, records{}.raw(fcgi.TypeAbortRequest, 1, "", 0)...), c.behind...))
			j.wantAborted()
			cl.wantRecord(fcgi.TypeEndRequest, 1, "\x00\x00\x00\x00\x00\x00\x00\x00")
			if c.ahead != nil {
				cl.wantRecord(fcgi.TypeGetValuesResult, 0, "")
			}
			cl.send(records{}.get(2, 1, f.script())[len(c.behind):])
			f.wantJob().end("two")
			cl.wantAnswer(2, "two")
		})
	}
}

func TestAnAbortAfterPartOfTheAnswerClosesTheConnection(t *testing.T) {
	f := startFront(t, nil)
	c := f.client()
	first := records{}.get(1, 1, f.script())
	c.send(first[:20])
	f.turn()
	c.send(first[20:])
	j := f.wantJob()
	f.on(func() { j.req.Output(records{}.raw(6, 1, "half", 0)[:10]) }) // a record cut short: nothing can follow it
	c.send(records{}.raw(fcgi.TypeAbortRequest, 1, "", 0))
	j.wantAborted()
	c.SetReadDeadline(time.Now().Add(patience))
	if _, _, err := c.r.Next(); err == nil {
		t.Error("a record follows the one that was cut short")
	}
}

func TestAnAbortConcernsTheRequestBeforeIt(t *testing.T) {
	f := startFront(t, nil)
	c := f.client()
	whole := records{}.get(1, 1, f.script())
	c.send(whole[:20])
	f.turn()
	c.send(whole[20:])
	j := f.wantJob()
	c.send(records{}.get(1, 1, f.script()).raw(fcgi.TypeAbortRequest, 1, "", 0)) // the same number, for the one that waits
	j.wantNotAborted()
	j.end("first")
	c.wantAnswer(1, "first")
	c.wantRecord(fcgi.TypeEndRequest, 1, "\x00\x00\x00\x00\x00\x00\x00\x00")
	f.wantNoJob()
	c.wantOpen()
}

func TestAnAbortBeforeTheRequestIsCompleteIsAnswered(t *testing.T) {
	f := startFront(t, nil)
	c := f.client()
	c.send(records{}.begin(1, 1).params(1, "SCRIPT_FILENAME", f.script()).raw(fcgi.TypeAbortRequest, 1, "", 0).stdin(1, "late"))
	c.wantRecord(fcgi.TypeEndRequest, 1, "\x00\x00\x00\x00\x00\x00\x00\x00")
	f.wantNoJob()
	c.wantOpen()
}

func TestAnAbortThatComesWithItsRequestSparesPHP(t *testing.T) {
	f := startFront(t, nil)
	c := f.client()
	c.send(records{}.get(1, 1, f.script()).raw(fcgi.TypeAbortRequest, 1, "", 0))
	c.wantRecord(fcgi.TypeEndRequest, 1, "\x00\x00\x00\x00\x00\x00\x00\x00")
	f.wantNoJob()
	c.wantOpen()
}
