package fcgiserver

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"howdah/internal/reactor"
)

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
