package httpfront

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// errOutside is the error for a file that lies neither under the root nor under a directory that symlinks may lead to.
var errOutside = errors.New("leads out of the root")

// A tree is the document root as one request sees it.
//
// Files are first opened as bare references (O_PATH: no device is touched, no FIFO waited for), and then the kernel is asked
// where the opened file lies. So it is the file itself that is judged, and not a name that may mean another file a moment
// later. os.Root can't be used: it has no way to let some symlinks out.
//
// Concurrency: belongs to one request.
type tree struct {
	fd     int
	path   string
	follow []string
}

func (t *tree) close() { unix.Close(t.fd) }

// An entry is a file or directory under the root that was found and may be served, as far as its place goes.
type entry struct {
	fd    int
	inner string // where it really lies, below the root or below the directory that a symlink led to
	mode  uint32
	mtime time.Time
	size  int64
}

func (e *entry) close() { unix.Close(e.fd) }

func (e *entry) isRegular() bool   { return e.mode&unix.S_IFMT == unix.S_IFREG }
func (e *entry) isDirectory() bool { return e.mode&unix.S_IFMT == unix.S_IFDIR }

// lookup finds what path (decoded, starting with a slash) names under the root.
//
// Errors: fs.ErrNotExist for everything that a client should take for absent, errOutside, or the system's.
func (t *tree) lookup(path string) (*entry, error) {
	fd, err := open(t.fd, "."+path, unix.O_PATH)
	if err != nil {
		return nil, err
	}
	e, err := t.judge(fd)
	if err != nil {
		unix.Close(fd)
		return nil, err
	}
	return e, nil
}

func (t *tree) judge(fd int) (*entry, error) {
	path, err := realPath(fd)
	if err != nil {
		return nil, err
	}
	inner, ok := below(t.path, path)
	if !ok {
		if inner, ok = t.followed(path); !ok {
			return nil, fmt.Errorf("%s: %w %s", path, errOutside, t.path)
		}
	}
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return nil, os.NewSyscallError("fstat", err)
	}
	return &entry{fd: fd, inner: inner, mode: st.Mode, mtime: time.Unix(st.Mtim.Unix()), size: st.Size}, nil
}

// followed tells where below a directory that symlinks may lead to path lies. These directories may be links themselves.
func (t *tree) followed(path string) (inner string, ok bool) {
	for _, dir := range t.follow {
		fd, err := open(unix.AT_FDCWD, dir, unix.O_PATH|unix.O_DIRECTORY)
		if err != nil {
			continue
		}
		base, err := realPath(fd)
		unix.Close(fd)
		if err != nil {
			continue
		}
		if inner, ok = below(base, path); ok {
			return inner, true
		}
	}
	return "", false
}

// reader opens the entry's content: the same file, whatever its name means by now.
func (e *entry) reader() (*os.File, error) {
	fd, err := open(unix.AT_FDCWD, procPath(e.fd), unix.O_RDONLY)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), e.inner), nil
}

// open is openat(2). Names that can't exist are reported as fs.ErrNotExist.
func open(dir int, path string, flags int) (int, error) {
	for {
		fd, err := unix.Openat(dir, path, flags|unix.O_CLOEXEC, 0)
		switch err {
		case nil:
			return fd, nil
		case unix.EINTR:
			continue
		case unix.ENOTDIR, unix.ENAMETOOLONG, unix.ELOOP:
			err = syscall.ENOENT
		}
		return -1, &fs.PathError{Op: "open", Path: path, Err: err}
	}
}

// realPath is where the kernel says that an open file lies. A file that was deleted meanwhile still has its last name.
func realPath(fd int) (string, error) {
	path, err := os.Readlink(procPath(fd))
	if err != nil {
		return "", fmt.Errorf("cannot tell where a file lies (is /proc mounted?): %w", err)
	}
	return strings.TrimSuffix(path, " (deleted)"), nil
}

func procPath(fd int) string { return "/proc/self/fd/" + strconv.Itoa(fd) }

// below cuts base off path, both absolute and without links. inner is "" for base itself.
func below(base, path string) (inner string, ok bool) {
	if base == "/" {
		return strings.TrimPrefix(path, "/"), strings.HasPrefix(path, "/")
	}
	if path == base {
		return "", true
	}
	return strings.CutPrefix(path, base+"/")
}
