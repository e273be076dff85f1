package phpstack

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

func TestStacksAreThoseThatPHPItselfWouldShow(t *testing.T) {
	t.Parallel()
	for script, want := range map[string]string{
		"plain.php": `
			#0 usleep() [internal function]
			#1 inner() plain.php:10
			#2 outer() plain.php:5
			#3 [INCLUDE_OR_EVAL]() plain.php:13`,
		"class.php": `
			#0 usleep() [internal function]
			#1 Base::wait() class.php:7
			#2 class@anonymous::__construct() class.php:25
			#3 Base::run() class.php:22
			#4 Base::start() class.php:17
			#5 [INCLUDE_OR_EVAL]() class.php:35`,
		"closure.php": `
			#0 usleep() [internal function]
			#1 Proxy::{closure}() closure.php:8
			#2 array_map() [internal function]
			#3 Proxy::__call() closure.php:7
			#4 {closure}() closure.php:15
			#5 [INCLUDE_OR_EVAL]() closure.php:17`,
		"generator.php": `
			#0 usleep() [internal function]
			#1 third() generator.php:18
			#2 second() generator.php:12
			#3 first() generator.php:6
			#4 consume() generator.php:24
			#5 [INCLUDE_OR_EVAL]() generator.php:29`,
		"fiber.php": `
			#0 usleep() [internal function]
			#1 work() fiber.php:5
			#2 {closure}() fiber.php:9
			#3 Fiber::start() [internal function]
			#4 [INCLUDE_OR_EVAL]() fiber.php:11`,
		"include.php": `
			#0 usleep() [internal function]
			#1 [INCLUDE_OR_EVAL]() included.inc(2) : eval()'d code:1
			#2 [INCLUDE_OR_EVAL]() included.inc:2
			#3 load() include.php:5
			#4 [INCLUDE_OR_EVAL]() include.php:8`,
		"unwind.php": `
			#0 usleep() [internal function]
			#1 Slow::__destruct() unwind.php:7
			#2 [INCLUDE_OR_EVAL]() unwind.php:0`,
	} {
		t.Run(script, func(t *testing.T) {
			t.Parallel()
			_, stack := stackOf(t, run(t, script).Process.Pid, "usleep")
			got := strings.TrimSpace(relative(t, stack.String()))
			got = regexp.MustCompile(`\{closure:[^}]*\}`).ReplaceAllString(got, "{closure}") // from PHP 8.4 on
			if want := strings.TrimSpace(strings.ReplaceAll(want, "\t", "")); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestADeepRecursionIsReadToItsDepthAndNoFurther(t *testing.T) {
	t.Parallel()
	pid := run(t, "deep.php").Process.Pid
	im, stack := stackOf(t, pid, "usleep")
	if n := len(stack); n != 50+beyond {
		t.Errorf("%d frames, want 50 and %d", n, beyond)
	}
	if lines := stack.Lines(20); len(lines) != 20 || !strings.HasSuffix(lines[19], "deep.php:9") {
		t.Errorf("%d lines, the last %q", len(lines), lines[len(lines)-1])
	}
	if stack, err := im.Read(pid, 1<<30); err != nil || len(stack) != MaxDepth+beyond {
		t.Errorf("%d frames of 20,000, %v", len(stack), err)
	}
}

// What is read of a stack that changes all the time is true: below the frames that come and go it is always the same.
func TestAStackThatChangesAllTheTimeIsReadTruly(t *testing.T) {
	t.Parallel()
	pid := run(t, "busy.php").Process.Pid
	im, _ := stackOf(t, pid, "leaf")
	for range 2000 {
		stack, err := im.Read(pid, 20)
		if err != nil {
			if !strings.Contains(err.Error(), "changes too fast") && !errors.Is(err, errWild) {
				t.Fatal(err)
			}
			continue
		}
		text := relative(t, stack.String())
		base, ok := stack, false
		for len(base) > 0 && (base[0].Function == "leaf" || base[0].Function == "random_int") {
			base = base[1:]
		}
		switch len(base) { // the innermost may be missing, those below are not
		case 1, 2, 3:
			ok = strings.HasSuffix(relative(t, Trace(base).String()), "busy.php:23\n")
		}
		if !ok || len(stack)-len(base) > 9 {
			t.Fatalf("this stack can't be:\n%s", text)
		}
	}
}

func TestAProcessWithoutPHPHasNoStack(t *testing.T) {
	t.Parallel()
	other := start(t, exec.Command("sleep", "60"))
	if _, err := Open(other.Process.Pid); err == nil || !strings.Contains(err.Error(), "not PHP") {
		t.Errorf("of sleep: %v", err)
	}
	if _, err := Open(os.Getpid()); err == nil {
		t.Error("of this test: no error")
	}
	pid := run(t, "plain.php").Process.Pid
	im, _ := stackOf(t, pid, "usleep")
	if stack, err := im.Read(other.Process.Pid, 20); err == nil {
		t.Errorf("sleep has the stack\n%s", stack)
	}
}

func TestADeadProcessHasNoStack(t *testing.T) {
	t.Parallel()
	c := run(t, "plain.php")
	im, _ := stackOf(t, c.Process.Pid, "usleep")
	c.Process.Kill()
	c.Wait()
	if stack, err := im.Read(c.Process.Pid, 20); !errors.Is(err, unix.ESRCH) {
		t.Errorf("%v\n%s", err, stack)
	}
	if _, err := Open(c.Process.Pid); err == nil {
		t.Error("it could be opened")
	}
}

func TestAWaitingServerRunsNoPHP(t *testing.T) {
	t.Parallel()
	c := exec.Command("php-cgi", "-b", t.TempDir()+"/sock")
	c.Env = append(os.Environ(), "PHP_FCGI_CHILDREN=0")
	pid := start(t, c).Process.Pid
	var im *Image
	if !eventually(func() (ok bool) { im, _ = Open(pid); return im != nil }) {
		t.Fatal("not opened")
	}
	if stack, err := im.Read(pid, 20); !errors.Is(err, ErrIdle) {
		t.Errorf("%v\n%s", err, stack)
	}
}

// As in a container whose root has not CAP_SYS_PTRACE, which is the default of container engines.
func TestRootWithoutPtraceReadsTheProcessesOfAUser(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
	const uid = 65534
	c := run(t, "plain.php") // as root, for comparison
	nobody := exec.Command("php-cgi", "-q", "-r", "1")
	nobody.Args = []string{"php-cgi", "-q", "/proc/self/fd/3"}
	script, err := os.Open("testdata/plain.php")
	if err != nil {
		t.Fatal(err)
	}
	defer script.Close()
	nobody.ExtraFiles = []*os.File{script}
	nobody.Dir = "/"
	nobody.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
	start(t, nobody)
	stackOf(t, nobody.Process.Pid, "usleep")
	got := make(chan error)
	go func() {
		runtime.LockOSThread() // ends with the goroutine, and its lack with it
		if err := dropPtrace(); err != nil {
			got <- err
			return
		}
		im, err := Open(nobody.Process.Pid)
		if err == nil {
			var stack Trace
			if stack, err = im.Read(nobody.Process.Pid, 20); err == nil && stack[0].Function != "usleep" {
				err = fmt.Errorf("the stack is %s", stack)
			}
		}
		got <- err
	}()
	if err := <-got; err != nil {
		t.Error(err)
	}
	stackOf(t, c.Process.Pid, "usleep") // this process is as it was
}

// dropPtrace takes CAP_SYS_PTRACE from this thread.
func dropPtrace() error {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if err := unix.Capget(&header, &data[0]); err != nil {
		return err
	}
	for _, set := range []*uint32{&data[0].Effective, &data[0].Permitted, &data[0].Inheritable} {
		*set &^= 1 << unix.CAP_SYS_PTRACE
	}
	return unix.Capset(&header, &data[0])
}
