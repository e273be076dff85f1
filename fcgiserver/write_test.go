package fcgiserver

import (
	"fmt"
	"strings"
	"testing"

	"howdah/internal/fcgi"
)

const chunkLen = 60000

var chunk = strings.Repeat("x", chunkLen)

// fill passes chunks on until the request wants no more. It returns their number.
func (j *job) fill() (n int) {
	j.f.t.Helper()
	for n = 1; j.output(chunk); n++ {
		if n > 1000 {
			j.f.t.Fatal("Output never wants to wait")
		}
	}
	return n
}

// pending is how much of the answer waits for the client.
func (j *job) pending() (n int) {
	j.f.on(func() { n = len(j.req.conn.out) - j.req.conn.outAt })
	return n
}

// readChunks reads n records of the answer.
func (c *client) readChunks(id uint16, n int) {
	c.t.Helper()
	for range n {
		c.wantRecord(fcgi.TypeStdout, id, chunk)
	}
}

func TestASlowReaderMakesPHPWaitAndNothingIsLost(t *testing.T) {
	f := startFront(t, nil)
	c := f.client()
	for id := uint16(1); id <= 2; id++ {
		c.send(records{}.get(id, 1, f.script()))
		j := f.wantJob()
		n := j.fill()
		if p := j.pending(); p < 256<<10 || p > 256<<10+chunkLen+fcgi.HeaderLen {
			t.Errorf("the upstream is told to wait with %d bytes pending, response_buffer is 256 kB", p)
		}
		select {
		case <-j.resumed:
			t.Error("Resume before the client has read anything")
		default:
		}
		for read, resumed := 0, false; read < n; read++ {
			c.readChunks(id, 1)
			f.turn()
			if !resumed && len(j.resumed) > 0 {
				resumed = true
				if p := j.pending(); p > 128<<10 || p == 0 {
					t.Errorf("Resume with %d bytes pending", p)
				}
			}
		}
		<-j.resumed
		n = j.fill() // and again
		c.readChunks(id, n)
		<-j.resumed
		j.output("the rest")
		j.end("")
		c.wantAnswer(id, "the rest")
		j.wantNotAborted()
		if len(j.resumed) > 0 {
			t.Error("one pause was ended twice")
		}
	}
	c.wantOpen()
}

func TestAnAnswerThatIsCompleteWaitsForItsReader(t *testing.T) {
	f := startFront(t, nil)
	c := f.client()
	c.send(records{}.get(1, 1, f.script()).get(2, 1, f.script()))
	j := f.wantJob()
	n := j.fill()
	j.end("last")
	f.wantNoJob() // the second request waits for its turn
	c.readChunks(1, n)
	c.wantAnswer(1, "last")
	j = f.wantJob()
	if !j.output("small") {
		t.Error("the pause of one request is there in the next")
	}
	j.end("")
	c.wantAnswer(2, "small")
	if len(j.resumed) > 0 {
		t.Error("a request that never paused was resumed")
	}
}

func TestAReaderThatGoesLeavesNothing(t *testing.T) {
	f := startFront(t, nil)
	c := f.client()
	c.send(records{}.get(1, 1, f.script()))
	j := f.wantJob()
	j.fill()
	j.end("")
	c.Close()
	if !eventually(func() bool { return f.stats().Active == 0 }) {
		t.Error("the connection is open")
	}
	j.wantNotAborted() // it had ended
}

func TestAnAnswerOf100MBPasses(t *testing.T) {
	f := startFront(t, nil)
	c := f.client()
	c.send(records{}.get(1, 0, f.script()))
	j := f.wantJob()
	const chunks = 100 << 20 / chunkLen
	read := make(chan error)
	go func() {
		for range chunks {
			if h, _, err := c.r.Next(); err != nil || h.ContentLength != chunkLen {
				read <- fmt.Errorf("%+v, %w", h, err)
				return
			}
		}
		read <- nil
	}()
	for range chunks {
		if !j.output(chunk) {
			<-j.resumed
		}
	}
	if err := <-read; err != nil {
		t.Fatal(err)
	}
	j.end("")
	c.wantAnswer(1, "")
	c.wantClosed()
}

