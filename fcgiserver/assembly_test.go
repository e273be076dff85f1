package fcgiserver

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"howdah/internal/fcgi"
)

// outcome is all that an assembly says of a stream.
type outcome struct {
	stage  stage
	id     uint16
	keep   bool
	abort  bool
	params string
	body   string
	reply  string
	rest   string // of the stream, not used
	err    string
}

// assemble gives b to a in the given pieces; what a does not use comes again with the next piece, as on a connection.
func assemble(t testing.TB, a *assembly, b []byte, cuts ...int) outcome {
	t.Helper()
	var pending []byte
	var err error
	for i := 0; i <= len(cuts) && err == nil; i++ {
		from, to := 0, len(b)
		if i > 0 {
			from = cuts[i-1]
		}
		if i < len(cuts) {
			to = cuts[i]
		}
		pending = append(pending, b[from:to]...)
		var n int
		n, err = a.take(pending)
		if n < 0 || n > len(pending) {
			t.Fatalf("used %d of %d bytes", n, len(pending))
		}
		pending = bytes.Clone(pending[n:])
		if err != nil {
			pending = append(pending, b[to:]...)
		}
	}
	o := outcome{stage: a.stage, id: a.id, keep: a.begin.KeepConn(), abort: a.abort, params: string(a.params),
		body: bodyContent(t, &a.body), reply: string(a.reply), rest: string(pending)}
	if err != nil {
		o.err = err.Error()
	}
	return o
}

// bodyContent is what a body holds, wherever it holds it.
func bodyContent(t testing.TB, b *body) string {
	t.Helper()
	if b.file == nil {
		if b.size != int64(len(b.mem)) {
			t.Errorf("the body says it has %d bytes, %d are in memory", b.size, len(b.mem))
		}
		return string(b.mem)
	}
	content, err := io.ReadAll(io.NewSectionReader(b.file, 0, 1<<30))
	if err != nil {
		t.Error(err)
	}
	if b.size != int64(len(content)) {
		t.Errorf("the body says it has %d bytes, %d are in its file", b.size, len(content))
	}
	return string(content)
}

func newAssembly(t testing.TB) *assembly {
	a := &assembly{body: body{memLimit: 1 << 20, dir: os.TempDir()}}
	t.Cleanup(a.reset)
	return a
}

