package fcgiserver

import (
	"errors"
	"testing"

	"golang.org/x/sys/unix"
)

func TestTheQueueIsWhatTheKernelHolds(t *testing.T) {
	for _, address := range []string{t.TempDir() + "/s", "127.0.0.1:0", "[::1]:0"} {
		l, err := Listen(ListenSpec{Address: address, Backlog: 7})
		if errors.Is(err, unix.EADDRNOTAVAIL) || errors.Is(err, unix.EAFNOSUPPORT) {
			continue // a machine without IPv6
		}
		if err != nil {
			t.Fatal(err)
		}
		for want := range 4 {
			waiting, limit, err := l.Queue()
			if err != nil || waiting != want || limit != 7 {
				t.Errorf("%s: %d of %d wait, %v; want %d of 7", address, waiting, limit, err, want)
			}
			fd, err := connectTo(l)
			if err != nil {
				t.Fatal(err)
			}
			defer unix.Close(fd)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
}

// connectTo connects and leaves it at that.
func connectTo(l *Listener) (int, error) {
	sa, err := unix.Getsockname(l.FD())
	if err != nil {
		return -1, err
	}
	family := unix.AF_UNIX
	switch sa.(type) {
	case *unix.SockaddrInet4:
		family = unix.AF_INET
	case *unix.SockaddrInet6:
		family = unix.AF_INET6
	}
	fd, err := unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err == nil {
		err = unix.Connect(fd, sa)
	}
	return fd, err
}

func TestAnAnswerOfTheKernelThatIsCutIsAnErrorAndNoMore(t *testing.T) {
	whole := make([]byte, unix.SizeofNlMsghdr+unixDiagMsgLen+4+8)
	rq := whole[unix.SizeofNlMsghdr+unixDiagMsgLen:]
	rq[0], rq[2], rq[4], rq[8] = 12, unixDiagRQ, 3, 7
	if waiting, limit, err := parseUnixQueue(whole); waiting != 3 || limit != 7 || err != nil {
		t.Errorf("%d, %d, %v", waiting, limit, err)
	}
	for n := range whole {
		if _, _, err := parseUnixQueue(whole[:n]); err == nil {
			t.Errorf("%d bytes of %d are taken for an answer", n, len(whole))
		}
	}
	whole[4] = unix.NLMSG_ERROR
	if _, _, err := parseUnixQueue(whole); err == nil {
		t.Error("an error is taken for an answer")
	}
}
