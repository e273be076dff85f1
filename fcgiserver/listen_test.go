package fcgiserver

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// listenLeaks fails the test if it leaves more descriptors open than it found.
func listenLeaks(t *testing.T) {
	t.Helper()
	if r, w, err := os.Pipe(); err == nil { // the runtime's own poller is there from the first pipe on
		r.Close()
		w.Close()
	}
	before, _ := os.ReadDir("/proc/self/fd")
	t.Cleanup(func() {
		if after, _ := os.ReadDir("/proc/self/fd"); len(after) > len(before) {
			t.Errorf("%d descriptors before the test, %d after it", len(before), len(after))
		}
	})
}

func mustListen(t *testing.T, spec ListenSpec) *Listener {
	t.Helper()
	l, err := Listen(spec)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

// wantRefused checks that Listen fails and that its message has each of the words.
func wantRefused(t *testing.T, spec ListenSpec, words ...string) {
	t.Helper()
	l, err := Listen(spec)
	if err == nil {
		l.Close()
		t.Fatalf("listens on %s", spec.Address)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("the error is %q, without %q", err, w)
		}
	}
}

// connects tells whether a client gets in, and is accepted.
func connects(l *Listener) error {
	c, err := net.Dial(l.Network(), l.Address())
	if err != nil {
		return err
	}
	defer c.Close()
	fd, _, err := unix.Accept4(l.FD(), unix.SOCK_CLOEXEC)
	if err != nil {
		return err
	}
	return unix.Close(fd)
}

// asNobody runs the test in a process of its own as an ordinary user and tells whether this is that process.
func asNobody(t *testing.T) bool {
	t.Helper()
	if os.Geteuid() != 0 {
		return true
	}
	cmd := exec.Command("/proc/self/exe", "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Dir = "/"
	cmd.Env = append(os.Environ(), "TMPDIR=/tmp", "HOME=/")
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Errorf("as nobody: %v\n%s", err, out)
	}
	return false
}

func needRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
}

