package client

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func start(t *testing.T) (socket string) {
	t.Helper()
	socket = filepath.Join(t.TempDir(), "sock")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	s := Serve(Options{Listener: l, UID: os.Getuid(), Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Calls: map[string]Call{
		"echo": func(args json.RawMessage) (json.RawMessage, error) { return args, nil },
		"fail": func(json.RawMessage) (json.RawMessage, error) { return nil, errors.New("the loop is stuck") },
	}})
	t.Cleanup(s.Close)
	return socket
}

func dial(t *testing.T, socket string) net.Conn {
	t.Helper()
	c, err := net.Dial("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func TestQuestionsAreAnsweredOneAfterTheOther(t *testing.T) {
	c := dial(t, start(t))
	answers := bufio.NewReader(c)
	for _, test := range []struct{ question, want string }{
		{`{"v":1,"call":"echo","args":{"a":[1,2.0]}}`, `{"v":1,"result":{"a":[1,2.0]}}`},
		{`{"v":1,"call":"fail"}`, `{"v":1,"error":"the loop is stuck"}`},
		{`{"v":1,"call":"gone"}`, `{"v":1,"error":"there is no call gone"}`},
		{`{"v":2,"call":"echo"}`, `{"v":1,"error":"version 2 of the protocol is not known here, 1 is"}`},
		{`{"v":1,"call":"echo","args":7}`, `{"v":1,"result":7}`},
	} {
		if _, err := io.WriteString(c, test.question+"\n"); err != nil {
			t.Fatal(err)
		}
		if got, err := answers.ReadString('\n'); err != nil || strings.TrimSpace(got) != test.want {
			t.Errorf("%s: %q, %v, want %s", test.question, got, err, test.want)
		}
	}
	if _, err := io.WriteString(c, "nonsense\n"); err != nil {
		t.Fatal(err)
	}
	if got, _ := answers.ReadString('\n'); !strings.Contains(got, "not a question in JSON") {
		t.Errorf("nonsense is answered %q", got)
	}
}

func TestAQuestionThatIsTooLongIsRefusedAndClosed(t *testing.T) {
	c := dial(t, start(t))
	go io.WriteString(c, strings.Repeat("x", MaxQuestion+1)) // it may be cut off in the middle
	got, _ := io.ReadAll(c)
	if !strings.Contains(string(got), "at most") {
		t.Errorf("answered %q", got)
	}
}

func TestCloseEndsClientsThatSayNothing(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "sock")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	s := Serve(Options{Listener: l, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	c := dial(t, socket)
	s.Close()
	s.Close()
	if _, err := c.Read(make([]byte, 1)); err == nil {
		t.Error("the connection is still open")
	}
}

// scarce is a listener whose first Accept fails, as when no descriptor is left.
type scarce struct {
	net.Listener
	failed bool
}

func (l *scarce) Accept() (net.Conn, error) {
	if !l.failed {
		l.failed = true
		return nil, syscall.EMFILE
	}
	return l.Listener.Accept()
}

func TestAcceptingGoesOnAfterAnError(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "sock")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	s := Serve(Options{Listener: &scarce{Listener: l}, UID: os.Getuid(), Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	defer s.Close()
	c := dial(t, socket)
	if _, err := io.WriteString(c, `{"v":1,"call":"gone"}`+"\n"); err != nil {
		t.Fatal(err)
	}
	if got, err := bufio.NewReader(c).ReadString('\n'); err != nil || !strings.Contains(got, "there is no call gone") {
		t.Errorf("answered %q, %v", got, err)
	}
}