func TestAssemblyOfRecords(t *testing.T) {
	unknown := func(typ byte) string { return string(fcgi.AppendUnknownType(nil, typ)) }
	refusal := func(id uint16, status uint8) string { return string(fcgi.AppendEndRequest(nil, id, 0, status)) }
	pairs := string(pairStream("A", "1", "B", "two"))
	whole := records{}.begin(1, 1).params(1, "A", "1", "B", "two").stdin(1, "body")
	done := outcome{stage: stageDone, id: 1, keep: true, params: pairs, body: "body"}

	for _, c := range []struct {
		name string
		in   records
		want outcome
	}{
		{"nothing", records{}, outcome{}},
		{"a whole request", whole, done},
		{"without keep-alive", records{}.begin(7, 0).params(7).stdin(7, ""), outcome{stage: stageDone, id: 7}},
		{"the largest id", records{}.begin(65535, 0).params(65535).stdin(65535, ""), outcome{stage: stageDone, id: 65535}},
		{"flags that nobody has defined", records{}.begin(1, 0xfe).params(1).stdin(1, ""), outcome{stage: stageDone, id: 1}},
		{"only the beginning", records{}.begin(1, 1), outcome{stage: stageParams, id: 1, keep: true}},
		{"params that have not ended", records{}.begin(1, 1).raw(4, 1, pairs, 0), outcome{stage: stageParams, id: 1, keep: true, params: pairs}},
		{"a body that has not ended", records{}.begin(1, 1).params(1).raw(5, 1, "bo", 0), outcome{stage: stageStdin, id: 1, keep: true, body: "bo"}},
		{"a pair cut in two records", records{}.begin(1, 1).raw(4, 1, pairs[:3], 0).raw(4, 1, pairs[3:], 0).end(4, 1).stdin(1, "body"), done},
		{"padding everywhere", records{}.raw(1, 1, "\x00\x01\x01\x00\x00\x00\x00\x00", 255).raw(4, 1, pairs, 7).raw(4, 1, "", 8).raw(5, 1, "bo", 1).raw(5, 1, "dy", 255).raw(5, 1, "", 3), done},
		{"a longer beginning", records{}.raw(1, 1, "\x00\x01\x01\x00\x00\x00\x00\x00more", 0).params(1).stdin(1, ""), outcome{stage: stageDone, id: 1, keep: true}},
		{"half a header", whole[:5], outcome{rest: string(whole[:5])}},

		{"the next request is left alone", append(whole[:len(whole):len(whole)], records{}.begin(2, 1).params(2)...),
			outcome{stage: stageDone, id: 1, keep: true, params: pairs, body: "body", rest: string(records{}.begin(2, 1).params(2))}},

		{"a second request at the same time is refused and its records ignored",
			records{}.begin(1, 1).begin(2, 1).params(2, "X", "y").raw(4, 1, pairs, 0).stdin(2, "other").end(4, 1).raw(2, 2, "", 0).stdin(1, "body"),
			outcome{stage: stageDone, id: 1, keep: true, params: pairs, body: "body", reply: refusal(2, fcgi.StatusCantMultiplex)}},
		{"an authorizer is refused", fcgi.AppendBeginRequest(nil, 3, fcgi.RoleAuthorizer, 1), outcome{reply: refusal(3, fcgi.StatusUnknownRole)}},
		{"a filter is refused, its records ignored, and the next request served",
			append(append(records(fcgi.AppendBeginRequest(nil, 1, fcgi.RoleFilter, 1)).params(1, "X", "y").stdin(1, "no").raw(8, 1, "data", 0), whole...), "x"...),
			outcome{stage: stageDone, id: 1, keep: true, params: pairs, body: "body", reply: refusal(1, fcgi.StatusUnknownRole), rest: "x"}},
		{"role 0 is refused", fcgi.AppendBeginRequest(nil, 1, 0, 0), outcome{reply: refusal(1, fcgi.StatusUnknownRole)}},
		{"records of no request are ignored", records{}.params(9, "A", "b").stdin(9, "x").raw(2, 9, "", 0).raw(77, 9, "?", 0), outcome{}},

		{"a management record of unknown type", records{}.raw(99, 0, "what", 3), outcome{reply: unknown(99)}},
		{"a beginning without an id is no request", records{}.begin(0, 1), outcome{reply: unknown(1)}},
		{"an application record of unknown type", append(records{}.begin(1, 1).raw(200, 1, "?", 0), whole[16:]...),
			outcome{stage: stageDone, id: 1, keep: true, params: pairs, body: "body", reply: unknown(200)}},
		{"records that only servers send", records{}.begin(1, 0).raw(6, 1, "out", 0).raw(3, 1, "\x00\x00\x00\x00\x00\x00\x00\x00", 0).params(1).stdin(1, ""),
			outcome{stage: stageDone, id: 1, reply: unknown(6) + unknown(3)}},
		{"DATA is ignored", records{}.begin(1, 0).raw(8, 1, "data", 0).params(1).raw(8, 1, "", 0).stdin(1, ""), outcome{stage: stageDone, id: 1}},

		{"GET_VALUES", fcgi.AppendGetValues(nil, fcgi.MaxConns, fcgi.MaxReqs, fcgi.MpxsConns, "NO_SUCH"),
			outcome{reply: "\x01\x0a\x00\x00\x00\x12\x00\x00\x0f\x01FCGI_MPXS_CONNS0"}},
		{"GET_VALUES of nothing", records{}.raw(9, 0, "", 0), outcome{reply: "\x01\x0a\x00\x00\x00\x00\x00\x00"}},
		{"GET_VALUES in the middle of a request", append(records(fcgi.AppendGetValues(whole[:16:16], fcgi.MpxsConns)), whole[16:]...),
			outcome{stage: stageDone, id: 1, keep: true, params: pairs, body: "body", reply: "\x01\x0a\x00\x00\x00\x12\x00\x00\x0f\x01FCGI_MPXS_CONNS0"}},
		{"GET_VALUES that asks for the same a thousand times", fcgi.AppendGetValues(nil, repeated(fcgi.MpxsConns, 3800)...),
			outcome{reply: "\x01\x0a\x00\x00\x00\x12\x00\x00\x0f\x01FCGI_MPXS_CONNS0"}},

		{"ABORT before the params end", records{}.begin(1, 1).raw(4, 1, pairs, 0).raw(2, 1, "", 0), outcome{stage: stageDone, id: 1, keep: true, abort: true, params: pairs}},
		{"ABORT in the body", records{}.begin(1, 1).params(1).raw(5, 1, "bo", 0).raw(2, 1, "", 0).raw(5, 1, "dy", 0),
			outcome{stage: stageDone, id: 1, keep: true, abort: true, body: "bo", rest: string(records{}.raw(5, 1, "dy", 0))}},
		{"ABORT of another request is ignored", append(records{}.begin(1, 1).raw(2, 2, "", 0), whole[16:]...), done},

		{"BEGIN_REQUEST twice", records{}.begin(1, 1).begin(1, 1), outcome{stage: stageParams, id: 1, keep: true, err: "record out of order: BEGIN_REQUEST of a request that is open"}},
		{"BEGIN_REQUEST that is too short", records{}.raw(1, 1, "\x00\x01\x01", 0), outcome{err: fcgi.ErrShortBody.Error()}},
		{"PARAMS after their end", records{}.begin(1, 0).params(1).params(1), outcome{stage: stageStdin, id: 1, err: "record out of order: PARAMS after their end"}},
		{"STDIN before the end of PARAMS", records{}.begin(1, 0).stdin(1, "x"), outcome{stage: stageParams, id: 1, err: "record out of order: STDIN before the end of PARAMS"}},
		{"GET_VALUES with a broken pair", records{}.raw(9, 0, "\x0fFCGI", 0), outcome{err: fcgi.ErrTruncatedPair.Error()}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := assemble(t, newAssembly(t), c.in)
			if c.want.err != "" {
				got.rest = ""
			}
			if got != c.want {
				t.Errorf("\n got %.999v\nwant %.999v", got, c.want)
			}
		})
	}
}

