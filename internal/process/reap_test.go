package process

import (
	"os/exec"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestADaemonThatAChildLeftIsAdoptedAndReaped(t *testing.T) {
	strays := make(chan Stray, 1)
	s := newSpawner(t, func(st Stray) { strays <- st })
	// The daemon has a session of its own, outlives its parent, and ends when the test lets go of its stdin.
	p, wait, release := shell(t, s, `exec 3<&0; setsid sh -c 'echo $$; read x <&3; exit 5' & exit 0`)
	daemon := number(t, wait())
	p.Cause()
	release()
	select {
	case got := <-strays:
		if got.PID != daemon || got.Cause.Code != 5 || got.Name != "sh" {
			t.Errorf("got %+v, want pid %d and code 5", got, daemon)
		}
	case <-time.After(5 * time.Second):
		t.Error("it was not reaped")
	}
}

func TestAChildThatSomebodyElseReapedIsNotWaitedForForEver(t *testing.T) {
	a := newSpawner(t, nil)
	newSpawner(t, nil) // takes a's children for strays
	for range 20 {
		p, _, _ := shell(t, a, "exit 3")
		select {
		case <-p.Done():
		case <-time.After(5 * time.Second):
			t.Fatal("it is")
		}
		if got := p.Cause(); got.Known && got.Code != 3 {
			t.Errorf("it %v", got)
		}
	}
}

func TestTheChildrenOfOsExecAreLeftToIt(t *testing.T) {
	s := newSpawner(t, func(st Stray) { t.Errorf("reaped %+v", st) })
	for range 50 {
		p, _, _ := shell(t, s, "exit 0") // each of these makes the Spawner look for zombies
		if err := exec.Command("/bin/true").Run(); err != nil {
			t.Fatal(err)
		}
		p.Cause()
	}
}

func TestExitInfoKnowsHowAStrangersChildEnded(t *testing.T) {
	s := newSpawner(t, nil)
	for name, script := range map[string]string{
		"reaped at once": `exec 3<&0; sh -c 'echo $$; read x <&3; exit 7' & wait; exec sleep 1000`,
		"a zombie":       `exec 3<&0; sh -c 'echo $$; read x <&3; exit 7' & exec sleep 1000`,
	} {
		t.Run(name, func(t *testing.T) {
			_, wait, release := shell(t, s, script)
			pidfd, err := OpenPidfd(number(t, wait()))
			if err != nil {
				t.Fatal(err)
			}
			defer unix.Close(pidfd)
			if got := ExitInfo(pidfd); got.Known {
				t.Errorf("while it lives: %v", got)
			}
			release()
			if !eventually(func() bool { return Exited(pidfd) }) {
				t.Fatal("it does not end")
			}
			if got := ExitInfo(pidfd); got != (ExitCause{Code: 7, Known: true}) {
				t.Errorf("got %+v", got)
			}
		})
	}
}
