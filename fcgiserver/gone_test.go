package fcgiserver

import (
	"strings"
	"testing"
	"time"
)

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
