package fcgiserver

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestConnectionsBeyondTheMaximumWaitUntilThereIsRoom(t *testing.T) {
	for _, address := range []string{"", "127.0.0.1:0"} {
		f := startFront(t, func(o *Options) { o.MaxConnections = 2 })
		l := f.listen(address)
		first, second := f.dial(l), f.dial(l)
		first.wantOpen()
		second.wantOpen()
		third, fourth := f.dial(l), f.dial(l)
		third.send(records{}.get(3, 1, f.script()))
		f.wantNoJob()
		if s := f.stats(); s.Active != 2 || s.Connections != 2 || s.FullyOccupied == 0 {
			t.Errorf("%+v", s)
		}
		f.wantLog("2 connections are open, max_connections allows no more")
		first.Close()
		f.wantJob().end("third")
		third.wantAnswer(3, "third")
		fourth.send(records{}.get(4, 1, f.script()))
		f.wantNoJob()
		third.Close()
		f.wantJob().end("fourth")
		fourth.wantAnswer(4, "fourth")
	}
}

func TestAHigherMaximumLetsThoseInWhoWait(t *testing.T) {
	f := startFront(t, func(o *Options) { o.MaxConnections = 1 })
	l := f.listen("")
	f.dial(l).wantOpen()
	c := f.dial(l)
	c.send(records{}.get(1, 1, f.script()))
	f.wantNoJob()
	f.on(func() {
		o := f.srv.opts
		o.MaxConnections = 2
		f.srv.SetOptions(o)
	})
	f.wantJob().end("")
	c.wantAnswer(1, "")
}

func TestALowerMaximumClosesNobody(t *testing.T) {
	f := startFront(t, nil)
	l := f.listen("")
	var clients []*client
	for range 5 {
		clients = append(clients, f.dial(l))
		clients[len(clients)-1].wantOpen()
	}
	f.on(func() {
		o := f.srv.opts
		o.MaxConnections = 2
		f.srv.SetOptions(o)
	})
	late := f.dial(l)
	late.send(records{}.get(1, 1, f.script()))
	f.wantNoJob()
	for _, c := range clients[:3] {
		c.wantOpen()
		c.Close()
	}
	f.wantNoJob()
	clients[3].wantOpen()
	clients[3].Close()
	f.wantJob().end("late")
	late.wantAnswer(1, "late")
}

func TestShortRequestsDoNotCountAgainstTheMaximum(t *testing.T) {
	f := startFront(t, func(o *Options) { o.MaxConnections = 1 })
	f.submit = func(r *Request) Ticket {
		r.End(answered(r.RequestID(), "x"))
		return nil
	}
	l := f.listen("")
	for range 200 {
		c := f.dial(l)
		c.send(records{}.get(1, 0, f.script()))
		c.wantAnswer(1, "x")
		c.Close()
	}
}

func TestWithoutDescriptorsAcceptingRestsAndGoesOn(t *testing.T) {
	if !inChild(t) {
		return
	}
	f := startFront(t, nil)
	l := f.listen("")
	f.dial(l).wantOpen()
	waiting := f.dial(l)
	waiting.wantOpen()
	late, err := net.Dial("unix", l.Address()) // its own descriptor is there before the limit is reached
	if err != nil {
		t.Fatal(err)
	}
	c := f.newClient(late)
	c.wantOpen()

	var old unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &old); err != nil {
		t.Fatal(err)
	}
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	low := old
	low.Cur = uint64(fd + 1)
	for n := 0; ; n++ { // no gaps below
		g, err := unix.Open("/dev/null", unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err != nil || g > fd {
			unix.Close(g)
			break
		}
		t.Cleanup(func() { unix.Close(g) })
	}
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &low); err != nil {
		t.Fatal(err)
	}
	if err := unix.Connect(fd, &unix.SockaddrUnix{Name: l.Address()}); err != nil {
		t.Fatal(err)
	}
	if _, err := unix.Write(fd, records{}.get(9, 0, f.script())); err != nil {
		t.Fatal(err)
	}
	f.wantLog("too many open files; trying again in 100ms")
	c.wantOpen() // those who are in are served
	f.wantNoJob()
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &old); err != nil {
		t.Fatal(err)
	}
	file := os.NewFile(uintptr(fd), "client")
	conn, err := net.FileConn(file)
	file.Close()
	if err != nil {
		t.Fatal(err)
	}
	patient := f.newClient(conn)
	f.wantJob().end("at last")
	patient.wantAnswer(9, "at last")
}

