package fcgiserver

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"howdah/internal/fcgi"
	"howdah/internal/reactor"
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

func TestAClientThatGoesIsNoticedWithinTheWatchTime(t *testing.T) {
	for _, address := range []string{"", "127.0.0.1:0"} {
		f := startFront(t, nil)
		c := f.dial(f.listen(address))
		c.send(records{}.get(1, 1, f.script()))
		j := f.wantJob()
		gone := time.Now()
		c.Close()
		j.wantAborted()
		if took := time.Since(gone); took > 4*time.Second {
			t.Errorf("noticed after %v", took)
		}
		if n := f.stats().Active; n != 0 {
			t.Errorf("%d connections are open", n)
		}
	}
}

func TestAClientThatGoesWhileItsAnswerIsBufferedIsNoticedAtOnce(t *testing.T) {
	f := startFront(t, nil)
	c := f.client()
	c.send(records{}.get(1, 1, f.script()))
	j := f.wantJob()
	for j.output(strings.Repeat("x", 60000)) {
	}
	c.Close()
	j.wantAborted()
}

func TestAClientThatGoesDuringAWriteIsAborted(t *testing.T) {
	f := startFront(t, nil)
	c := f.client()
	c.send(records{}.get(1, 1, f.script()))
	j := f.wantJob()
	f.on(func() {
		c.Close() // the loop has no chance to see it before the write
		if !j.req.Output(answered(1, "nobody reads this")) {
			t.Error("Output to nobody asks the upstream to wait")
		}
	})
	j.wantAborted()
}

