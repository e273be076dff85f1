package worker

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"howdah/internal/process"
)

// TestMain fails when the tests leave a goroutine, a child process or a descriptor behind. With HOWDAH_TEST_HUNG set the test
// binary is instead a Howdah that is killed while a script of its pool hangs, with HOWDAH_TEST_PHP it is a php-cgi.
func TestMain(m *testing.M) {
	if dir := os.Getenv("HOWDAH_TEST_HUNG"); dir != "" {
		hang(dir)
		os.Exit(1)
	}
	if how := os.Getenv("HOWDAH_TEST_PHP"); how != "" {
		playPHP(how)
		os.Exit(1)
	}
	exec.Command("/bin/true").Run() // the runtime opens descriptors of its own at first use
	goroutines, fds := runtime.NumGoroutine(), len(descriptors())
	code := m.Run()
	if code == 0 && !eventually(func() bool { return runtime.NumGoroutine() <= goroutines+1 }) { // os/signal keeps one
		stacks := make([]byte, 1<<20)
		fmt.Fprintf(os.Stderr, "goroutines left:\n%s", stacks[:runtime.Stack(stacks, true)])
		code = 1
	}
	if pids, _ := process.Children(os.Getpid()); code == 0 && len(pids) > 0 {
		for _, pid := range pids {
			st, err := process.ReadStat(pid)
			fmt.Fprintf(os.Stderr, "a child process is left: %+v %v\n", st, err)
		}
		code = 1
	}
	if now := descriptors(); code == 0 && len(now) > fds+1 { // the runtime's epoll
		fmt.Fprintf(os.Stderr, "descriptors left: %v\n", now)
		code = 1
	}
	os.Exit(code)
}

func descriptors() (open []string) {
	entries, _ := os.ReadDir("/proc/self/fd")
	for _, e := range entries {
		target, err := os.Readlink("/proc/self/fd/" + e.Name())
		if err == nil && !strings.HasPrefix(target, "anon_inode:[event") && !strings.HasPrefix(target, "/proc/") {
			open = append(open, target)
		}
	}
	return open
}

// eventually looks for up to 5 s whether a condition that nobody reports has come true.
func eventually(ok func() bool) bool {
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(time.Millisecond) {
		if ok() {
			return true
		}
		if time.Now().After(deadline) {
			return false
		}
	}
}