func TestPeersOutsideAllowedClientsAreDropped(t *testing.T) {
	f := startFront(t, nil)
	l := mustListen(t, ListenSpec{Address: "127.0.0.1:0", AllowedClients: []netip.Prefix{netip.MustParsePrefix("127.0.0.2/32")}})
	f.on(func() {
		if err := f.srv.Listen(l); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() { f.on(func() { f.srv.Unlisten(l) }) })
	f.dial(l).wantClosed()
	f.wantLog("Connection disallowed: IP address '127.0.0.1' has been dropped.")

	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}
	c, err := d.Dial("tcp", l.Address())
	if err != nil {
		t.Fatal(err)
	}
	f.newClient(c).wantOpen()
	if s := f.stats(); s.Refused != 1 || s.Connections != 1 {
		t.Errorf("%+v", s)
	}
}

func TestAListenerCanBeTakenAwayAndGivenBack(t *testing.T) {
	f := startFront(t, nil)
	l := f.listen("")
	f.dial(l).wantOpen()
	f.on(func() { f.srv.Unlisten(l); f.srv.Unlisten(l) })
	c := f.dial(l)
	c.send(records{}.get(1, 1, f.script()))
	f.wantNoJob()
	f.on(func() {
		if err := f.srv.Listen(l); err != nil {
			t.Error(err)
		}
	})
	f.wantJob().end("")
	c.wantAnswer(1, "")
}

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

func TestConnectionsAreReusedWithoutATraceOfTheirPast(t *testing.T) {
	f := startFront(t, nil)
	for range 20 {
		c := f.client()
		c.send(records{}.get(1, 1, f.script()))
		j := f.wantJob()
		j.fill()
		c.send(records{}.begin(2, 1).params(2, "A", "B"))
		c.Close()
		j.wantAborted()

		c = f.client()
		c.send(records{}.get(3, 0, f.script()))
		f.wantJob().end("fresh")
		c.wantAnswer(3, "fresh")
		c.wantClosed()
	}
	f.on(func() {
		if len(f.srv.spare) == 0 || len(f.srv.spare) > 3 {
			t.Errorf("%d connections to use again", len(f.srv.spare))
		}
	})
}

func TestWhatSubmitDoesBeforeItReturns(t *testing.T) {
	for _, c := range []struct {
		name   string
		submit func(f *front, r *Request)
		client func(c *client)
		abort  bool // the ticket is told that the client has gone
	}{
		{"ends the request", func(f *front, r *Request) { r.End(answered(1, "x")) }, func(c *client) { c.wantAnswer(1, "x"); c.wantOpen() }, false},
		{"fails it", func(f *front, r *Request) { r.Fail(503, 0, "queue_full") }, func(c *client) { c.answer(); c.wantOpen() }, false},
		{"sends part of the answer and fails", func(f *front, r *Request) { r.Output(records{}.raw(6, 1, "half", 0)); r.Fail(502, 0, "worker_died") },
			func(c *client) { c.wantRecord(6, 1, "half"); c.wantClosed() }, false},
		{"finds that the client has gone", func(f *front, r *Request) {
			unix.Shutdown(r.conn.fd, unix.SHUT_WR) // the next write fails
			r.Output(records{}.raw(6, 1, "half", 0))
		}, func(c *client) { c.wantClosed() }, true},
		{"ends the request of a client that has gone", func(f *front, r *Request) {
			unix.Shutdown(r.conn.fd, unix.SHUT_WR)
			r.End(answered(1, "x"))
		}, func(c *client) { c.wantClosed() }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := startFront(t, nil)
			ticket := &job{f: f, aborted: make(chan struct{})}
			f.submit = func(r *Request) Ticket {
				c.submit(f, r)
				return ticket
			}
			cl := f.client()
			cl.send(records{}.get(1, 1, f.script()))
			c.client(cl)
			if c.abort {
				ticket.wantAborted()
			} else {
				ticket.wantNotAborted()
			}
		})
	}
}
