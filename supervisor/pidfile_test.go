package supervisor

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestPIDFileIsReadableByAllAndRemovedAtTheEnd(t *testing.T) {
	leaks(t)
	dir := t.TempDir()
	path := filepath.Join(dir, "howdah.pid")
	if err := os.WriteFile(path, []byte("stale"), 0o600); err != nil {
		t.Fatal(err)
	}
	old := unix.Umask(0o077)
	p, err := WritePIDFile(path)
	unix.Umask(old)
	if err != nil {
		t.Fatal(err)
	}
	wantText(t, readFile(t, path), strconv.Itoa(os.Getpid()))
	wantMode(t, path, 0o644)
	for range 2 {
		if err := p.Remove(); err != nil {
			t.Error(err)
		}
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestPIDFileOfASuccessorStays(t *testing.T) {
	leaks(t)
	path := filepath.Join(t.TempDir(), "howdah.pid")
	ours, err := WritePIDFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := WritePIDFile(path); err != nil {
		t.Fatal(err)
	}
	if err := ours.Remove(); err != nil {
		t.Error(err)
	}
	wantMode(t, path, 0o644)
}

func TestPIDFileThatCannotBeWrittenIsAnErrorAndLeavesNothing(t *testing.T) {
	leaks(t)
	dir := t.TempDir()
	if _, err := WritePIDFile(filepath.Join(dir, "none", "howdah.pid")); err == nil || !strings.Contains(err.Error(), "pid file") {
		t.Errorf("in a missing directory: %v", err)
	}
	full := filepath.Join(dir, "full")
	if err := os.MkdirAll(filepath.Join(full, "x"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := WritePIDFile(full); err == nil {
		t.Error("a directory was replaced")
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
	var none *PIDFile
	if err := none.Remove(); err != nil {
		t.Error(err)
	}
}
