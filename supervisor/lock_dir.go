package supervisor

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// privatePattern is the name of private runtime directories, for os.MkdirTemp and filepath.Glob; no operator would choose it.
const privatePattern = "howdah-private-*"

// lockTries bounds how often a directory that others remove in the same moment is made again.
const lockTries = 10

// RuntimeDir is the directory for sockets and records of one running Howdah, which holds its lock.
type RuntimeDir struct {
	path    string
	lock    *os.File
	created bool // by us: Close removes it when it is empty
	private bool // Close removes it with all that is in it
}

// LockRuntimeDir makes the directory (0755) if it is missing and locks it.
//
// Errors: *HeldError if a running Howdah has it. A directory that others may write in is refused: they could put their
// sockets in place of ours.
func LockRuntimeDir(path string) (*RuntimeDir, error) {
	if !filepath.IsAbs(path) {
		return nil, fmt.Errorf("runtime_dir %q is not an absolute path", path)
	}
	for range lockTries {
		created, err := makeRuntimeDir(path)
		if err != nil {
			return nil, err
		}
		lock, err := acquireLock(path, true)
		if err == nil {
			return &RuntimeDir{path: path, lock: lock, created: created}, nil
		}
		if !errors.Is(err, errLockGone) {
			return nil, err
		}
	}
	return nil, fmt.Errorf("cannot lock %s: %w each time", path, errLockGone)
}

// makeRuntimeDir makes the directory and those above it, or checks the one there is.
func makeRuntimeDir(path string) (created bool, err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return false, fmt.Errorf("cannot make runtime_dir %s: %w", path, err)
	}
	err = os.Mkdir(path, 0o755)
	if errors.Is(err, fs.ErrExist) {
		return false, checkRuntimeDir(path)
	}
	if err == nil {
		err = os.Chmod(path, 0o755) // whatever the umask
	}
	if err != nil {
		return false, fmt.Errorf("cannot make runtime_dir %s: %w", path, err)
	}
	return true, nil
}

// checkRuntimeDir refuses what is no directory and what others may write in.
func checkRuntimeDir(path string) error {
	var st unix.Stat_t
	if err := unix.Lstat(path, &st); err != nil {
		if errors.Is(err, unix.ENOENT) {
			return nil // just removed; locking it finds out
		}
		return &os.PathError{Op: "lstat", Path: path, Err: err}
	}
	forbidden := uint32(0o022)
	if os.Geteuid() != 0 {
		forbidden = 0o002 // many people share their group with nobody and have a umask of 002
	}
	switch {
	case st.Mode&unix.S_IFMT == unix.S_IFLNK:
		return fmt.Errorf("runtime_dir %s is a symbolic link: name the directory itself", path)
	case st.Mode&unix.S_IFMT != unix.S_IFDIR:
		return fmt.Errorf("runtime_dir %s is not a directory", path)
	case int(st.Uid) != os.Geteuid() && st.Uid != 0:
		return fmt.Errorf("runtime_dir %s belongs to user %d, who could replace what is in it: chown it to user %d", path, st.Uid, os.Geteuid())
	case st.Mode&forbidden != 0:
		return fmt.Errorf("runtime_dir %s is writable for others (mode %04o), who could replace what is in it: chmod 755 it, or choose one for Howdah alone",
			path, st.Mode&0o7777)
	}
	return nil
}

// PrivateRuntimeDir makes a directory that no other Howdah uses, for serve --root and for an ordinary user. Its mode is 0711:
// workers of another user reach the sockets whose names they are told, and list nothing.
func PrivateRuntimeDir() (*RuntimeDir, error) {
	base := privateBase()
	for range lockTries {
		path, err := os.MkdirTemp(base, privatePattern)
		if err != nil {
			return nil, fmt.Errorf("cannot make a private runtime directory: %w", err)
		}
		lock, err := acquireLock(path, true)
		if err == nil {
			err = os.Chmod(path, 0o711)
		}
		if err == nil {
			return &RuntimeDir{path: path, lock: lock, private: true}, nil
		}
		os.RemoveAll(path)
		var held *HeldError // by one that looks for abandoned directories
		if !errors.As(err, &held) && !errors.Is(err, errLockGone) {
			return nil, err
		}
	}
	return nil, fmt.Errorf("cannot make a private runtime directory in %s: others remove it each time", base)
}

// privateBase is where private directories stand. Paths of sockets are short (unix(7)), so are these.
func privateBase() string {
	if os.Geteuid() != 0 {
		if dir := os.Getenv("XDG_RUNTIME_DIR"); filepath.IsAbs(dir) && unix.Access(dir, unix.W_OK|unix.X_OK) == nil {
			return dir
		}
		return os.TempDir()
	}
	// Root's XDG_RUNTIME_DIR and TMPDIR may be closed to the workers' user.
	if unix.Access("/run", unix.W_OK) == nil {
		return "/run"
	}
	return os.TempDir()
}

// AbandonedRuntimeDirs locks and returns the private directories whose Howdah was killed. Close removes each of them.
func AbandonedRuntimeDirs() []*RuntimeDir {
	paths, _ := filepath.Glob(filepath.Join(privateBase(), privatePattern))
	var list []*RuntimeDir
	for _, path := range paths {
		var st unix.Stat_t
		if unix.Lstat(path, &st) != nil || st.Mode&unix.S_IFMT != unix.S_IFDIR || int(st.Uid) != os.Geteuid() {
			continue
		}
		if lock, err := acquireLock(path, false); err == nil {
			list = append(list, &RuntimeDir{path: path, lock: lock, private: true})
		}
	}
	return list
}

// Path is the absolute path of the directory.
func (d *RuntimeDir) Path() string { return d.path }

// Close removes the lock, and the directory if it is private or was made by us and is empty. A second call does nothing.
func (d *RuntimeDir) Close() error {
	if d.lock == nil {
		return nil
	}
	defer func() {
		d.lock.Close() // last: until then nobody takes what we are removing
		d.lock = nil
	}()
	if d.private {
		return os.RemoveAll(d.path)
	}
	err := os.Remove(d.lock.Name())
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	if d.created && err == nil {
		os.Remove(d.path) // fails if others have put something in it, and then it shall
	}
	return err
}
