package supervisor

import (
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// alone runs the test in a process of its own, for what can't be undone, and tells whether this is that process.
func alone(t *testing.T) bool {
	t.Helper()
	if os.Getenv("HOWDAH_TEST_ALONE") != "" {
		return true
	}
	passes(t, again(t, "HOWDAH_TEST_ALONE=yes"))
	return false
}

func fileLimit(t *testing.T) unix.Rlimit {
	t.Helper()
	var now unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &now); err != nil {
		t.Fatal(err)
	}
	return now
}

func TestFileLimitIsRaisedAsFarAsItGoes(t *testing.T) {
	leaks(t)
	if !alone(t) {
		return
	}
	hard := fileLimit(t).Max
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: 64, Max: hard}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if n, err := RaiseFileLimit(nil); err != nil || n != hard {
			t.Errorf("%d of %d, %v", n, hard, err)
		}
	}
	if now := fileLimit(t); now.Cur != hard || now.Max != hard {
		t.Errorf("the limit is %+v", now)
	}
}

func TestFileLimitOfTheConfigurationIsSoftAndHard(t *testing.T) {
	leaks(t)
	if !alone(t) {
		return
	}
	want := uint64(200)
	if n, err := RaiseFileLimit(&want); err != nil || n != want {
		t.Errorf("%d, %v", n, err)
	}
	if now := fileLimit(t); now.Cur != want || now.Max != want {
		t.Errorf("the limit is %+v", now)
	}
}

func TestOrdinaryUserIsToldItsLargestFileLimit(t *testing.T) {
	leaks(t)
	if !asNobody(t) || !alone(t) {
		return
	}
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: 100, Max: 128}); err != nil {
		t.Fatal(err)
	}
	want := uint64(129)
	n, err := RaiseFileLimit(&want)
	if n != 100 || err == nil || !strings.Contains(err.Error(), "more than 128") {
		t.Errorf("%d, %v", n, err)
	}
}
