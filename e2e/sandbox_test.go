package e2e

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"
)

// sandbox is the directory in which one test lives. Its path is short, because socket paths end at 108 bytes, and every
// user can traverse it, because workers run as www-data.
type sandbox struct {
	dir string
}

var (
	sandboxRoot  string // set by TestMain, removed by it
	sandboxCount atomic.Int64
)

// newSandbox makes the directory: site (the pages), scratch (pages may write there), tmp (TMPDIR of every daemon), log.
// It registers the last check of the test: that nothing of the sandbox is left running.
func newSandbox(t *testing.T) *sandbox {
	t.Helper()
	noteRun(t)
	sb := &sandbox{dir: filepath.Join(sandboxRoot, fmt.Sprint(sandboxCount.Add(1)))}
	for dir, mode := range map[string]os.FileMode{"": 0o755, "log": 0o755, "scratch": 0o777, "tmp": 0o777} {
		mkdir(t, sb.path(dir), mode)
	}
	if err := os.CopyFS(sb.path("site"), os.DirFS("testdata/pages")); err != nil {
		t.Fatalf("cannot copy the pages: %v", err)
	}
	err := filepath.WalkDir(sb.path("site"), func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if err := os.Chtimes(path, time.Time{}, settled()); err != nil {
			return err
		}
		mode := os.FileMode(0o644)
		if e.IsDir() {
			mode = 0o755
		}
		return os.Chmod(path, mode)
	})
	if err != nil {
		t.Fatalf("cannot make the pages readable: %v", err)
	}
	t.Cleanup(func() { sb.wantNothingLeft(t) })
	return sb
}

// path is the sandbox's directory joined with elements.
func (sb *sandbox) path(elem ...string) string {
	return filepath.Join(append([]string{sb.dir}, elem...)...)
}

// page writes a file of the site.
func (sb *sandbox) page(t *testing.T, name, text string) {
	t.Helper()
	path := sb.path("site", name)
	mkdir(t, filepath.Dir(path), 0o755)
	write(t, path, text)
	if err := os.Chtimes(path, time.Time{}, settled()); err != nil {
		t.Fatal(err)
	}
}

// settled is a time at which a page was written, for opcache: it does not keep files younger than two seconds.
func settled() time.Time { return time.Now().Add(-time.Hour) }

// wantNothingLeft fails the test if a process of the sandbox lives on, or a temporary file. Processes get a moment, because
// the kernel ends orphans after their parent's exit has been seen.
func (sb *sandbox) wantNothingLeft(t *testing.T) {
	t.Helper()
	var left []process
	if !within(3*time.Second, func() bool { left = processesOf(sb.dir); return len(left) == 0 }) {
		for _, p := range left {
			t.Errorf("left behind: %v", p)
			p.kill()
		}
	}
	files, err := filepath.Glob(sb.path("tmp", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		t.Errorf("left behind: temporary file %s", f)
	}
}

func mkdir(t *testing.T, path string, mode os.FileMode) {
	t.Helper()
	if err := os.MkdirAll(path, mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil { // against the umask
		t.Fatal(err)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// within asks cond every few milliseconds until it holds, at most for limit. It is for facts of which nobody sends word:
// the death of a process that is not our child, a file that a script writes.
func within(limit time.Duration, cond func() bool) bool {
	deadline := time.Now().Add(limit)
	for {
		if cond() {
			return true
		}
		if time.Now().After(deadline) {
			return false
		}
		time.Sleep(3 * time.Millisecond)
	}
}

// wantWithin fails the test at once if cond does not come true in time.
func wantWithin(t *testing.T, limit time.Duration, what string, cond func() bool) {
	t.Helper()
	if !within(limit, cond) {
		t.Fatalf("after %v still not: %s", limit, what)
	}
}

// touch makes an empty file. That it can't shows in what waits for it.
func touch(path string) { _ = os.WriteFile(path, nil, 0o644) }

func remove(path string) { _ = os.Remove(path) }

func glob(pattern string) []string {
	found, _ := filepath.Glob(pattern)
	return found
}

// wantWord waits until a script has written to scratch/NAME, and returns what.
func (sb *sandbox) wantWord(t *testing.T, limit time.Duration, name string) string {
	t.Helper()
	path := sb.path("scratch", name)
	var text []byte
	wantWithin(t, limit, "a word in "+path, func() bool {
		text, _ = os.ReadFile(path) // a file is there before its content
		return len(text) > 0
	})
	return string(text)
}