func repeated(s string, n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = s
	}
	return all
}

func TestWhatIsNotFastCGIIsAnErrorAtItsFirstByte(t *testing.T) {
	a := newAssembly(t)
	n, err := a.take([]byte("GET / HTTP/1.1\r\n"))
	var version fcgi.VersionError
	if n != 0 || !errors.As(err, &version) || version != 'G' {
		t.Errorf("used %d, error %v", n, err)
	}
}

// hard is a request with everything in it that a cut may fall into.
var hard = records{}.
	raw(9, 0, string(pairStream(fcgi.MpxsConns, "")), 5).
	raw(1, 1, "\x00\x01\x01\x00\x00\x00\x00\x00", 3).
	begin(2, 0).
	raw(4, 1, "\x01\x01A", 2).raw(4, 1, "1\x04\x80\x00\x00\x82LONG"+strings.Repeat("v", 130), 0).
	params(2, "no", "thing").raw(42, 1, "", 0).end(4, 1).
	raw(5, 1, "bo", 9).raw(5, 1, "dy", 0).stdin(2, "no").end(5, 1).
	begin(3, 1)

func TestARequestIsTheSameHoweverItIsCut(t *testing.T) {
	want := assemble(t, newAssembly(t), hard)
	if want.stage != stageDone || want.body != "body" || want.err != "" || want.rest != string(records{}.begin(3, 1)) {
		t.Fatalf("uncut it is %+v", want)
	}
	a := newAssembly(t)
	for i := 0; i <= len(hard); i++ {
		for j := i; j <= len(hard); j++ {
			a.reset()
			if got := assemble(t, a, hard, i, j); got != want {
				t.Fatalf("cut at %d and %d of %d:\n got %+v\nwant %+v", i, j, len(hard), got, want)
			}
		}
	}
	every := make([]int, len(hard))
	for i := range every {
		every[i] = i
	}
	a.reset()
	if got := assemble(t, a, hard, every...); got != want {
		t.Errorf("one byte at a time:\n got %+v\nwant %+v", got, want)
	}
}

