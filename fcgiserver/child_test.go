package fcgiserver

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

const childMark = "HOWDAH_TEST_CHILD"

// inChild runs the test in a process of its own, whose limits it may change, and tells whether this is that process.
func inChild(t *testing.T) bool {
	t.Helper()
	if os.Getenv(childMark) != "" {
		return true
	}
	cmd := exec.Command("/proc/self/exe", "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), childMark+"=1")
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Errorf("in a process of its own: %v\n%.5000s", err, out)
	}
	return false
}
