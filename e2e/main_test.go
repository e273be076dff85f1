package e2e

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// long makes the phases under load last a minute instead of some seconds.
var long = flag.Bool("long", false, "load phases of a minute")

// binary is the howdah that TestMain built, or the one that HOWDAH_BINARY names.
var binary string

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	var err error
	if sandboxRoot, err = os.MkdirTemp("/tmp", "howdah-e2e-"); err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		return 1
	}
	defer os.RemoveAll(sandboxRoot)
	if err := os.Chmod(sandboxRoot, 0o755); err != nil { // workers of other users go through it
		fmt.Fprintln(os.Stderr, "e2e:", err)
		return 1
	}
	if binary = os.Getenv("HOWDAH_BINARY"); binary == "" {
		binary = filepath.Join(sandboxRoot, "howdah")
		if out, err := exec.Command("go", "build", "-o", binary, "howdah/cmd/howdah").CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "e2e: cannot build howdah: %v\n%s", err, out)
			return 1
		}
	}
	before := runtime.NumGoroutine()
	code := m.Run()
	if !within(2*time.Second, func() bool { return runtime.NumGoroutine() <= before }) {
		stacks := make([]byte, 1<<20)
		fmt.Fprintf(os.Stderr, "e2e: goroutines left:\n%s", stacks[:runtime.Stack(stacks, true)])
		code = 1
	}
	if missing := notRun(); len(missing) > 0 && code == 0 {
		fmt.Fprintf(os.Stderr, "e2e: docs/conformance.md names tests that did not run: %v\n", missing)
		code = 1
	}
	return code
}

// phase is how long a test keeps a load up: some seconds, or a minute with -long.
func phase(short time.Duration) time.Duration {
	if *long {
		return time.Minute
	}
	return short
}
