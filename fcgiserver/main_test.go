package fcgiserver

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// patience is how long a test waits for what must happen.
const patience = 10 * time.Second

// TestMain fails when the tests leave a goroutine, a child process or a descriptor behind.
func TestMain(m *testing.M) {
	goroutines, fds := runtime.NumGoroutine(), len(descriptors())
	code := m.Run() // os/signal, which -fuzz uses, keeps a goroutine
	if code == 0 && !eventually(func() bool { return runtime.NumGoroutine() <= goroutines+1 }) {
		stacks := make([]byte, 1<<20)
		fmt.Fprintf(os.Stderr, "goroutines left:\n%s", stacks[:runtime.Stack(stacks, true)])
		code = 1
	}
	if code == 0 && !eventually(func() bool { return len(children()) == 0 }) {
		fmt.Fprintf(os.Stderr, "child processes left: %v\n", children())
		code = 1
	}
	if code == 0 && !eventually(func() bool { return len(descriptors()) <= fds+1 }) { // the runtime's epoll
		fmt.Fprintf(os.Stderr, "descriptors left: %v\n", descriptors())
		code = 1
	}
	os.Exit(code)
}

// eventually looks for a while whether a condition that nobody reports has come true.
func eventually(ok func() bool) bool {
	for deadline := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		if ok() {
			return true
		}
		if time.Now().After(deadline) {
			return false
		}
	}
}

// descriptors is what our descriptors lead to, the runtime's own left out.
func descriptors() []string {
	var open []string
	names, _ := filepath.Glob("/proc/self/fd/*")
	for _, name := range names {
		target, err := os.Readlink(name)
		if err == nil && !strings.HasPrefix(target, "anon_inode:[event") {
			open = append(open, target)
		}
	}
	return open
}

func children() []string {
	var pids []string
	lists, _ := filepath.Glob("/proc/self/task/*/children")
	for _, list := range lists {
		b, _ := os.ReadFile(list)
		pids = append(pids, strings.Fields(string(b))...)
	}
	return pids
}
