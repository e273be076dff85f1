package process

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

func TestAChildsCauseIsKnownOnceItIsReaped(t *testing.T) {
	s := newSpawner(t, nil)
	for script, want := range map[string]string{
		"exit 0":        "exited with code 0",
		"exit 3":        "exited with code 3",
		"kill -SEGV $$": "exited on signal 11 (SIGSEGV)",
		"kill -KILL $$": "exited on signal 9 (SIGKILL)",
	} {
		p, _, _ := shell(t, s, script)
		if got := p.Cause().String(); got != want {
			t.Errorf("%s: %s, want %s", script, got, want)
		}
		if !Exited(p.Pidfd) {
			t.Errorf("%s: the pidfd is not readable", script)
		}
	}
}

func TestAProgramThatIsNotThereIsAnErrorThatNamesIt(t *testing.T) {
	s := newSpawner(t, nil)
	_, err := s.Start(Spec{Path: "/nowhere/php-cgi", Args: []string{"php-cgi"}})
	if err == nil || !strings.Contains(err.Error(), "/nowhere/php-cgi") || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

func TestAChildHasOnlyTheDescriptorsItWasGiven(t *testing.T) {
	left, err := unix.Dup(2) // without close-on-exec, as a shell or a supervisor leaves one to Howdah
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(left)
	s := newSpawner(t, nil)
	// ls reads the shell's descriptors, not its own; the colon keeps sh from becoming ls.
	_, wait, _ := shell(t, s, "ls -m /proc/$$/fd; :")
	if got := strings.TrimSpace(wait()); got != "0, 1, 2" {
		t.Errorf("descriptors: %s", got)
	}
}

func TestLimitsPriorityAndUserHoldForAChildAndItsForks(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
	s := newSpawner(t, nil)
	nice := 7
	p, wait, _ := start(t, s, Spec{
		Path: "/bin/sh", Args: []string{"sh", "-c", "sleep 1000 & echo $!; read x"},
		Credential: &syscall.Credential{Uid: 33, Gid: 33},
		Limits:     []Limit{{unix.RLIMIT_NOFILE, 77}, {unix.RLIMIT_CORE, 0}},
		Nice:       &nice,
		Batch:      true,
	})
	fork := number(t, wait()) // sh has come up, behind whatever program set its limits
	for _, pid := range []int{p.PID, fork} {
		limits, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/limits")
		if f := strings.Fields(string(limits[bytes.Index(limits, []byte("Max open files")):])); f[3] != "77" || f[4] != "77" {
			t.Errorf("open files: %s %s", f[3], f[4])
		}
		if n, err := unix.Getpriority(unix.PRIO_PROCESS, pid); err != nil || 20-n != nice {
			t.Errorf("nice %d, %v", 20-n, err)
		}
		if policy, _, errno := unix.Syscall(unix.SYS_SCHED_GETSCHEDULER, uintptr(pid), 0, 0); errno != 0 || policy != unix.SCHED_BATCH {
			t.Errorf("scheduling class %d, %v", policy, errno)
		}
		status, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
		if !strings.Contains(string(status), "Uid:\t33\t33\t33\t33") || !strings.Contains(string(status), "Groups:\t \n") {
			t.Errorf("not user 33 without groups:\n%s", status)
		}
		own, _ := os.ReadFile("/proc/self/oom_score_adj")
		its, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/oom_score_adj")
		if number(t, strings.TrimSpace(string(its))) <= number(t, strings.TrimSpace(string(own))) {
			t.Errorf("OOM score %s, ours is %s", its, own)
		}
	}
}

func TestWithoutCapabilitiesTheChildLowersItsOwnLimits(t *testing.T) {
	nice := 5
	spec := Spec{
		Path: "/usr/bin/php-cgi", Args: []string{"php-cgi", "-b", "sock"}, Credential: &syscall.Credential{}, Nice: &nice, Batch: true,
		Limits: []Limit{{unix.RLIMIT_NOFILE, 1024}, {unix.RLIMIT_CORE, unix.RLIM_INFINITY}},
	}
	none := wrapped(spec, func(int) bool { return false })
	want := "prlimit --nofile=1024:1024 --core=unlimited:unlimited -- /usr/bin/nice -n 5 /usr/bin/php-cgi -b sock"
	if got := strings.Join(none.Args, " "); got != want || none.Path != "/usr/bin/prlimit" || none.Nice != nil || none.Batch || none.Limits != nil {
		t.Errorf("got %+v\nwant %s", none, want)
	}
	all := wrapped(spec, func(int) bool { return true })
	if all.Path != spec.Path || all.Nice == nil || !all.Batch || len(all.Limits) != 2 {
		t.Errorf("with all capabilities: %+v", all)
	}
}

func TestAChildEndsWhenItsSpawnersProcessIsKilled(t *testing.T) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "HOWDAH_TEST_SPAWN=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line := make([]byte, 64)
	n, _ := out.Read(line)
	pid := number(t, strings.TrimSpace(string(line[:n])))
	pidfd, err := OpenPidfd(pid)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(pidfd)
	cmd.Process.Kill()
	cmd.Wait()
	if !eventually(func() bool { return Exited(pidfd) }) {
		t.Error("the child lives on")
	}
	// If these tests are a subreaper, the child has become ours.
	eventually(func() bool {
		unix.Wait4(pid, nil, unix.WNOHANG, nil)
		return unix.Kill(pid, 0) == unix.ESRCH
	})
}

func TestCloseEndsTheGroupsThatAreLeftAndStartsNoMore(t *testing.T) {
	s, err := NewSpawner(nil)
	if err != nil {
		t.Fatal(err)
	}
	p, wait, _ := shell(t, s, "sleep 1000 & echo $!; wait")
	fork := number(t, wait())
	s.Close()
	s.Close()
	if got := p.Cause(); got.Signal != int(unix.SIGKILL) {
		t.Errorf("the child %v", got)
	}
	if err := unix.Kill(fork, 0); err != unix.ESRCH {
		t.Errorf("its fork %d is still there: %v", fork, err)
	}
	if _, err := s.Start(Spec{Path: "/bin/true", Args: []string{"true"}}); err != ErrClosed {
		t.Errorf("Start after Close: %v", err)
	}
}

func TestAClosedProcessIsNoLongerSignalled(t *testing.T) {
	s := newSpawner(t, nil)
	p, _, _ := shell(t, s, "exit 0")
	p.Cause()
	p.Close()
	p.Close()
	if err := p.Signal(unix.SIGTERM); err != unix.ESRCH {
		t.Errorf("got %v", err)
	}
}
