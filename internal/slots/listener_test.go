package slots

import (
	"errors"
	"net"
	"path/filepath"
	"testing"
)

func TestAConnectionBeyondTheBoundWaitsUntilAnotherIsClosed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	inner, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	l := New(inner, 1)
	defer l.Close()
	for range 2 {
		c, err := net.Dial("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	first, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	second := make(chan error, 1)
	go func() {
		c, err := l.Accept()
		if err == nil {
			c.Close()
		}
		second <- err
	}()
	select {
	case <-second:
		t.Error("a second connection was accepted beside the first")
	default:
	}
	first.Close()
	first.Close() // once more makes no more room
	if err := <-second; err != nil {
		t.Error(err)
	}
	if len(l.tokens) != 0 {
		t.Errorf("%d tokens are taken and no connection is open", len(l.tokens))
	}
}

func TestClosingEndsAnAcceptThatWaitsForRoom(t *testing.T) {
	inner, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	l := New(inner, 0) // never room
	done := make(chan error, 1)
	go func() { _, err := l.Accept(); done <- err }()
	l.Close()
	if err := <-done; !errors.Is(err, net.ErrClosed) {
		t.Errorf("got %v, want net.ErrClosed", err)
	}
}