func TestAClientMayGoBeforeItsScriptIsFound(t *testing.T) {
	f := startFront(t, nil)
	first := records{}.get(1, 1, f.script())
	for range 100 {
		c := f.client()
		c.send(first[:20])
		c.send(first[20:])
		c.Close()
	}
	for f.stats().Active > 0 { // those that were dispatched are noticed by their watch, or now
		select {
		case j := <-f.jobs:
			f.on(func() {
				select {
				case <-j.aborted:
				default:
					j.req.End(answered(1, ""))
				}
			})
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func TestAClientOfAUnixSocketMayCloseItsSendingSide(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(t *testing.T, f *front, c *client, r records)
	}{
		{"at once", func(t *testing.T, f *front, c *client, r records) {
			c.send(r)
			c.closeWrite()
			f.wantJob().end("answer")
			c.wantAnswer(1, "answer")
		}},
		{"when its request came in pieces", func(t *testing.T, f *front, c *client, r records) {
			c.send(r[:20])
			f.turn()
			c.send(r[20:])
			j := f.wantJob()
			c.closeWrite()
			j.wantNotAborted()
			j.end("answer")
			c.wantAnswer(1, "answer")
		}},
		{"and read slowly", func(t *testing.T, f *front, c *client, r records) {
			c.send(r[:20])
			f.turn()
			c.send(r[20:])
			j := f.wantJob()
			c.closeWrite()
			f.turn()
			n := 0
			for ; j.output(strings.Repeat("x", 60000)); n++ {
			}
			j.end("")
			if a := c.answer(); len(a.stdout) != (n+1)*60000 {
				t.Errorf("%d bytes of %d arrive", len(a.stdout), (n+1)*60000)
			}
		}},
		{"and its request run for long", func(t *testing.T, f *front, c *client, r records) {
			c.send(r)
			c.closeWrite()
			j := f.wantJob()
			f.on(func() { j.req.conn.expired() }) // what the watch does after a second
			f.turn()
			j.wantNotAborted()
			for j.output(strings.Repeat("x", 60000)) {
			}
			j.end("")
			c.answer()
		}},
		{"behind two requests", func(t *testing.T, f *front, c *client, r records) {
			c.send(r.get(2, 1, f.script()))
			c.closeWrite()
			j := f.wantJob()
			f.on(func() { j.req.conn.expired() })
			for j.output(strings.Repeat("x", 60000)) {
			}
			j.end("")
			c.answer()
			f.wantJob().end("two")
			c.wantAnswer(2, "two")
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := startFront(t, nil)
			cl := f.client()
			c.do(t, f, cl, records{}.get(1, 1, f.script()))
			cl.wantClosed()
			if log := f.log.String(); log != "" {
				t.Errorf("the log says %s", log)
			}
		})
	}
}

func TestAHalfClosedClientThatLeavesIsNoticed(t *testing.T) {
	f := startFront(t, nil)
	c := f.client()
	c.send(records{}.get(1, 1, f.script()))
	c.closeWrite()
	j := f.wantJob()
	f.on(func() { j.req.conn.expired() })
	f.turn()
	c.Close()
	j.wantAborted()
}

func TestATCPClientThatClosesItsSendingSideHasGone(t *testing.T) {
	f := startFront(t, nil)
	c := f.dial(f.listen("127.0.0.1:0"))
	c.send(records{}.get(1, 1, f.script()))
	j := f.wantJob()
	c.closeWrite()
	j.wantAborted()
	c.wantClosed()
}

func TestARequestThatDoesNotArriveInTimeIsGivenUp(t *testing.T) {
	whole := records{}.post(1, 1, "/x.php", "body")
	for _, n := range []int{0, 1, 16, 30, len(whole) - 1} {
		f := startFront(t, func(o *Options) { o.ReceiveTimeout = 20 * time.Millisecond })
		c := f.client()
		c.send(whole[:n])
		c.wantClosed()
		f.wantCounters(Counters{Connections: 1, ReceiveLate: 1})
		f.wantLog("receive_timeout (20ms)")
	}
}

func TestEachByteOfARequestGivesItTimeAgain(t *testing.T) {
	f := startFront(t, func(o *Options) { o.ReceiveTimeout = 300 * time.Millisecond })
	c := f.client()
	whole := records{}.get(1, 1, f.script())
	step := len(whole)/20 + 1
	begun := time.Now()
	for len(whole) > 0 {
		n := min(step, len(whole))
		c.send(whole[:n])
		whole = whole[n:]
		<-time.After(20 * time.Millisecond) // the client is slow: together it takes longer than the timeout
	}
	if took := time.Since(begun); took < 300*time.Millisecond {
		t.Fatalf("sent within %v", took)
	}
	f.wantJob().end("")
	c.wantAnswer(1, "")
}

func TestAnIdleConnectionIsClosedSilently(t *testing.T) {
	f := startFront(t, func(o *Options) { o.KeepAliveTimeout = 20 * time.Millisecond })
	c := f.client()
	c.send(records{}.get(1, 1, f.script()))
	f.wantJob().end("")
	c.wantAnswer(1, "")
	c.wantClosed()
	f.wantCounters(Counters{Connections: 1, Requests: 1})
	want(t, f.log.String(), "")
}

func TestARunningRequestOutlivesAllTimeouts(t *testing.T) {
	f := startFront(t, func(o *Options) { o.KeepAliveTimeout, o.ReceiveTimeout = 10*time.Millisecond, 10*time.Millisecond })
	c := f.client()
	c.send(records{}.get(1, 1, f.script()))
	j := f.wantJob()
	<-time.After(50 * time.Millisecond) // longer than both
	j.wantNotAborted()
	j.end("done")
	c.wantAnswer(1, "done")
}

func TestGarbageIsClosedAndCounted(t *testing.T) {
	f := startFront(t, nil)
	for i, garbage := range []string{
		"GET / HTTP/1.1\r\n\r\n", "\x02\x01\x00\x01\x00\x08\x00\x00", strings.Repeat("\xff", 100000),
		string(records{}.begin(1, 1).stdin(1, "")), string(records{}.begin(1, 1).begin(1, 1)), string(records{}.raw(1, 1, "", 0)),
		string(records{}.begin(1, 1).raw(4, 1, "\x05\x05short", 0).end(4, 1).end(5, 1)),
	} {
		c := f.client()
		go c.Write([]byte(garbage)) // the server may close before it has all
		c.wantClosed()
		if got := f.stats().Malformed; got != uint64(i+1) {
			t.Errorf("after %.30q: %d malformed, want %d", garbage, got, i+1)
		}
	}
	f.wantLog("does not speak FastCGI")
	f.wantNoJob()
}

func TestRandomRecordsNeverStopTheServer(t *testing.T) {
	f := startFront(t, func(o *Options) { o.ReceiveTimeout, o.KeepAliveTimeout = 5*time.Millisecond, 5*time.Millisecond })
	f.submit = func(r *Request) Ticket {
		r.End(answered(r.RequestID(), "x"))
		return nil
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		var b records
		for range random.IntN(12) {
			switch random.IntN(6) {
			case 0:
				b = b.get(uint16(random.IntN(3)), uint8(random.IntN(2)), f.script())
			case 1:
				b = b.begin(uint16(random.IntN(3)), 1)
			default:
				b = b.raw(uint8(random.IntN(13)), uint16(random.IntN(3)), strings.Repeat("\x01", random.IntN(40)), random.IntN(9))
			}
		}
		if len(b) > 0 && random.IntN(3) == 0 {
			b[random.IntN(len(b))] ^= byte(1 << random.IntN(8))
		}
		c := f.client()
		c.Write(b)
		if random.IntN(2) == 0 {
			c.Close()
		}
	}
	c := f.client()
	c.send(records{}.get(1, 0, f.script()))
	c.wantAnswer(1, "x")
	if !eventually(func() bool { return f.stats().Active == 0 }) {
		t.Errorf("%d connections are left", f.stats().Active)
	}
}

func TestABodyOf100MBReachesPHPAsItCame(t *testing.T) {
	f := startFront(t, nil)
	c := f.client()
	chunk := strings.Repeat("0123456789abcdef", 1<<11) // 32 KiB
	const chunks = 100 << 20 >> 15
	c.send(records{}.begin(1, 1).params(1, "SCRIPT_FILENAME", f.script(), "REQUEST_METHOD", "POST", "CONTENT_LENGTH", "104857600"))
	for range chunks {
		c.send(records{}.raw(5, 1, chunk, 0))
	}
	c.send(records{}.end(5, 1))
	j := f.wantJob()
	if j.file == nil || j.size != 100<<20 {
		t.Fatalf("the body has %d bytes in file %v", j.size, j.file)
	}
	if !strings.HasSuffix(j.wire, string(records{}.end(4, 1))) {
		t.Errorf("the wire ends with %q: the body comes from the file", j.wire[max(0, len(j.wire)-20):])
	}
	buf := make([]byte, len(chunk))
	for i := range chunks {
		if _, err := j.file.ReadAt(buf, int64(i)*int64(len(buf))); err != nil || string(buf) != chunk {
			t.Fatalf("the body is different at %d, %v", i*len(buf), err)
		}
	}
	j.end("thanks")
	c.wantAnswer(1, "thanks")
	f.wantCounters(Counters{Connections: 1, Active: 1, Requests: 1, Spilled: 1})
	f.on(func() {
		if file, _ := j.req.Spill(); file != nil {
			t.Error("the body's file is kept")
		}
	})
}

func TestThousandsOfConnectionsLeaveNoDescriptor(t *testing.T) {
	f := startFront(t, nil)
	f.submit = func(r *Request) Ticket {
		r.End(answered(r.RequestID(), "x"))
		return nil
	}
	l := f.listen("")
	before := len(descriptors())
	whole := records{}.get(1, 0, f.script())
	for i := range 3000 {
		fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := unix.Connect(fd, &unix.SockaddrUnix{Name: l.Address()}); err != nil {
			t.Fatal(err)
		}
		switch i % 4 {
		case 0: // a whole request, answered
			_, _ = unix.Write(fd, whole)
			buf := make([]byte, 1000)
			for {
				if n, err := unix.Read(fd, buf); n <= 0 || err != nil {
					break
				}
			}
		case 1: // a whole request, the client does not wait
			_, _ = unix.Write(fd, whole)
		case 2: // half a request
			_, _ = unix.Write(fd, whole[:len(whole)/2])
		}
		reactor.Close(fd)
	}
	if !eventually(func() bool { return f.stats().Active == 0 }) {
		t.Errorf("%d connections are left", f.stats().Active)
	}
	if n := len(descriptors()); n > before {
		t.Errorf("%d descriptors before, %d after", before, n)
	}
	if n := f.stats().Connections; n != 3000 {
		t.Errorf("%d connections were accepted", n)
	}
}
