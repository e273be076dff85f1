package fcgiserver

import (
	"net"
	"net/netip"
	"os"
	"testing"

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
