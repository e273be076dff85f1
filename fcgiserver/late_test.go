package fcgiserver

import (
	"testing"
	"time"
)

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
