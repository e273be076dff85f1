package control

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// served is a Service that notes what it is asked. What it does not have is not asked of it here.
type served struct {
	Service
	pauses []string
}

func (s *served) Status(_ context.Context, pool string) (Status, error) {
	if pool == "gone" {
		return Status{}, NoPool(pool)
	}
	return Status{Version: "1", Pools: []Pool{{Name: pool}}}, nil
}

func (s *served) Pause(_ context.Context, pool, mode string) (Pool, error) {
	s.pauses = append(s.pauses, pool+" "+mode)
	return Pool{Name: pool, Paused: mode}, nil
}

func (s *served) Reload(context.Context) (Reload, error) {
	return Reload{}, errors.New("the disk is full")
}

// start serves s on a socket of its own and returns a client of it.
func start(t *testing.T, s Service) (*Client, string) {
	t.Helper()
	socket := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	server := Serve(Options{Listener: l, GID: os.Getegid(), Service: s, Log: slog.New(slog.DiscardHandler)})
	c := NewClient(socket)
	t.Cleanup(func() { c.Close(); server.Close() })
	return c, socket
}

func TestWhatIsAskedReachesTheServiceAndItsAnswerTheClient(t *testing.T) {
	s := &served{}
	c, _ := start(t, s)
	if st, err := c.Status(t.Context(), "www"); err != nil || st.Version != "1" || st.Pools[0].Name != "www" {
		t.Errorf("status: %+v, %v", st, err)
	}
	for _, mode := range []string{"", "queue", "503"} {
		if _, err := c.Pause(t.Context(), "a.b", mode); err != nil {
			t.Errorf("pause with mode %q: %v", mode, err)
		}
	}
	if _, err := c.Resume(t.Context(), "a.b"); err != nil {
		t.Error(err)
	}
	if got, want := strings.Join(s.pauses, ", "), "a.b queue, a.b queue, a.b 503, a.b "; got != want {
		t.Errorf("the service was asked %q, want %q", got, want)
	}
}

func TestAFailureReachesTheClientWithItsWordAndExitCode(t *testing.T) {
	c, _ := start(t, &served{})
	var failure *Failure
	if _, err := c.Status(t.Context(), "gone"); !errors.As(err, &failure) || failure.Word != WordNoPool || failure.ExitCode != 64 {
		t.Errorf("no such pool: %#v", err)
	}
	if _, err := c.Pause(t.Context(), "www", "slow"); !errors.As(err, &failure) || failure.Word != WordBadRequest {
		t.Errorf("no such mode: %#v", err)
	}
	if _, err := c.Reload(t.Context()); !errors.As(err, &failure) || failure.Text != "the disk is full" || failure.ExitCode != 70 {
		t.Errorf("another error: %#v", err)
	}
}

func TestWhoeverAsksForWhatIsNotThereIsToldSoInJSON(t *testing.T) {
	c, _ := start(t, &served{})
	for _, ask := range []struct{ method, path, body, word string }{
		{"GET", "/v2/status", "", WordNoRoute},
		{"DELETE", "/v1/status", "", WordNoRoute},
		{"POST", "/v1/stop", `{"nwo": true}`, WordBadRequest},
		{"POST", "/v1/stop", `{"now": 1}`, WordBadRequest},
		{"POST", "/v1/recycle", strings.Repeat(" ", maxBody+1) + "{}", WordBadRequest},
		{"GET", "/v1/debug/pprof/disk", "", WordBadRequest},
	} {
		req, err := http.NewRequestWithContext(t.Context(), ask.method, "http://howdah"+ask.path, strings.NewReader(ask.body))
		if err != nil {
			t.Fatal(err)
		}
		r, err := c.http.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		var failure Failure
		if err := json.NewDecoder(r.Body).Decode(&failure); err != nil || failure.Word != ask.word || r.StatusCode < 400 {
			t.Errorf("%s %s: %d %+v (%v), want %s", ask.method, ask.path, r.StatusCode, failure, err, ask.word)
		}
		r.Body.Close()
	}
}

func TestAClientSaysWhyNobodyAnswers(t *testing.T) {
	dir := t.TempDir()
	dead := filepath.Join(dir, "dead")
	l, err := net.Listen("unix", dead)
	if err != nil {
		t.Fatal(err)
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	l.Close()
	for socket, why := range map[string]string{filepath.Join(dir, "none"): "it is not running", dead: "it ended without removing its socket"} {
		_, err := NewClient(socket).Status(t.Context(), "")
		var unreachable *UnreachableError
		if !errors.As(err, &unreachable) || !strings.Contains(err.Error(), why) || !strings.Contains(err.Error(), socket) {
			t.Errorf("%s: %v, want %q", socket, err, why)
		}
	}
	if text := (&UnreachableError{Socket: "/s", Err: fs.ErrPermission}).Error(); !strings.Contains(text, "control_group") {
		t.Errorf("no permission: %s", text)
	}
}

func TestWhoMayCommand(t *testing.T) {
	for _, c := range []struct {
		peer Peer
		want bool
	}{
		{Peer{UID: 0, GID: 5}, true},
		{Peer{UID: 33, GID: 5}, true},
		{Peer{UID: 1000, GID: 4}, true},
		{Peer{UID: 1000, GID: 1000, Groups: []int{27, 4}}, true},
		{Peer{UID: 1000, GID: 1000, Groups: []int{27}}, false},
		{Peer{UID: 1000, GID: 33}, false},
	} {
		if got := c.peer.allowed(33, 4); got != c.want {
			t.Errorf("%+v may command user 33's howdah, group 4: %v", c.peer, got)
		}
	}
}

func TestTheKernelSaysWhoIsAtTheOtherEnd(t *testing.T) {
	l, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	client, err := net.Dial("unix", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	c, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	groups, err := os.Getgroups()
	if err != nil {
		t.Fatal(err)
	}
	p, err := peerOf(c.(*net.UnixConn))
	if err != nil || p.PID != os.Getpid() || p.UID != os.Getuid() || p.GID != os.Getgid() || len(p.Groups) != len(groups) {
		t.Errorf("peer %+v, %v; we are pid %d, uid %d, gid %d, groups %v", p, err, os.Getpid(), os.Getuid(), os.Getgid(), groups)
	}
}
