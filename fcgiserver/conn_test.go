package fcgiserver

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"howdah/internal/fcgi"
)

func TestAConnectionIsUsedAgain(t *testing.T) {
	f := startFront(t, nil)
	c := f.client()
	for i := range 3 {
		id := uint16(i + 1)
		c.send(records{}.get(id, 1, f.script(), "N", fmt.Sprint(i)))
		j := f.wantJob()
		want(t, j.wire, string(records{}.begin(id, 1).params(id, "SCRIPT_FILENAME", f.script(), "REQUEST_METHOD", "GET", "SCRIPT_NAME", "/x.php", "N", fmt.Sprint(i))))
		want(t, j.script+" "+j.line, f.script()+" GET /x.php")
		j.end(fmt.Sprint("answer ", i))
		c.wantAnswer(id, fmt.Sprint("answer ", i))
	}
	c.wantOpen()
	f.wantCounters(Counters{Connections: 1, Active: 1, Requests: 3, Reused: 2})
}

func TestWithoutKeepConnTheConnectionClosesBehindItsAnswer(t *testing.T) {
	f := startFront(t, nil)
	c := f.client()
	c.send(records{}.get(1, 0, f.script()))
	f.wantJob().end("bye")
	c.wantAnswer(1, "bye")
	c.wantClosed()
	f.wantCounters(Counters{Connections: 1, Requests: 1})
}

func TestPHPIsAlwaysAskedToKeepItsConnection(t *testing.T) {
	f := startFront(t, nil)
	c := f.client()
	c.send(records{}.get(1, 0, f.script()))
	j := f.wantJob()
	if !strings.HasPrefix(j.wire, string(records{}.begin(1, fcgi.FlagKeepConn))) {
		t.Errorf("the request begins with %q", j.wire[:16])
	}
	j.end("")
}

func TestRecordsOfTheAnswerPassUnchangedHoweverTheyAreCut(t *testing.T) {
	f := startFront(t, nil)
	c := f.client()
	c.send(records{}.get(9, 1, f.script()))
	j := f.wantJob()
	whole := records{}.raw(6, 9, "some output", 5).raw(7, 9, "a message", 7).raw(6, 9, "more", 0)
	whole = append(whole, answered(9, "")...)
	for i, b := range whole[:len(whole)-1] {
		f.on(func() {
			if !j.req.Output([]byte{b}) {
				t.Errorf("Output of byte %d wants no more", i)
			}
		})
	}
	f.on(func() { j.req.End(whole[len(whole)-1:]) })
	c.SetReadDeadline(time.Now().Add(patience))
	got := make([]byte, len(whole))
	for n := 0; n < len(got); {
		m, err := c.Conn.Read(got[n:])
		if err != nil {
			t.Fatal(err)
		}
		n += m
	}
	if !bytes.Equal(got, whole) {
		t.Errorf("\n got %q\nwant %q", got, whole)
	}
	c.wantOpen()
}

func TestRequestsOfOneConnectionAreServedOneAfterTheOther(t *testing.T) {
	f := startFront(t, nil)
	c := f.client()
	var all records
	for id := uint16(1); id <= 5; id++ {
		all = all.post(id, 1, f.script(), fmt.Sprint("body ", id))
	}
	c.send(all)
	for id := uint16(1); id <= 5; id++ {
		j := f.wantJob()
		if !strings.Contains(j.wire, fmt.Sprint("body ", id)) {
			t.Errorf("request %d is %q", id, j.wire)
		}
		f.wantNoJob()
		j.end(fmt.Sprint(id))
		c.wantAnswer(id, fmt.Sprint(id))
	}
	f.wantCounters(Counters{Connections: 1, Active: 1, Requests: 5, Reused: 4})
}

func TestAThousandRequestsAtOnceAreAnsweredInOrder(t *testing.T) {
	f := startFront(t, nil)
	f.submit = func(r *Request) Ticket {
		r.End(answered(r.RequestID(), "x"))
		return nil
	}
	c := f.client()
	var all records
	for id := uint16(1); id <= 1000; id++ {
		all = all.get(id, 1, f.script())
	}
	go c.Write(all) // the answers are read meanwhile
	for id := uint16(1); id <= 1000; id++ {
		c.wantAnswer(id, "x")
	}
}

func TestARequestMayArriveByteByByte(t *testing.T) {
	f := startFront(t, nil)
	c := f.client()
	for id := uint16(1); id <= 2; id++ {
		for _, b := range records(nil).post(id, 1, f.script(), "a body") {
			c.send([]byte{b})
			f.on(func() {})
		}
		j := f.wantJob()
		want(t, j.wire, string(records{}.begin(id, 1).params(id, "SCRIPT_FILENAME", f.script(), "REQUEST_METHOD", "GET", "SCRIPT_NAME", "/x.php", "CONTENT_LENGTH", "6").stdin(id, "a body")))
		j.end("")
		c.wantAnswer(id, "")
	}
}
