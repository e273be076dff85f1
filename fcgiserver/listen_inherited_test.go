package fcgiserver

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// underSystemd runs the test again in a child that finds files at descriptor 3 and up, as systemd leaves them, and tells
// whether this is the child.
func underSystemd(t *testing.T, env []string, files ...interface{ File() (*os.File, error) }) bool {
	t.Helper()
	if os.Getenv("HOWDAH_TEST_LISTEN_FDS") != "" {
		os.Setenv("LISTEN_FDS", os.Getenv("HOWDAH_TEST_LISTEN_FDS"))
		os.Setenv("LISTEN_PID", strconv.Itoa(os.Getpid())) // systemd's child knows its pid before exec, ours does not
		return true
	}
	cmd := exec.Command("/proc/self/exe", "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), "HOWDAH_TEST_LISTEN_FDS="+strconv.Itoa(len(files)))
	cmd.Env = append(cmd.Env, env...)
	for _, l := range files {
		f, err := l.File()
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		cmd.ExtraFiles = append(cmd.ExtraFiles, f)
	}
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Errorf("the child: %v\n%s", err, out)
	}
	return false
}

func TestSocketsOfSystemdAreTakenByTheirAddress(t *testing.T) {
	var unixSocket *net.UnixListener
	var tcpSocket, spare *net.TCPListener
	if os.Getenv("HOWDAH_TEST_LISTEN_FDS") == "" {
		var err error
		unixSocket, err = net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(t.TempDir(), "s"), Net: "unix"})
		if err != nil {
			t.Fatal(err)
		}
		defer unixSocket.Close()
		for _, l := range []**net.TCPListener{&tcpSocket, &spare} {
			if *l, err = net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}); err != nil {
				t.Fatal(err)
			}
			defer (*l).Close()
		}
		if err := os.Chmod(unixSocket.Addr().String(), 0o604); err != nil {
			t.Fatal(err)
		}
		env := []string{"UNIX=" + unixSocket.Addr().String(), "TCP=" + tcpSocket.Addr().String(), "SPARE=" + spare.Addr().String()}
		underSystemd(t, env, unixSocket, tcpSocket, spare)
		return
	}
	underSystemd(t, nil)
	path, tcp, spareAddress := os.Getenv("UNIX"), os.Getenv("TCP"), os.Getenv("SPARE")

	s, err := Inherited()
	if err != nil || s == nil {
		t.Fatalf("no sockets: %v", err)
	}
	listenLeaks(t)
	for _, v := range []string{"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"} {
		if _, there := os.LookupEnv(v); there {
			t.Errorf("%s is still set", v)
		}
	}
	port := tcp[strings.LastIndexByte(tcp, ':')+1:]
	if l, err := s.Listen(ListenSpec{Address: port}); err == nil {
		t.Errorf("port %s on all addresses was taken for %s", port, l.Address())
	}
	for _, address := range []string{filepath.Dir(path) + "/./s", "localhost:" + port} {
		l, err := s.Listen(ListenSpec{Address: address, Mode: 0o666, Owner: "no-such-user"}) // systemd's affair
		if err != nil {
			t.Fatal(err)
		}
		if !l.Inherited() || (l.Address() != path && l.Address() != tcp) {
			t.Errorf("%s is %s %s", address, l.Network(), l.Address())
		}
		if flags, _ := unix.FcntlInt(uintptr(l.FD()), unix.F_GETFL, 0); flags&unix.O_NONBLOCK == 0 {
			t.Errorf("%s blocks", address)
		}
		if flags, _ := unix.FcntlInt(uintptr(l.FD()), unix.F_GETFD, 0); flags&unix.FD_CLOEXEC == 0 {
			t.Errorf("%s stays open on exec", address)
		}
		if err := l.Apply(ListenSpec{Address: address, Mode: 0o600, Backlog: 3}); err != nil {
			t.Error(err)
		}
		if err := connects(l); err != nil {
			t.Error(err)
		}
		if _, err := s.Listen(ListenSpec{Address: address}); err == nil {
			t.Errorf("%s was taken twice", address)
		}
		want(t, fmt.Sprint(slices.Contains(s.Unclaimed(), l.Address())), "false")
		for range 2 {
			if err := l.Close(); err != nil {
				t.Error(err)
			}
		}
		want(t, fmt.Sprint(slices.Contains(s.Unclaimed(), l.Address())), "true") // and may be asked for again
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o604 {
		t.Errorf("systemd's file was touched: %v, %v", info, err)
	}
	if !slices.Contains(s.Unclaimed(), spareAddress) {
		t.Errorf("%s is not among the unclaimed %q", spareAddress, s.Unclaimed())
	}
	own, err := s.Listen(ListenSpec{Address: "127.0.0.1:0"})
	if err != nil || own.Inherited() {
		t.Fatalf("%v", err)
	}
	own.Close()
	s.Close()
	if len(s.Unclaimed()) != 0 {
		t.Errorf("unclaimed after Close: %q", s.Unclaimed())
	}
}

func TestSocketThatDoesNotListenIsRefused(t *testing.T) {
	if os.Getenv("HOWDAH_TEST_LISTEN_FDS") == "" {
		datagrams, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			t.Fatal(err)
		}
		defer datagrams.Close()
		underSystemd(t, []string{"LISTEN_FDNAMES=mine"}, datagrams)
		return
	}
	underSystemd(t, nil)
	s, err := Inherited()
	if err == nil || !strings.Contains(err.Error(), `"mine" that systemd passed`) || !strings.Contains(err.Error(), "Accept=no") {
		t.Errorf("%v, %v", s, err)
	}
}

func TestWithoutSystemdThereAreNoSocketsAndListenIsListen(t *testing.T) {
	listenLeaks(t)
	t.Setenv("LISTEN_PID", "1")
	t.Setenv("LISTEN_FDS", "1")
	s, err := Inherited()
	if s != nil || err != nil {
		t.Fatalf("%v, %v", s, err)
	}
	l, err := s.Listen(ListenSpec{Address: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	if s.Unclaimed() != nil {
		t.Error("nil has unclaimed sockets")
	}
	s.Close()
}
