package phpstack

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestMain fails when the tests leave a goroutine behind.
func TestMain(m *testing.M) {
	goroutines := runtime.NumGoroutine()
	code := m.Run()
	if code == 0 && !eventually(func() bool { return runtime.NumGoroutine() <= goroutines+1 }) { // os/signal keeps one
		fmt.Fprintln(os.Stderr, "goroutines left")
		code = 1
	}
	os.Exit(code)
}

// eventually looks for up to 10 s whether a condition that nobody reports has come true.
func eventually(ok func() bool) bool {
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		if ok() {
			return true
		}
		if time.Now().After(deadline) {
			return false
		}
	}
}

// run starts php-cgi with a script of testdata, and ends it with the test.
func run(t *testing.T, script string) *exec.Cmd {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("testdata", script))
	if err != nil {
		t.Fatal(err)
	}
	return start(t, exec.Command("php-cgi", "-q", path))
}

func start(t *testing.T, c *exec.Cmd) *exec.Cmd {
	t.Helper()
	var said bytes.Buffer
	c.Stdout, c.Stderr = &said, &said
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Process.Kill()
		c.Wait()
		if t.Failed() {
			t.Logf("it said %q", said.String())
		}
	})
	return c
}

// stackOf waits until the innermost frame of a script is the function top.
func stackOf(t *testing.T, pid int, top string) (*Image, Trace) {
	t.Helper()
	var im *Image
	var stack Trace
	var err error
	if !eventually(func() bool {
		if im == nil {
			if im, err = Open(pid); err != nil { // not exec'd yet
				return false
			}
		}
		stack, err = im.Read(pid, 50)
		return err == nil && len(stack) > 0 && stack[0].Function == top
	}) {
		t.Fatalf("no stack with %s on top: %v\n%s", top, err, stack)
	}
	return im, stack
}

// relative takes the directory of the scripts out of a text.
func relative(t *testing.T, text string) string {
	t.Helper()
	dir, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(text, dir+"/", "")
}

// garbage is a memory of its own: whatever is read, at any address, comes from data, and some of it can't be read.
type garbage struct{ data []byte }

func (g garbage) read(addresses []uint64, into []byte) error {
	size := len(into) / len(addresses)
	for i, address := range addresses {
		switch {
		case len(g.data) == 0 || address%31 == 7:
			return errWild
		case address%1021 == 4:
			return errors.New("gone")
		}
		for j := range size {
			into[i*size+j] = g.data[(address+uint64(j))%uint64(len(g.data))]
		}
	}
	return nil
}
