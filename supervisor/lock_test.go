package supervisor

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// again is this test in a process of its own.
func again(t *testing.T, env ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command("/proc/self/exe", "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Dir = "/"
	cmd.Env = append(os.Environ(), env...)
	return cmd
}

// asNobody runs the test in a process of its own as an ordinary user and tells whether this is that process.
func asNobody(t *testing.T) bool {
	t.Helper()
	if os.Geteuid() != 0 {
		return true
	}
	cmd := again(t, "TMPDIR=/tmp", "HOME=/")
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	passes(t, cmd)
	return false
}

// passes runs the child and checks that the test passes there.
func passes(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Errorf("the child: %v\n%s", err, out)
	}
}

func needRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can do this")
	}
}

// runtimeDirs is a directory for runtime directories that everybody can enter, which t.TempDir's parent is not.
func runtimeDirs(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "howdah-lock-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func lockDir(t *testing.T, path string) *RuntimeDir {
	t.Helper()
	d, err := LockRuntimeDir(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeDir(t, d) })
	return d
}

func closeDir(t *testing.T, d *RuntimeDir) {
	t.Helper()
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}

func wantMode(t *testing.T, path string, mode fs.FileMode) {
	t.Helper()
	info, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode() != mode {
		t.Errorf("%s is %v, not %v", path, info.Mode(), mode)
	}
}

func wantGone(t *testing.T, path string) {
	t.Helper()
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s is still there (%v)", path, err)
	}
}

func TestRuntimeDirIsMadeWithAllAboveItAndRemovedWhenEmpty(t *testing.T) {
	leaks(t)
	path := filepath.Join(runtimeDirs(t), "a", "howdah")
	old := unix.Umask(0o077)
	d, err := LockRuntimeDir(path)
	unix.Umask(old)
	if err != nil {
		t.Fatal(err)
	}
	wantMode(t, path, fs.ModeDir|0o755)
	wantText(t, d.Path(), path)
	wantText(t, readFile(t, filepath.Join(path, lockName)), strconv.Itoa(os.Getpid())+"\n")
	for range 2 {
		closeDir(t, d)
	}
	wantGone(t, path)
}

func TestRuntimeDirThatWasThereStaysAndSoDoesWhatIsInIt(t *testing.T) {
	leaks(t)
	base := runtimeDirs(t)
	there := filepath.Join(base, "there")
	if err := os.Mkdir(there, 0o750); err != nil {
		t.Fatal(err)
	}
	closeDir(t, lockDir(t, there))
	wantMode(t, there, fs.ModeDir|0o750)
	wantGone(t, filepath.Join(there, lockName))

	made := filepath.Join(base, "made")
	d := lockDir(t, made)
	if err := os.WriteFile(filepath.Join(made, "record"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	closeDir(t, d)
	wantMode(t, filepath.Join(made, "record"), 0o600)
}

func TestSecondHowdahIsToldWhoHoldsTheDirectory(t *testing.T) {
	leaks(t)
	path := filepath.Join(runtimeDirs(t), "howdah")
	first := lockDir(t, path)
	_, err := LockRuntimeDir(path)
	var held *HeldError
	if !errors.As(err, &held) || held.PID != os.Getpid() || held.Dir != path {
		t.Fatalf("the error is %v", err)
	}
	wantText(t, err.Error(), fmt.Sprintf("another howdah (pid %d) holds %s: stop it, or give this one another runtime_dir", os.Getpid(), path))
	if err := os.Truncate(filepath.Join(path, lockName), 0); err != nil {
		t.Fatal(err)
	}
	_, err = LockRuntimeDir(path)
	wantText(t, err.Error(), fmt.Sprintf("another howdah holds %s: stop it, or give this one another runtime_dir", path))
	closeDir(t, first)
	lockDir(t, path)
}

func TestLockFileOfADeadHowdahMeansNothing(t *testing.T) {
	leaks(t)
	path := runtimeDirs(t)
	if err := os.WriteFile(filepath.Join(path, lockName), []byte("123456789 and much more\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	d := lockDir(t, path)
	wantText(t, readFile(t, filepath.Join(path, lockName)), strconv.Itoa(os.Getpid())+"\n")
	closeDir(t, d)
}

func TestLockIsFreeAsSoonAsItsHolderIsKilled(t *testing.T) {
	if path := os.Getenv("HOWDAH_TEST_LOCK"); path != "" {
		if _, err := LockRuntimeDir(path); err != nil {
			t.Fatal(err)
		}
		fmt.Println("\nlocked")
		io.ReadAll(os.Stdin) // until we are killed
		return
	}
	leaks(t)
	path := filepath.Join(runtimeDirs(t), "howdah")
	cmd := again(t, "HOWDAH_TEST_LOCK="+path)
	startUntil(t, cmd, "locked")
	var held *HeldError
	if _, err := LockRuntimeDir(path); !errors.As(err, &held) || held.PID != cmd.Process.Pid {
		t.Errorf("while %d holds it: %v", cmd.Process.Pid, err)
	}
	cmd.Process.Kill()
	cmd.Wait()
	lockDir(t, path)
}

// startUntil starts the child and waits for a line of its output, which it returns. The child's stdin stays open until it
// is waited for.
func startUntil(t *testing.T, cmd *exec.Cmd, prefix string) string {
	t.Helper()
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stdin.Close()
		cmd.Process.Kill()
		cmd.Wait()
	})
	var seen strings.Builder
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), prefix) {
			return lines.Text()
		}
		seen.WriteString(lines.Text() + "\n")
	}
	t.Fatalf("the child never said %q but\n%s", prefix, seen.String())
	return ""
}

