package fcgiserver

import (
	"errors"
	"fmt"
	"net"
	"syscall"
	"testing"
	"time"
)

// drain drains the server and returns a channel that is closed when it is done.
func (f *front) drain() <-chan struct{} {
	done := make(chan struct{})
	f.on(func() { f.srv.Drain(func() { close(done) }) })
	return done
}

func wantDone(t *testing.T, done <-chan struct{}) {
	t.Helper()
	select {
	case <-done:
	case <-time.After(patience):
		t.Error("the server has not drained")
	}
}

func wantNotDone(t *testing.T, f *front, done <-chan struct{}) {
	t.Helper()
	f.turn()
	select {
	case <-done:
		t.Error("the server says that it has drained")
	default:
	}
}

func TestAnIdleServerDrainsAtOnce(t *testing.T) {
	f := startFront(t, nil)
	f.listen("")
	done := f.drain()
	select {
	case <-done:
	default:
		t.Error("not done")
	}
}

func TestDrainClosesWhatIsIdleAndAnswersWhatHasBegun(t *testing.T) {
	f := startFront(t, nil)
	l := f.listen("")
	idle, running, arriving := f.dial(l), f.dial(l), f.dial(l)
	var waiting *client
	idle.send(records{}.get(1, 1, f.script()))
	f.wantJob().end("")
	idle.wantAnswer(1, "")
	running.send(records{}.get(2, 1, f.script()).get(3, 1, f.script()))
	j := f.wantJob()
	half := records{}.get(4, 1, f.script())
	arriving.send(half[:30])
	f.turn()

	f.on(func() { // in one go: the loop has not accepted this one when the drain begins
		late := f.dial(l)
		late.send(records{}.get(5, 1, f.script()))
		waiting = late
	})
	done := f.drain()
	idle.wantClosed()
	late := f.wantJob()
	late.end("late")
	waiting.wantAnswer(5, "late")
	waiting.wantClosed()
	if _, err := net.Dial("unix", l.Address()); err != nil && !errors.Is(err, syscall.ECONNREFUSED) {
		t.Error(err)
	}

	wantNotDone(t, f, done)
	j.end("running")
	running.wantAnswer(2, "running")
	running.wantClosed()
	wantNotDone(t, f, done)
	arriving.send(half[30:])
	f.wantJob().end("arriving")
	arriving.wantAnswer(4, "arriving")
	arriving.wantClosed()
	wantDone(t, done)
	f.wantNoJob()
}

func TestWhoeverConnectedBeforeADrainIsAnswered(t *testing.T) {
	f := startFront(t, nil)
	f.submit = func(r *Request) Ticket {
		r.End(answered(r.RequestID(), "x"))
		return nil
	}
	l := f.listen("")
	var clients []*client
	done := make(chan struct{})
	f.on(func() {
		for range 200 {
			c := f.dial(l)
			c.send(records{}.get(1, 1, f.script()))
			clients = append(clients, c)
		}
		f.srv.Drain(func() { close(done) })
	})
	for _, c := range clients {
		c.wantAnswer(1, "x")
		c.wantClosed()
	}
	wantDone(t, done)
}

func TestDrainWaitsForAReaderOfTheLastAnswer(t *testing.T) {
	f := startFront(t, nil)
	c := f.client()
	c.send(records{}.get(1, 1, f.script()))
	j := f.wantJob()
	n := j.fill()
	j.end("")
	done := f.drain()
	wantNotDone(t, f, done)
	c.readChunks(1, n)
	c.wantAnswer(1, "")
	c.wantClosed()
	wantDone(t, done)
}

func TestAConnectionThatSaysNothingDoesNotHoldUpADrain(t *testing.T) {
	f := startFront(t, nil)
	c := f.client()
	begun := time.Now()
	wantDone(t, f.drain())
	c.wantClosed()
	if took := time.Since(begun); took > 4*time.Second {
		t.Errorf("drained after %v", took)
	}
	want(t, f.log.String(), "")
}

func TestAfterADrainNobodyGetsIn(t *testing.T) {
	f := startFront(t, nil)
	wantDone(t, f.drain())
	c := f.client()
	c.wantClosed()
	if s := f.stats(); s.Connections != 0 || s.Active != 0 {
		t.Errorf("%+v", s)
	}
}

func TestCloseGivesEverythingUp(t *testing.T) {
	f := startFront(t, nil)
	idle, running, flushing, arriving := f.client(), f.client(), f.client(), f.client()
	idle.wantOpen()
	running.send(records{}.get(1, 1, f.script()))
	j := f.wantJob()
	flushing.send(records{}.get(2, 1, f.script()))
	k := f.wantJob()
	k.fill()
	k.end("")
	arriving.send(records{}.begin(1, 1))
	done := f.drain()
	f.on(f.srv.Close)
	wantDone(t, done)
	j.wantAborted()
	k.wantNotAborted()
	idle.wantClosed()
	running.wantClosed()
	arriving.wantClosed()
	f.on(f.srv.Close) // once more
	if n := f.stats().Active; n != 0 {
		t.Errorf("%d connections are open", n)
	}
}

func TestALateAnswerOfTheSearchForAScriptFindsNobody(t *testing.T) {
	f := startFront(t, nil)
	for i := range 50 {
		c := f.client()
		f.on(func() {
			c.send(records{}.get(1, 1, fmt.Sprintf("%s/%d.php", f.site, i)))
			for cn := range f.srv.conns {
				cn.readable()
			}
			f.srv.Close()
			f.srv.draining = false
		})
		c.Close()
	}
	f.turn()
	f.wantNoJob()
}
