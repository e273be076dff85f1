package e2e

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"howdah/internal/fcgi"
)

// liar makes one client's worth of nonsense: what it sends on one connection.
type liar func(r *rand.Rand, good []byte) []byte

var liars = []liar{
	// noise
	func(r *rand.Rand, _ []byte) []byte { return randomBytes(r, 1+r.IntN(5000)) },
	// HTTP on the wrong socket
	func(*rand.Rand, []byte) []byte { return []byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n") },
	// another version
	func(_ *rand.Rand, good []byte) []byte { return append([]byte{2}, good[1:]...) },
	// a good request cut anywhere
	func(r *rand.Rand, good []byte) []byte { return good[:r.IntN(len(good))] },
	// a good request with some bytes changed
	func(r *rand.Rand, good []byte) []byte {
		bad := append([]byte(nil), good...)
		for range 1 + r.IntN(6) {
			bad[r.IntN(len(bad))] = byte(r.Uint32())
		}
		return bad
	},
	// any type, any id, a length that lies
	func(r *rand.Rand, good []byte) []byte {
		b := append([]byte(nil), good[:16]...)
		for range 20 {
			b = fcgi.AppendHeader(b, uint8(r.Uint32()), uint16(r.Uint32()), r.IntN(65536), r.IntN(256))
			b = append(b, randomBytes(r, r.IntN(300))...)
		}
		return b
	},
	// a name-value pair that claims 2 GB
	func(_ *rand.Rand, good []byte) []byte {
		b := append([]byte(nil), good[:16]...)
		b = fcgi.AppendHeader(b, fcgi.TypeParams, 1, 8, 0)
		b = append(b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)
		return fcgi.AppendHeader(fcgi.AppendHeader(b, fcgi.TypeParams, 1, 0, 0), fcgi.TypeStdin, 1, 0, 0)
	},
	// parameters without end
	func(r *rand.Rand, good []byte) []byte {
		b := append([]byte(nil), good[:16]...)
		for range 40 {
			b = fcgi.AppendStream(b, fcgi.TypeParams, 1, randomBytes(r, 65535))
		}
		return b
	},
	// ten thousand parameters
	func(_ *rand.Rand, good []byte) []byte {
		w := fcgi.NewParamsWriter(append([]byte(nil), good[:16]...), 1)
		for i := range 10000 {
			w.Add([]byte(fmt.Sprint("P", i)), nil)
		}
		b, _ := w.End()
		return b
	},
	// BEGIN again and again, another role, abort of what is not there, values, unknown management types
	func(*rand.Rand, []byte) []byte {
		var b []byte
		for id := range uint16(30) {
			b = fcgi.AppendBeginRequest(b, id, id%5, uint8(id))
			b = fcgi.AppendHeader(b, fcgi.TypeAbortRequest, id+1, 0, 0)
			b = fcgi.AppendGetValues(b, fcgi.MaxConns, "nonsense", "")
			b = fcgi.AppendHeader(b, uint8(12+id), 0, 0, 0)
		}
		return b
	},
	// STDIN before PARAMS, and two requests at once on one connection
	func(_ *rand.Rand, good []byte) []byte {
		b := fcgi.AppendStream(append([]byte(nil), good[:16]...), fcgi.TypeStdin, 1, []byte("early"))
		b = fcgi.AppendBeginRequest(b, 2, fcgi.RoleResponder, 1)
		return append(b, good[16:]...)
	},
	// what only a server sends
	func(_ *rand.Rand, good []byte) []byte {
		b := fcgi.AppendEndRequest(append([]byte(nil), good[:16]...), 1, 0, 0)
		b = fcgi.AppendStream(b, fcgi.TypeStdout, 1, []byte("Status: 200\r\n\r\n"))
		return append(b, good...)
	},
	// a good request and a half, and then silence
	func(_ *rand.Rand, good []byte) []byte {
		return append(append([]byte(nil), good...), good[:len(good)/2]...)
	},
}

func randomBytes(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

func TestGarbageAndLiesHurtNobodyElse(t *testing.T) {
	s := serve(t, `receive_timeout = "2s"`)
	worker, _ := s.family()
	loads := []*load{s.plain.startLoad(2, "/hello.php", "hello"), s.kept.startLoad(2, "/hello.php", "hello")}
	good := requestBytes(t, 1, 1, "a=b", s.sb.script("POST", "hello.php", param{"CONTENT_LENGTH", "3"})...)

	quit := make(chan struct{})
	var liarsDone sync.WaitGroup
	var told [4]int
	for i := range told {
		liarsDone.Add(1)
		go func() {
			defer liarsDone.Done()
			r := rand.New(rand.NewPCG(7, uint64(i)))
			for {
				select {
				case <-quit:
					return
				default:
				}
				if tell(s.socket, liars[r.IntN(len(liars))](r, good)) {
					told[i]++
				}
			}
		}()
	}
	<-time.After(phase(8 * time.Second)) // how long they lie
	close(quit)
	liarsDone.Wait()
	for _, l := range loads {
		if c := l.stop(); c.bad() > 0 || c.slowest > 3*time.Second {
			t.Errorf("beside garbage: %v", c)
		}
	}
	if told[0] < 50 {
		t.Errorf("only %v lies were told", told)
	}
	if !alive(worker) {
		t.Error("garbage reached a worker and ended it")
	}
	wantWithin(t, 5*time.Second, "the liars' descriptors closed", func() bool { return openFiles(s.pid()) < 60 })
}

// tell sends bytes on a connection of their own and reads what comes back for a moment.
func tell(socket string, bytes []byte) bool {
	c, err := net.Dial("unix", socket)
	if err != nil {
		return false
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(100 * time.Millisecond)) // liars don't wait for answers
	_, _ = c.Write(bytes)
	_, _ = io.CopyN(io.Discard, c, 1<<16)
	return true
}

func TestManagementRecordsAreAnsweredAsTheSpecificationSays(t *testing.T) {
	sb := newSandbox(t)
	h := startHowdah(t, sb)
	w := dialFastCGI(t, h.socket)
	w.send(fcgi.AppendGetValues(nil, fcgi.MpxsConns, fcgi.MaxConns, "nonsense"))
	head, content, err := w.records.Next()
	if err != nil || head.Type != fcgi.TypeGetValuesResult || head.RequestID != 0 {
		t.Fatalf("GET_VALUES: %+v, %v", head, err)
	}
	values := map[string]string{}
	for len(content) > 0 {
		name, value, rest, err := fcgi.NextPair(content)
		if err != nil {
			t.Fatal(err)
		}
		values[string(name)], content = string(value), rest
	}
	if values[fcgi.MpxsConns] != "0" || len(values) > 2 {
		t.Errorf("values: %v", values)
	}
	// The connection is still good.
	if r := w.ask(fcgi.FlagKeepConn, "", sb.script("GET", "hello.php")...); !strings.HasSuffix(r.stdout, "hello") {
		t.Errorf("after GET_VALUES: %q", r.stdout)
	}
	w.send(fcgi.AppendHeader(nil, 77, 0, 0, 0))
	head, content, err = w.records.Next()
	if err != nil || head.Type != fcgi.TypeUnknownType || content[0] != 77 {
		t.Errorf("an unknown type: %+v %v, %v", head, content, err)
	}
	w.send(fcgi.AppendBeginRequest(nil, 5, fcgi.RoleFilter, fcgi.FlagKeepConn))
	r, err := w.receive()
	if err != nil || r.status != fcgi.StatusUnknownRole {
		t.Errorf("another role: %+v, %v", r, err)
	}
}

// The records of a request may be cut anywhere, also a name-value pair over two of them, which php-cgi can't take.
func TestRequestMayArriveInAnyPieces(t *testing.T) {
	sb := newSandbox(t)
	h := startHowdah(t, sb)
	var pairs []byte
	for _, p := range sb.script("POST", "input.php", param{"CONTENT_LENGTH", "10"}, param{"LONG", strings.Repeat("v", 5000)}) {
		pairs = fcgi.AppendPair(pairs, p.name, p.value)
	}
	for _, size := range []int{1, 2, 7, 100, 4000} {
		b := fcgi.AppendBeginRequest(nil, 9, fcgi.RoleResponder, 0)
		for rest := pairs; len(rest) > 0; {
			n := min(size, len(rest))
			b = fcgi.AppendHeader(b, fcgi.TypeParams, 9, n, size%250)
			b = append(b, rest[:n]...)
			b = append(b, make([]byte, size%250)...)
			rest = rest[n:]
		}
		b = fcgi.AppendHeader(b, fcgi.TypeParams, 9, 0, 0)
		for _, letter := range "0123456789" {
			b = fcgi.AppendStream(b, fcgi.TypeStdin, 9, []byte(string(letter)))
		}
		b = fcgi.AppendHeader(b, fcgi.TypeStdin, 9, 0, 0)
		w := dialFastCGI(t, h.socket)
		for rest := b; len(rest) > 0; { // and the bytes in pieces of their own
			n := min(1+size*3, len(rest))
			w.send(rest[:n])
			rest = rest[n:]
		}
		if r, err := w.receive(); err != nil || !strings.Contains(r.stdout, "POST '10' 10 ") {
			t.Errorf("records of %d bytes: %.200q, %v", size, r.stdout, err)
		}
	}
}

func TestRequestsOnOneConnectionAreAnsweredOneAfterTheOther(t *testing.T) {
	sb := newSandbox(t)
	h := startHowdah(t, sb)
	w := dialFastCGI(t, h.socket)
	var all []byte
	for id := range uint16(20) { // all sent before the first answer is read
		all = append(all, requestBytes(t, id+1, fcgi.FlagKeepConn, "", sb.script("GET", "hello.php")...)...)
	}
	go w.Write(all) // ends with the connection
	for id := range 20 {
		if r, err := w.receive(); err != nil || !strings.HasSuffix(r.stdout, "hello") {
			t.Fatalf("request %d: %q, %v", id+1, r.stdout, err)
		}
	}
}
