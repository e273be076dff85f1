package fcgi_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"howdah/internal/fcgi"
)

func TestRecordsHaveTheBytesOfTheSpecification(t *testing.T) {
	for _, c := range []struct {
		name string
		got  []byte
		want string
	}{
		{"BEGIN_REQUEST §5.1", fcgi.AppendBeginRequest(nil, 0x0102, fcgi.RoleResponder, fcgi.FlagKeepConn), "\x01\x01\x01\x02\x00\x08\x00\x00\x00\x01\x01\x00\x00\x00\x00\x00"},
		{"END_REQUEST §5.5", fcgi.AppendEndRequest(nil, 1, 0x01020304, fcgi.StatusOverloaded), "\x01\x03\x00\x01\x00\x08\x00\x00\x01\x02\x03\x04\x02\x00\x00\x00"},
		{"UNKNOWN_TYPE §4.2", fcgi.AppendUnknownType(nil, 99), "\x01\x0b\x00\x00\x00\x08\x00\x00\x63\x00\x00\x00\x00\x00\x00\x00"},
		{"GET_VALUES §4.1", fcgi.AppendGetValues(nil, fcgi.MaxConns), "\x01\x09\x00\x00\x00\x10\x00\x00\x0e\x00FCGI_MAX_CONNS"},
		{"STDIN §5.3", fcgi.AppendStream(nil, fcgi.TypeStdin, 1, []byte("hi")), "\x01\x05\x00\x01\x00\x02\x00\x00hi"},
		{"end of a stream §3.3", fcgi.AppendHeader(nil, fcgi.TypeStdin, 1, 0, 0), "\x01\x05\x00\x01\x00\x00\x00\x00"},
		{"short pair §3.4", fcgi.AppendPair(nil, "A", "bc"), "\x01\x02Abc"},
	} {
		if string(c.got) != c.want {
			t.Errorf("%s:\n got %q\nwant %q", c.name, c.got, c.want)
		}
	}
}

func TestLengthsFrom128TakeFourBytes(t *testing.T) {
	for _, n := range []int{0, 1, 127, 128, 255, 256, 65535, 70000} {
		value := strings.Repeat("v", n)
		wire := fcgi.AppendPair(nil, "NAME", value)
		if len(wire) != fcgi.PairSize(4, n) {
			t.Errorf("PairSize(4, %d) = %d, the wire has %d", n, fcgi.PairSize(4, n), len(wire))
		}
		name, got, rest, err := fcgi.NextPair(append(wire, "next"...))
		if err != nil || string(name) != "NAME" || string(got) != value || string(rest) != "next" {
			t.Errorf("pair of %d bytes came back as %q, %d bytes, rest %q, %v", n, name, len(got), rest, err)
		}
	}
}

func TestACutPairIsAnErrorAtEveryByte(t *testing.T) {
	wire := fcgi.AppendPair(nil, "A_NAME", strings.Repeat("v", 300))
	for n := range wire {
		if _, _, _, err := fcgi.NextPair(wire[:n]); !errors.Is(err, fcgi.ErrTruncatedPair) {
			t.Fatalf("cut after %d of %d bytes: error %v", n, len(wire), err)
		}
	}
}

func TestNoPairIsSplitOverTwoParamsRecords(t *testing.T) {
	w := fcgi.NewParamsWriter(nil, 7)
	value := bytes.Repeat([]byte("x"), 1000)
	for range 200 {
		w.Add([]byte("NAME"), value)
	}
	wire, err := w.End()
	if err != nil {
		t.Fatal(err)
	}
	r := fcgi.NewReader(bytes.NewReader(wire))
	pairs, records := 0, 0
	for {
		h, content, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		if h.Type != fcgi.TypeParams || h.RequestID != 7 {
			t.Fatalf("record %+v", h)
		}
		if h.ContentLength == 0 {
			break
		}
		records++
		for len(content) > 0 {
			if _, _, content, err = fcgi.NextPair(content); err != nil {
				t.Fatalf("record %d: %v", records, err)
			}
			pairs++
		}
	}
	if pairs != 200 || records < 4 {
		t.Errorf("%d pairs in %d records, want 200 in at least 4", pairs, records)
	}
	if _, _, err := r.Next(); err != io.EOF {
		t.Errorf("after the empty record: %v, want io.EOF", err)
	}
}

