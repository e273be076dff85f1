package supervisor

import (
	"errors"
	"io/fs"
	"os"
	"testing"
)

func TestRootLowersItsOOMScoreAndNeverRaisesIt(t *testing.T) {
	leaks(t)
	needRoot(t)
	if !alone(t) {
		return
	}
	if err := setOOMScore(os.Getpid(), 7); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		err := LowerOOMScore()
		want := oomScore
		if errors.Is(err, fs.ErrPermission) { // root without CAP_SYS_RESOURCE, as in containers
			want = 7
		} else if err != nil {
			t.Fatal(err)
		}
		if now, err := readOOMScore(os.Getpid()); now != want || err != nil {
			t.Errorf("the score is %d, %v", now, err)
		}
	}
}

func TestOrdinaryUserKeepsItsOOMScore(t *testing.T) {
	leaks(t)
	if !asNobody(t) {
		return
	}
	before, err := readOOMScore(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if err := LowerOOMScore(); err != nil {
		t.Error(err)
	}
	if now, err := readOOMScore(os.Getpid()); err != nil || now != before {
		t.Errorf("%d became %d, %v", before, now, err)
	}
}

func TestOOMScoreOfNobodyIsAnError(t *testing.T) {
	if err := setOOMScore(1<<30, 0); err == nil {
		t.Error("a process that can't be has a score")
	}
}
