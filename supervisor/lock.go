package supervisor

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"
)

// lockName is the file in a runtime directory that a running Howdah holds locked. It has its process number in it.
const lockName = "howdah.lock"

// HeldError says that a running Howdah holds the runtime directory. It means exit code 78.
type HeldError struct {
	Dir string
	PID int // 0: it has not written its number yet
}

func (e *HeldError) Error() string {
	who := "another howdah"
	if e.PID != 0 {
		who += fmt.Sprintf(" (pid %d)", e.PID)
	}
	return who + " holds " + e.Dir + ": stop it, or give this one another runtime_dir"
}

// errLockGone says that the directory or its lock file went away while we reached for it: its owner has just ended.
var errLockGone = errors.New("the lock file went away")

// acquireLock locks the file in dir, which is made if create is set. The lock ends with the process, however it ends, so a
// file that is left behind means nothing.
//
// Source: flock(2). The file is removed by whoever holds it, so after the lock is ours it may no longer be the one of that
// name: then errLockGone.
func acquireLock(dir string, create bool) (*os.File, error) {
	path := filepath.Join(dir, lockName)
	flags := os.O_RDWR | unix.O_NOFOLLOW
	if create {
		flags |= os.O_CREATE
	}
	f, err := os.OpenFile(path, flags, 0o644)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, errLockGone
	case err != nil:
		return nil, fmt.Errorf("cannot lock the runtime directory: %w", err)
	}
	if err := lockFile(f, dir); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// lockFile makes the open file ours and writes our number into it.
func lockFile(f *os.File, dir string) error {
	err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	switch {
	case errors.Is(err, unix.EWOULDBLOCK):
		return &HeldError{Dir: dir, PID: lockHolder(f)}
	case err != nil:
		return fmt.Errorf("cannot lock %s: %w", f.Name(), err)
	}
	ours, err := f.Stat()
	if err != nil {
		return err
	}
	if there, err := os.Lstat(f.Name()); err != nil || !os.SameFile(ours, there) {
		return errLockGone
	}
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err = f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return err
}

// lockHolder reads the number in the lock file; 0 if there is none.
func lockHolder(f *os.File) int {
	text, _ := io.ReadAll(io.NewSectionReader(f, 0, 32))
	pid, _ := strconv.Atoi(string(bytes.TrimSpace(text)))
	return max(pid, 0)
}
