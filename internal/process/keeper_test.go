package process

import (
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// startSleeper starts a process that ends by itself only after a minute.
func startSleeper(t *testing.T, s *Spawner) *Process {
	t.Helper()
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	p, err := s.Start(Spec{Path: "/bin/sleep", Args: []string{"sleep", "60"}, Dir: "/", Files: []*os.File{null, null, null}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.KillGroup(); <-p.Done(); p.Close() })
	return p
}

func TestAStoppedProcessGoesOnWhenTheKeeperLosesHowdah(t *testing.T) {
	s, err := NewSpawner(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	k := NewKeeper(s)
	held, released := startSleeper(t, s), startSleeper(t, s)
	for _, p := range []*Process{held, released} {
		if err := k.Hold(p.PID); err != nil {
			t.Fatal(err)
		}
		if err := p.Signal(unix.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		if err := unix.Waitid(unix.P_PID, p.PID, nil, unix.WSTOPPED|unix.WNOWAIT, nil); err != nil {
			t.Fatal(err)
		}
		if err := p.Signal(unix.SIGTERM); err != nil { // as the death of its parent would
			t.Fatal(err)
		}
	}
	if err := k.Release(released.PID); err != nil {
		t.Fatal(err)
	}
	k.Close() // what the shell sees is the same as when howdah is killed: the end of its input
	k.Close()
	<-held.Done()
	if c := held.Cause(); c.Signal != int(unix.SIGTERM) {
		t.Errorf("the held process %v, want it to go on and meet its SIGTERM", c)
	}
	if Exited(released.Pidfd) {
		t.Error("a process that was released before was let go on too")
	}
}
