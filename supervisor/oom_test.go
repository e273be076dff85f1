package supervisor

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"testing"
)

func TestRootLowersItsOOMScoreOnceAndWorkersGetTheOldOneBack(t *testing.T) {
	leaks(t)
	needRoot(t)
	if !alone(t) {
		return
	}
	if err := SetOOMScore(os.Getpid(), 7); err != nil {
		t.Fatal(err)
	}
	before, err := LowerOOMScore()
	want := oomScore
	if errors.Is(err, fs.ErrPermission) { // root without CAP_SYS_RESOURCE, as in containers
		want = 7
	} else if err != nil {
		t.Fatal(err)
	}
	if now, err := readOOMScore(os.Getpid()); before != 7 || now != want || err != nil {
		t.Errorf("%d before, %d after, %v", before, now, err)
	}
	if again, _ := LowerOOMScore(); again != want {
		t.Errorf("a second time it was %d before", again)
	}
	child := exec.Command("cat")
	stdin, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	if err := SetOOMScore(child.Process.Pid, before); err != nil {
		t.Error(err)
	}
	if score, err := readOOMScore(child.Process.Pid); score != 7 || err != nil {
		t.Errorf("the child has %d, %v", score, err)
	}
	stdin.Close()
	if err := child.Wait(); err != nil {
		t.Error(err)
	}
}

func TestOrdinaryUserKeepsItsOOMScore(t *testing.T) {
	leaks(t)
	if !asNobody(t) {
		return
	}
	before, err := LowerOOMScore()
	if now, _ := readOOMScore(os.Getpid()); err != nil || now != before {
		t.Errorf("%d became %d, %v", before, now, err)
	}
}

func TestOOMScoreOfNobodyIsAnError(t *testing.T) {
	if err := SetOOMScore(1<<30, 0); err == nil {
		t.Error("a process that can't be has a score")
	}
}