func TestAClientThatReadsNoneOfItsRepliesIsNotReadFurther(t *testing.T) {
	f := startFront(t, nil)
	c := f.client()
	question := records{}.raw(99, 0, "", 0)
	for len(question) < 64<<10 {
		question = append(question, question...)
	}
	sent := make(chan int)
	go func() {
		n := 0
		for range 100 { // 6 MB, of which each 8 bytes have 16 for an answer
			m, err := c.Conn.Write(question)
			if n += m; err != nil {
				break
			}
		}
		c.Conn.Write(records{}.get(7, 1, f.script()))
		sent <- n
	}()
	stuck := func() (bytes int) {
		f.on(func() {
			for cn := range f.srv.conns {
				bytes = len(cn.out) - cn.outAt
			}
		})
		return bytes
	}
	if !eventually(func() bool { return stuck() > maxAhead }) {
		t.Fatal("the replies find room without a reader")
	}
	f.turn()
	if n := stuck(); n > maxAhead+2*scratchLen {
		t.Errorf("%d bytes wait for a client that does not read", n)
	}
	go func() { // it reads after all: all is answered, the request too
		j := <-f.jobs
		f.loop.Post(func() { j.req.End(answered(7, "here")) })
	}()
	replies := 0
	for {
		h, content, err := c.r.Next()
		if err != nil {
			t.Fatal(err)
		}
		if h.Type == fcgi.TypeUnknownType {
			replies++
			continue
		}
		if h.RequestID != 7 || string(content) != "here" {
			t.Fatalf("%+v %q", h, content)
		}
		break
	}
	if n := <-sent; replies*fcgi.HeaderLen != n {
		t.Errorf("%d bytes of questions, %d replies", n, replies)
	}
	c.wantRecord(fcgi.TypeEndRequest, 7, "\x00\x00\x00\x00\x00\x00\x00\x00")
	c.wantOpen()
}

func TestAClientFarAheadThatReadsSlowlyGetsEverything(t *testing.T) {
	f := startFront(t, nil)
	f.submit = func(r *Request) Ticket {
		body := strings.Repeat(fmt.Sprint(r.RequestID()%10), 30000)
		r.End(answered(r.RequestID(), body))
		return nil
	}
	c := f.client()
	var all records
	for id := uint16(1); id <= 3000; id++ {
		all = all.get(id, 1, f.script())
	}
	go c.Conn.Write(all)
	for id := uint16(1); id <= 3000; id++ {
		c.wantAnswer(id, strings.Repeat(fmt.Sprint(id%10), 30000))
	}
}

func TestAClientAheadOfALongRequestStillGetsItsAnswer(t *testing.T) {
	f := startFront(t, nil)
	c := f.client()
	c.send(records{}.get(1, 1, f.script()))
	j := f.wantJob()
	n := j.fill()
	f.on(func() { j.req.conn.expired() }) // it has run for a second: its client is watched
	var ahead records
	for id := uint16(2); len(ahead) < 100<<10; id++ {
		ahead = ahead.get(id, 1, f.script())
	}
	c.send(ahead)
	f.turn()
	c.readChunks(1, n)
	<-j.resumed
	j.end("")
	c.wantAnswer(1, "")
	f.wantJob().end("two")
	c.wantAnswer(2, "two")
	if got := f.stats().Requests; got < 3 {
		t.Errorf("%d requests", got)
	}
}

func TestAClientAheadOfAnEndlessAnswerIsHeldBack(t *testing.T) {
	f := startFront(t, nil)
	c := f.client()
	c.send(records{}.get(1, 1, f.script()))
	j := f.wantJob()
	f.on(func() { j.req.conn.expired() })
	ahead := make([]byte, 0, 1<<20)
	for len(ahead) < 1<<20 {
		ahead = records(ahead).get(2, 1, f.script(), "FILL", chunk)
	}
	go func() {
		for {
			if _, err := c.Conn.Write(ahead); err != nil {
				return
			}
		}
	}()
	most := 0
	for range 30 {
		n := j.fill()
		c.readChunks(1, n)
		<-j.resumed
		f.on(func() { most = max(most, len(j.req.conn.in)) })
	}
	if most > maxAhead+2*scratchLen {
		t.Errorf("%d bytes of further requests are kept", most)
	}
	c.Close()
	j.wantAborted()
}

func TestTheRequestThatWaitsIsServedThoughItsClientClosedItsSide(t *testing.T) {
	f := startFront(t, nil)
	c := f.client()
	c.send(records{}.get(1, 1, f.script()).get(2, 1, f.script()))
	j := f.wantJob()
	small := strings.Repeat("s", 1000)
	n := 1
	for j.output(small); j.pending() == 0; n++ {
		j.output(small)
	}
	f.on(func() { // room for the rest of the answer and the end of the input come as one event
		j.req.End(answered(1, ""))
		for range n - 1 {
			c.wantRecord(fcgi.TypeStdout, 1, small)
		}
		c.closeWrite()
	})
	c.wantAnswer(1, small)
	f.wantJob().end("two")
	c.wantAnswer(2, "two")
	c.wantClosed()
}
