package fcgiserver

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// listenUnix makes the socket with mode 0, gives it owner, mode and ACL, and only then lets connections in by listen(2).
//
// The mode of the new file is that of the unbound socket less the umask, so fchmod(2) before bind(2) does what php-fpm does
// by changing the umask, which all threads of a process share.
func listenUnix(path string, spec ListenSpec) (l *Listener, err error) {
	access, err := resolveAccess(spec)
	if err != nil {
		return nil, err
	}
	if err := clearPath(path); err != nil {
		return nil, err
	}
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	defer func() {
		if err != nil {
			unix.Close(fd)
		}
	}()
	if err := unix.Fchmod(fd, 0); err != nil {
		return nil, os.NewSyscallError("fchmod", err)
	}
	if err := unix.Bind(fd, &unix.SockaddrUnix{Name: path}); err != nil {
		return nil, explainBind(err, path)
	}
	file, err := openSocketFile(path)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			file.remove()
		}
	}()
	if err := file.apply(access); err != nil {
		return nil, err
	}
	if err := unix.Listen(fd, backlog(spec)); err != nil {
		return nil, os.NewSyscallError("listen", err)
	}
	if !file.inPlace() {
		return nil, fmt.Errorf("%w: its file has just been replaced", ErrInUse)
	}
	l = &Listener{fd: fd, network: "unix", address: path, spec: spec, file: file}
	l.allowed.Store(&spec.AllowedClients)
	return l, nil
}

// clearPath removes what is left of a server that died at path. It never removes what somebody listens on, nor anything
// that is not a socket.
func clearPath(path string) error {
	info, err := os.Stat(path) // through a symbolic link, which is replaced if it leads to a dead socket or to nothing
	switch {
	case err == nil && info.Mode()&fs.ModeSocket == 0:
		return fmt.Errorf("there is a %s of that name: remove it or choose another path", kind(info.Mode()))
	case err == nil:
		if err := probe(path); err != nil {
			return err
		}
	case !errors.Is(err, fs.ErrNotExist):
		return explainBind(err, path)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("cannot remove the socket that a dead server left: %w", err)
	}
	return nil
}

// probe connects to the socket: ErrInUse if somebody listens, nil if nobody does.
func probe(path string) error {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return os.NewSyscallError("socket", err)
	}
	defer unix.Close(fd)
	switch err := unix.Connect(fd, &unix.SockaddrUnix{Name: path}); err {
	case nil:
		return fmt.Errorf("%w%s: stop it or choose another path", ErrInUse, listenerOf(fd))
	case unix.ECONNREFUSED, unix.ENOENT:
		return nil
	case unix.EAGAIN, unix.EPROTOTYPE: // its backlog is full; it is no stream socket
		return fmt.Errorf("%w: stop it or choose another path", ErrInUse)
	default:
		return fmt.Errorf("cannot find out whether somebody listens there: %w", os.NewSyscallError("connect", err))
	}
}

// listenerOf says who listens at the other end. It knows who called listen(2), which a fork of it may have outlived.
func listenerOf(fd int) string {
	cred, err := unix.GetsockoptUcred(fd, unix.SOL_SOCKET, unix.SO_PEERCRED)
	if err != nil || cred.Pid == 0 {
		return ""
	}
	name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", cred.Pid))
	if err != nil {
		return fmt.Sprintf(" (a process that pid %d left behind; ss -xlp shows it)", cred.Pid)
	}
	return fmt.Sprintf(" (pid %d, %s)", cred.Pid, strings.TrimSpace(string(name)))
}

// explainBind adds what an operator can do about the usual failures.
func explainBind(err error, path string) error {
	dir := filepath.Dir(path)
	switch {
	case errors.Is(err, unix.EADDRINUSE):
		return fmt.Errorf("%w: it came in the same moment", ErrInUse)
	case errors.Is(err, unix.ENOENT):
		return fmt.Errorf("the directory %s does not exist: create it (under /run at each boot: tmpfiles.d, or RuntimeDirectory= of the unit)", dir)
	case errors.Is(err, unix.ENOTDIR):
		return fmt.Errorf("%s is not a directory", dir)
	case errors.Is(err, unix.EACCES):
		return fmt.Errorf("no permission to make a socket in %s: run as root, or make the directory writable for this user", dir)
	case errors.Is(err, unix.EROFS):
		return fmt.Errorf("%s is on a read-only file system (ReadWritePaths= of the unit?)", dir)
	}
	return os.NewSyscallError("bind", err)
}

// kind is an English word for what a file is.
func kind(mode fs.FileMode) string {
	switch {
	case mode.IsRegular():
		return "file"
	case mode.IsDir():
		return "directory"
	}
	return "device or pipe"
}