func TestSocketIsNonblockingAndClosedOnExec(t *testing.T) {
	listenLeaks(t)
	for _, address := range []string{"127.0.0.1:0", filepath.Join(t.TempDir(), "s")} {
		l := mustListen(t, ListenSpec{Address: address})
		if flags, err := unix.FcntlInt(uintptr(l.FD()), unix.F_GETFL, 0); err != nil || flags&unix.O_NONBLOCK == 0 {
			t.Errorf("%s: file flags %#x, %v", address, flags, err)
		}
		if flags, err := unix.FcntlInt(uintptr(l.FD()), unix.F_GETFD, 0); err != nil || flags&unix.FD_CLOEXEC == 0 {
			t.Errorf("%s: descriptor flags %#x, %v", address, flags, err)
		}
		if err := connects(l); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestPortAloneListensOnIPv4AndIPv6(t *testing.T) {
	listenLeaks(t)
	l := mustListen(t, ListenSpec{Address: "0"})
	at := netip.MustParseAddrPort(l.Address())
	if l.Network() != "tcp" || !at.Addr().IsUnspecified() || at.Port() == 0 {
		t.Fatalf("listens on %s %s", l.Network(), l.Address())
	}
	hosts := []string{"127.0.0.1"}
	if at.Addr().Is6() {
		hosts = append(hosts, "::1")
	}
	for _, host := range hosts {
		c, err := net.Dial("tcp", net.JoinHostPort(host, strconv.Itoa(int(at.Port()))))
		if err != nil {
			t.Error(err)
			continue
		}
		c.Close()
	}
}

func TestNameInAnAddressIsLookedUp(t *testing.T) {
	listenLeaks(t)
	l := mustListen(t, ListenSpec{Address: "localhost:0"})
	if !netip.MustParseAddrPort(l.Address()).Addr().IsLoopback() {
		t.Errorf("localhost became %s", l.Address())
	}
}

func TestTCPAddressOfAnotherIsErrInUse(t *testing.T) {
	listenLeaks(t)
	l := mustListen(t, ListenSpec{Address: "127.0.0.1:0"})
	_, err := Listen(ListenSpec{Address: l.Address()})
	if !errors.Is(err, ErrInUse) {
		t.Errorf("the error is %v", err)
	}
}

func TestAddressThatThisMachineLacksIsRefused(t *testing.T) {
	listenLeaks(t)
	wantRefused(t, ListenSpec{Address: "192.0.2.1:0"}, "cannot listen on 192.0.2.1:0", "no network interface")
	wantRefused(t, ListenSpec{Address: "[fe80::1%none]:0"}, `no network interface "none"`)
}

func TestAcceptedTCPConnectionsDoNotWaitForFullSegments(t *testing.T) {
	listenLeaks(t)
	l := mustListen(t, ListenSpec{Address: "127.0.0.1:0"})
	c, err := net.Dial("tcp", l.Address())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fd, _, err := unix.Accept4(l.FD(), unix.SOCK_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if on, err := unix.GetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY); err != nil || on == 0 {
		t.Errorf("TCP_NODELAY is %d, %v", on, err)
	}
}

func TestBacklogIsAsAskedAndChangesWithoutClosing(t *testing.T) {
	listenLeaks(t)
	spec := ListenSpec{Address: "127.0.0.1:0", Backlog: 7}
	l := mustListen(t, spec)
	length := func() uint32 {
		info, err := unix.GetsockoptTCPInfo(l.FD(), unix.IPPROTO_TCP, unix.TCP_INFO)
		if err != nil {
			t.Fatal(err)
		}
		return info.Sacked // of a listening socket: its backlog
	}
	if n := length(); n != 7 {
		t.Errorf("the backlog is %d, not 7", n)
	}
	spec.Backlog = 9
	if err := l.Apply(spec); err != nil {
		t.Fatal(err)
	}
	if n := length(); n != 9 {
		t.Errorf("the backlog is %d, not 9", n)
	}
	spec.Backlog = -1
	if err := l.Apply(spec); err != nil {
		t.Fatal(err)
	}
	if n := length(); n < 128 {
		t.Errorf("the backlog is %d, not the kernel's limit", n)
	}
	if err := connects(l); err != nil {
		t.Error(err)
	}
}

func TestAllowedClients(t *testing.T) {
	prefixes := func(list ...string) (p []netip.Prefix) {
		for _, s := range list {
			p = append(p, netip.MustParsePrefix(s))
		}
		return p
	}
	for _, c := range []struct {
		list []netip.Prefix
		peer string
		want bool
	}{
		{nil, "203.0.113.9", true},
		{prefixes("127.0.0.1/32"), "127.0.0.1", true},
		{prefixes("127.0.0.1/32"), "127.0.0.2", false},
		{prefixes("127.0.0.1/32"), "::ffff:127.0.0.1", true},
		{prefixes("127.0.0.1/32"), "::1", false},
		{prefixes("::ffff:127.0.0.1/128"), "127.0.0.1", true},
		{prefixes("::ffff:10.0.0.0/104"), "10.9.9.9", true},
		{prefixes("10.0.0.0/8", "fd00::/8"), "fd00::1", true},
		{prefixes("10.0.0.0/8", "fd00::/8"), "11.0.0.1", false},
		{prefixes("fe80::/10"), "fe80::1%eth0", true},
		{prefixes("::1/128"), "::1", true},
	} {
		if got := clientAllowed(c.list, netip.MustParseAddr(c.peer)); got != c.want {
			t.Errorf("%v lets %s in: %v", c.list, c.peer, got)
		}
	}
}

func TestAllowedClientsChangeWithTheSpecAndDoNotConcernUnixSockets(t *testing.T) {
	listenLeaks(t)
	peer := netip.MustParseAddr("10.0.0.1")
	only := []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
	spec := ListenSpec{Address: "127.0.0.1:0"}
	l := mustListen(t, spec)
	if !l.Allowed(peer) {
		t.Error("an empty list keeps 10.0.0.1 out")
	}
	spec.AllowedClients = only
	if err := l.Apply(spec); err != nil {
		t.Fatal(err)
	}
	if l.Allowed(peer) {
		t.Error("10.0.0.1 is let in although only 127.0.0.1 may")
	}
	u := mustListen(t, ListenSpec{Address: filepath.Join(t.TempDir(), "s"), AllowedClients: only})
	if !u.Allowed(netip.Addr{}) {
		t.Error("a client of a Unix socket is kept out by a list of TCP peers")
	}
}

func TestListenerCannotMove(t *testing.T) {
	listenLeaks(t)
	l := mustListen(t, ListenSpec{Address: "127.0.0.1:0"})
	if err := l.Apply(ListenSpec{Address: "127.0.0.1:1"}); err == nil {
		t.Error("another address was accepted")
	}
}

func TestSecondCloseDoesNothing(t *testing.T) {
	listenLeaks(t)
	l := mustListen(t, ListenSpec{Address: "127.0.0.1:0"})
	for range 2 {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestIgnoredOwnerIsNoticed(t *testing.T) {
	spec := ListenSpec{Owner: "www-data", Group: "adm"}
	if got := spec.Notices(); got != nil {
		t.Errorf("notices without an ACL: %q", got)
	}
	spec.ACLUsers = []string{"nobody"}
	want := []string{"ACL set, listen_owner = 'www-data' is ignored", "ACL set, listen_group = 'adm' is ignored"}
	if got := spec.Notices(); !slices.Equal(got, want) {
		t.Errorf("notices are %q", got)
	}
}