func TestAPairThatFitsNoRecordIsAnErrorWithItsName(t *testing.T) {
	w := fcgi.NewParamsWriter(nil, 1)
	w.Add([]byte("HTTP_COOKIE"), make([]byte, fcgi.MaxContent))
	if _, err := w.End(); !errors.Is(err, fcgi.ErrPairTooLong) || !strings.Contains(err.Error(), "HTTP_COOKIE") {
		t.Errorf("error %v", err)
	}
}

func TestNoParamsAreOneEmptyRecord(t *testing.T) {
	w := fcgi.NewParamsWriter(nil, 1)
	wire, err := w.End()
	if err != nil || string(wire) != "\x01\x04\x00\x01\x00\x00\x00\x00" {
		t.Errorf("%q, %v", wire, err)
	}
}

func TestTheReaderTellsACleanEndFromACutRecord(t *testing.T) {
	wire := fcgi.AppendHeader(nil, fcgi.TypeStdout, 1, 3, 5)
	wire = append(wire, "abc\x00\x00\x00\x00\x00"...)
	for n := range wire {
		_, _, err := fcgi.NewReader(bytes.NewReader(wire[:n])).Next()
		want := io.ErrUnexpectedEOF
		if n == 0 {
			want = io.EOF
		}
		if err != want {
			t.Errorf("cut after %d bytes: %v, want %v", n, err, want)
		}
	}
	_, content, err := fcgi.NewReader(bytes.NewReader(wire)).Next()
	if err != nil || string(content) != "abc" {
		t.Errorf("whole record: %q, %v", content, err)
	}
}

func TestAnotherVersionIsAnError(t *testing.T) {
	_, err := fcgi.ParseHeader([]byte("GET / HT"))
	var version fcgi.VersionError
	if !errors.As(err, &version) || version != 'G' {
		t.Errorf("error %v", err)
	}
}

func TestShortBodiesAreErrors(t *testing.T) {
	if _, err := fcgi.ParseBeginRequest(make([]byte, 7)); err != fcgi.ErrShortBody {
		t.Error(err)
	}
	if _, err := fcgi.ParseEndRequest(make([]byte, 7)); err != fcgi.ErrShortBody {
		t.Error(err)
	}
}

func FuzzNextPair(f *testing.F) {
	f.Add(fcgi.AppendPair(nil, "NAME", "value"))
	f.Add(fcgi.AppendPair(nil, strings.Repeat("n", 200), strings.Repeat("v", 300)))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, b []byte) {
		var names, values [][]byte
		for rest := b; len(rest) > 0; {
			name, value, r, err := fcgi.NextPair(rest)
			if err != nil {
				break
			}
			if len(r) >= len(rest) {
				t.Fatal("no progress")
			}
			names, values, rest = append(names, name), append(values, value), r
		}
		var wire []byte
		for i := range names {
			wire = fcgi.AppendPair(wire, names[i], values[i])
		}
		for i := range names {
			name, value, rest, err := fcgi.NextPair(wire)
			if err != nil || !bytes.Equal(name, names[i]) || !bytes.Equal(value, values[i]) {
				t.Fatalf("pair %d does not survive a round trip: %v", i, err)
			}
			wire = rest
		}
	})
}

func FuzzReader(f *testing.F) {
	f.Add(fcgi.AppendStream(fcgi.AppendBeginRequest(nil, 1, 1, 0), fcgi.TypeStdin, 1, []byte("body")))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := fcgi.NewReader(bytes.NewReader(b))
		total := 0
		for {
			h, content, err := r.Next()
			if err != nil {
				return
			}
			if len(content) != h.ContentLength {
				t.Fatalf("content %d, header says %d", len(content), h.ContentLength)
			}
			if total += h.Len(); total > len(b) {
				t.Fatalf("read %d bytes of %d", total, len(b))
			}
		}
	})
}