func TestRuntimeDirThatOthersMayWriteInIsRefused(t *testing.T) {
	leaks(t)
	base := runtimeDirs(t)
	make := func(name string, mode os.FileMode) string {
		path := filepath.Join(base, name)
		if err := os.Mkdir(path, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	file := filepath.Join(base, "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(base, "link")
	if err := os.Symlink(make("target", 0o755), link); err != nil {
		t.Fatal(err)
	}
	refused := map[string]string{
		make("all", 0o777):               "writable for others (mode 0777)",
		make("tmp", 0o777|fs.ModeSticky): "writable for others (mode 1777)",
		file:                             "not a directory",
		filepath.Join(file, "x"):         "not a directory",
		link:                             "a symbolic link",
		"run/howdah":                     "not an absolute path",
	}
	if os.Geteuid() == 0 {
		refused[make("group", 0o775)] = "writable for others (mode 0775)"
		theirs := make("theirs", 0o755)
		if err := os.Chown(theirs, 33, 33); err != nil {
			t.Fatal(err)
		}
		refused[theirs] = "belongs to user 33"
	}
	for path, reason := range refused {
		if _, err := LockRuntimeDir(path); err == nil || !strings.Contains(err.Error(), reason) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestOrdinaryUserLocksADirectoryOfItsOwn(t *testing.T) {
	if !asNobody(t) {
		return
	}
	leaks(t)
	path := filepath.Join(runtimeDirs(t), "howdah")
	if err := os.Mkdir(path, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o775); err != nil {
		t.Fatal(err)
	}
	closeDir(t, lockDir(t, path))
	if _, err := LockRuntimeDir("/howdah-test"); err == nil || !errors.Is(err, fs.ErrPermission) {
		t.Errorf("in /: %v", err)
	}
}

func TestManyHowdahsAtOnceNeverHoldTheSameDirectory(t *testing.T) {
	leaks(t)
	path := filepath.Join(runtimeDirs(t), "howdah")
	var mu sync.Mutex
	var group sync.WaitGroup
	taken := 0
	for range 8 {
		group.Go(func() {
			for range 100 {
				d, err := LockRuntimeDir(path)
				var held *HeldError
				if errors.As(err, &held) {
					continue
				}
				if err != nil {
					t.Error(err)
					return
				}
				if !mu.TryLock() {
					t.Error("two hold it")
					return
				}
				taken++
				runtime.Gosched()
				mu.Unlock()
				closeDir(t, d)
			}
		})
	}
	group.Wait()
	if taken == 0 {
		t.Error("nobody ever held it")
	}
}

func TestPrivateRuntimeDirCanBeEnteredButNotListedAndIsRemovedWithAllInIt(t *testing.T) {
	leaks(t)
	if !asNobody(t) { // and as root too
		needRoot(t)
	}
	d, err := PrivateRuntimeDir()
	if err != nil {
		t.Fatal(err)
	}
	other, err := PrivateRuntimeDir()
	if err != nil {
		t.Fatal(err)
	}
	if d.Path() == other.Path() {
		t.Errorf("both have %s", d.Path())
	}
	closeDir(t, other)
	wantMode(t, d.Path(), fs.ModeDir|0o711)
	if len(d.Path()) > 40 {
		t.Errorf("%s is long for the directory of a Unix socket", d.Path())
	}
	if err := os.MkdirAll(filepath.Join(d.Path(), "www", "1"), 0o700); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		closeDir(t, d)
	}
	wantGone(t, d.Path())
}

func TestPrivateDirsOfKilledHowdahsAreFoundAndThoseOfLivingOnesAreNot(t *testing.T) {
	if !asNobody(t) {
		return
	}
	if os.Getenv("HOWDAH_TEST_LOCK") != "" {
		d, err := PrivateRuntimeDir()
		if err != nil {
			t.Fatal(err)
		}
		fmt.Println("\nprivate " + d.Path())
		io.ReadAll(os.Stdin) // until we are killed
		return
	}
	leaks(t)
	base := runtimeDirs(t)
	t.Setenv("XDG_RUNTIME_DIR", base)
	if err := os.Mkdir(filepath.Join(base, "howdah-private-notes"), 0o755); err != nil { // has no lock file
		t.Fatal(err)
	}
	living, err := PrivateRuntimeDir()
	if err != nil {
		t.Fatal(err)
	}
	defer closeDir(t, living)
	cmd := again(t, "HOWDAH_TEST_LOCK=yes")
	path := strings.TrimPrefix(startUntil(t, cmd, "private "), "private ")
	wantText(t, filepath.Dir(path), base)
	if list := AbandonedRuntimeDirs(); len(list) != 0 {
		t.Errorf("abandoned while all live: %v", list)
	}
	cmd.Process.Kill()
	cmd.Wait()
	list := AbandonedRuntimeDirs()
	if len(list) != 1 || list[0].Path() != path {
		t.Fatalf("abandoned: %v", list)
	}
	if again := AbandonedRuntimeDirs(); len(again) != 0 {
		t.Errorf("found twice: %v", again)
	}
	closeDir(t, list[0])
	wantGone(t, path)
	wantMode(t, living.Path(), fs.ModeDir|0o711)
}
