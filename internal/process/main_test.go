package process

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestMain fails when the tests leave a goroutine, a child process or a descriptor behind. With HOWDAH_TEST_SPAWN set the
// test binary is instead a program that spawns and is then killed.
func TestMain(m *testing.M) {
	if os.Getenv("HOWDAH_TEST_SPAWN") != "" {
		spawnAndWait()
		os.Exit(0)
	}
	exec.Command("/bin/true").Run() // the runtime opens descriptors of its own at first use
	goroutines, fds := runtime.NumGoroutine(), descriptors()
	code := m.Run()
	if code == 0 && !eventually(func() bool { return runtime.NumGoroutine() <= goroutines+1 }) { // os/signal keeps one
		stacks := make([]byte, 1<<20)
		fmt.Fprintf(os.Stderr, "goroutines left:\n%s", stacks[:runtime.Stack(stacks, true)])
		code = 1
	}
	if pids, _ := Children(os.Getpid()); code == 0 && len(pids) > 0 {
		fmt.Fprintf(os.Stderr, "child processes left: %v\n", pids)
		code = 1
	}
	if now := descriptors(); code == 0 && now > fds+1 { // the runtime's epoll
		fmt.Fprintf(os.Stderr, "%d descriptors left\n", now-fds)
		code = 1
	}
	os.Exit(code)
}

func descriptors() int {
	n := 0
	entries, _ := os.ReadDir("/proc/self/fd")
	for _, e := range entries {
		if target, err := os.Readlink("/proc/self/fd/" + e.Name()); err == nil && !strings.HasPrefix(target, "anon_inode:[event") {
			n++
		}
	}
	return n
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

func newSpawner(t *testing.T, stray func(Stray)) *Spawner {
	t.Helper()
	s, err := NewSpawner(stray)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// shell starts sh with a script. Descriptor 0 is the end of a pipe that
// the test holds, 1 is another: wait reads a line of what the script says.
func shell(t *testing.T, s *Spawner, script string) (p *Process, wait func() string, release func()) {
	t.Helper()
	return start(t, s, Spec{Path: "/bin/sh", Args: []string{"sh", "-c", script}})
}

func start(t *testing.T, s *Spawner, spec Spec) (p *Process, wait func() string, release func()) {
	t.Helper()
	in, hold, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	say, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	spec.Files = []*os.File{in, out, os.Stderr}
	spec.Env = append(spec.Env, "PATH=/usr/bin:/bin")
	p, err = s.Start(spec)
	in.Close()
	out.Close()
	t.Cleanup(func() { hold.Close(); say.Close() })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.KillGroup() // before its stdin ends: a leader that has exited by itself takes nobody along
		p.Cause()
		waitGroup(p.PID)
		p.Close()
	})
	lines := bufio.NewReader(say)
	wait = func() string {
		t.Helper()
		say.SetReadDeadline(time.Now().Add(5 * time.Second))
		line, err := lines.ReadString('\n')
		if err != nil {
			t.Fatalf("the child says nothing more: %v", err)
		}
		return strings.TrimSpace(line)
	}
	return p, wait, func() { hold.Close() }
}

func number(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func spawnAndWait() {
	s, err := NewSpawner(nil)
	if err == nil {
		var p *Process
		if p, err = s.Start(Spec{Path: "/bin/sleep", Args: []string{"sleep", "1000"}, Files: []*os.File{os.Stdin}}); err == nil {
			fmt.Println(p.PID)
			syscall.Pause()
		}
	}
	fmt.Println(err)
}
