package httpfront

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestMain fails when the tests leave a goroutine, a child process or a descriptor behind.
func TestMain(m *testing.M) {
	goroutines, fds := runtime.NumGoroutine(), len(descriptors())
	code := m.Run()
	if f := flag.Lookup("test.fuzz"); f != nil && f.Value.String() != "" {
		os.Exit(code) // the fuzzer keeps some of its own
	}
	if code == 0 && !eventually(func() bool { return runtime.NumGoroutine() <= goroutines }) {
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
