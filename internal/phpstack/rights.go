package phpstack

import (
	"errors"
	"os"
	"runtime"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// withRights calls look, which looks into pid. Where that is not allowed, and we are root, as in a container that withholds
// CAP_SYS_PTRACE, it is tried once more as the user of the process: the kernel then sees one of that user's processes look at
// another. Source: ptrace(2), "Ptrace access mode checking".
func withRights(pid int, look func() error) error {
	err := look()
	if os.Geteuid() != 0 || !errors.Is(err, unix.EPERM) && !errors.Is(err, unix.EACCES) {
		return err
	}
	info, statErr := os.Stat("/proc/" + strconv.Itoa(pid))
	if statErr != nil {
		return err
	}
	st := info.Sys().(*syscall.Stat_t)
	if st.Uid == 0 { // root's own, or a process that may not be dumped
		return err
	}
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // and it stays locked: the thread ends with its borrowed user
		if become(st.Uid, st.Gid) != nil {
			done <- err
			return
		}
		done <- look()
	}()
	return <-done
}

// become makes uid and gid the real and the file-system user of this thread alone; access to /proc goes by the second, to memory by
// the first.
func become(uid, gid uint32) error {
	const keep = ^uintptr(0)
	for _, call := range [][4]uintptr{
		{unix.SYS_SETRESGID, uintptr(gid), keep, keep},
		{unix.SYS_SETFSGID, uintptr(gid)},
		{unix.SYS_SETRESUID, uintptr(uid), keep, keep},
		{unix.SYS_SETFSUID, uintptr(uid)}, // returns the one before
	} {
		if _, _, errno := unix.RawSyscall(call[0], call[1], call[2], call[3]); errno != 0 && (call[0] == unix.SYS_SETRESGID || call[0] == unix.SYS_SETRESUID) {
			return errno
		}
	}
	return nil
}