func TestRequestsFollowEachOtherOnOneAssembly(t *testing.T) {
	a := newAssembly(t)
	var stream records
	for id := uint16(1); id <= 5; id++ {
		stream = stream.begin(id, 1).params(id, "ID", fmt.Sprint(id)).stdin(id, strings.Repeat("x", int(id)))
	}
	rest := []byte(stream)
	for id := uint16(1); id <= 5; id++ {
		n, err := a.take(rest)
		if err != nil || a.stage != stageDone || a.id != id || string(a.params) != string(pairStream("ID", fmt.Sprint(id))) || a.body.size != int64(id) {
			t.Fatalf("request %d: stage %d, id %d, params %q, body of %d bytes, %v", id, a.stage, a.id, a.params, a.body.size, err)
		}
		rest = rest[n:]
		a.reset()
	}
	if len(rest) != 0 {
		t.Errorf("%d bytes left", len(rest))
	}
}

func TestParamsEndAtTheirLimit(t *testing.T) {
	chunk := strings.Repeat("p", 32<<10)
	for _, c := range []struct {
		extra int
		want  error
	}{{0, nil}, {1, errParamsTooLong}} {
		a := newAssembly(t)
		stream := records{}.begin(1, 1)
		for range maxParamsBytes / len(chunk) {
			stream = stream.raw(4, 1, chunk, 0)
		}
		if c.extra > 0 {
			stream = stream.raw(4, 1, "x", 0)
		}
		if _, err := a.take(stream); !errors.Is(err, c.want) {
			t.Errorf("%d bytes more than allowed: %v, want %v", c.extra, err, c.want)
		}
		if len(a.params) != maxParamsBytes {
			t.Errorf("%d bytes of params are kept, want %d", len(a.params), maxParamsBytes)
		}
	}
}

func TestAnAssemblyKeepsLittleMemoryForItsNextRequest(t *testing.T) {
	a := newAssembly(t)
	stream := records{}.begin(1, 1)
	for range 30 {
		stream = stream.raw(4, 1, strings.Repeat("p", 32<<10), 0)
	}
	stream = stream.end(4, 1).stdin(1, strings.Repeat("b", 900<<10))
	if _, err := a.take(stream); err != nil || a.stage != stageDone {
		t.Fatalf("stage %d, %v", a.stage, err)
	}
	a.reset()
	if kept := cap(a.params) + cap(a.body.mem) + cap(a.reply); kept > 128<<10 {
		t.Errorf("%d kB are kept for the next request", kept>>10)
	}
}

func FuzzAssembly(f *testing.F) {
	f.Add([]byte(hard), uint16(3), uint16(70))
	f.Add([]byte(records{}.get(1, 1, "/x.php").get(1, 1, "/y.php")), uint16(8), uint16(16))
	f.Add([]byte(records{}.begin(1, 0).raw(2, 1, "", 0)), uint16(1), uint16(2))
	f.Add([]byte("GET / HTTP/1.0\r\n\r\n"), uint16(4), uint16(9))
	f.Fuzz(func(t *testing.T, b []byte, x, y uint16) {
		i := min(int(x), len(b))
		j := max(i, min(int(y), len(b)))
		uncut, cut := newAssembly(t), newAssembly(t)
		for len(b) > 0 { // one request after the other
			want, got := assemble(t, uncut, b), assemble(t, cut, b, min(i, len(b)), min(j, len(b)))
			if got != want {
				t.Fatalf("cut at %d and %d:\n got %+v\nwant %+v", i, j, got, want)
			}
			if want.stage != stageDone || want.err != "" {
				return
			}
			if !strings.HasSuffix(string(b), want.rest) || len(want.rest) >= len(b) {
				t.Fatalf("%q is left of %q", want.rest, b)
			}
			b = []byte(want.rest)
			uncut.reset()
			cut.reset()
		}
	})
}
