package fcgiserver

import (
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

func TestABodyIsInMemoryUpToItsLimitAndThenInAFileWithoutAName(t *testing.T) {
	for _, c := range []struct {
		pieces []string
		file   bool
	}{
		{nil, false},
		{[]string{"1234567890"}, false},
		{[]string{"12345", "67890"}, false},
		{[]string{"12345", "67890", "1"}, true},
		{[]string{"12345678901"}, true},
		{[]string{"1", strings.Repeat("x", 100000), "2"}, true},
	} {
		b := body{memLimit: 10, dir: t.TempDir()}
		for _, p := range c.pieces {
			b.append([]byte(p))
		}
		if got := bodyContent(t, &b); got != strings.Join(c.pieces, "") || b.err != nil {
			t.Errorf("%.20q became %.20q, %v", c.pieces, got, b.err)
		}
		if (b.file != nil) != c.file || b.spilled != c.file || (c.file && len(b.mem) > 0) {
			t.Errorf("%.20q: file %v, spilled %v, %d bytes in memory", c.pieces, b.file, b.spilled, len(b.mem))
		}
		if names, _ := os.ReadDir(b.dir); len(names) != 0 {
			t.Errorf("%.20q left %v", c.pieces, names)
		}
		b.reset()
		if b.file != nil || b.size != 0 || b.spilled || len(b.mem) != 0 {
			t.Errorf("after reset: %+v", b)
		}
	}
}

func TestNoMemoryForBodiesMeansAFileAtOnce(t *testing.T) {
	b := body{dir: t.TempDir()}
	b.append([]byte("x"))
	if got := bodyContent(t, &b); b.file == nil || got != "x" {
		t.Errorf("file %v, content %q", b.file, got)
	}
	b.reset()
}

func TestABodyWithNowhereToGoSaysWhere(t *testing.T) {
	b := body{memLimit: 4, dir: filepath.Join(t.TempDir(), "gone")}
	for _, p := range []string{"123", "456", "789"} {
		b.append([]byte(p))
	}
	if b.err == nil || !strings.Contains(b.err.Error(), "cannot store the request body") || !os.IsNotExist(unwrapped(b.err)) {
		t.Errorf("error %v", b.err)
	}
	if b.size != 0 || len(b.mem) != 0 || b.file != nil {
		t.Errorf("it keeps %d bytes, %d in memory, file %v", b.size, len(b.mem), b.file)
	}
	b.reset()
	if b.err != nil {
		t.Errorf("the next body fails for %v", b.err)
	}
}

// unwrapped is the innermost error.
func unwrapped(err error) error {
	for {
		u, ok := err.(interface{ Unwrap() error })
		if !ok {
			return err
		}
		err = u.Unwrap()
	}
}

// TestABodyThatFillsTheDiskIsAnswered503 has a limit on the size of files play the full disk.
func TestABodyThatFillsTheDiskIsAnswered503(t *testing.T) {
	if !inChild(t) {
		return
	}
	signal.Ignore(syscall.SIGXFSZ)
	if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: 300 << 10, Max: unix.RLIM_INFINITY}); err != nil {
		t.Fatal(err)
	}
	f := startFront(t, nil)
	before := len(descriptors())
	c := f.client()
	for id := uint16(1); id <= 2; id++ {
		c.send(records{}.post(id, 1, f.script(), strings.Repeat("b", 2<<20)))
		a := c.answer()
		want(t, a.stdout, "Status: 503 Service Unavailable\r\nContent-Type: text/plain; charset=UTF-8\r\nCache-Control: no-store\r\nRetry-After: 10\r\n\r\nThe request body cannot be stored.\n")
		if n := len(descriptors()); n != before+2 { // both ends of the connection
			t.Errorf("%d descriptors, %d before", n, before)
		}
	}
	f.wantNoJob()
	f.wantLog("cannot store the request body")
	f.wantLog("file too large")
	c.send(records{}.post(3, 0, f.script(), strings.Repeat("b", 200<<10))) // there is room for this
	j := f.wantJob()
	if j.size != 200<<10 {
		t.Errorf("a body of %d bytes", j.size)
	}
	j.end("stored")
	c.wantAnswer(3, "stored")
	f.wantCounters(Counters{Connections: 1, Requests: 3, Reused: 2, Spilled: 1})
}
