package fsuser

import (
	"os"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// User is somebody whose access is tried.
type User struct {
	UID, GID uint32
	Groups   []uint32
}

// Do calls f with the file access of u: as it is, if u is nil or root or we may not change. Call it on a goroutine that may end:
// should the thread not become itself again, it stays locked and ends with the goroutine.
func Do(u *User, f func()) {
	if u == nil || u.UID == 0 || os.Geteuid() != 0 {
		f()
		return
	}
	runtime.LockOSThread()
	old, err := unix.Getgroups()
	if err != nil || setGroups(u.Groups) != nil {
		runtime.UnlockOSThread()
		f()
		return
	}
	setID(unix.SYS_SETFSGID, u.GID)
	setID(unix.SYS_SETFSUID, u.UID)
	f()
	setID(unix.SYS_SETFSUID, 0)
	setID(unix.SYS_SETFSGID, uint32(os.Getegid()))
	groups := make([]uint32, len(old))
	for i, g := range old {
		groups[i] = uint32(g)
	}
	if setGroups(groups) == nil && setID(unix.SYS_SETFSUID, 0) == 0 {
		runtime.UnlockOSThread()
	}
}

// setGroups is setgroups(2) for this thread; unix.Setgroups would change all of them.
func setGroups(groups []uint32) error {
	var first unsafe.Pointer
	if len(groups) > 0 {
		first = unsafe.Pointer(&groups[0])
	}
	if _, _, errno := unix.RawSyscall(unix.SYS_SETGROUPS, uintptr(len(groups)), uintptr(first), 0); errno != 0 {
		return errno
	}
	return nil
}

// setID is setfsuid(2) or setfsgid(2), which return the previous id.
func setID(call uintptr, id uint32) uintptr {
	previous, _, _ := unix.RawSyscall(call, uintptr(id), 0, 0)
	return previous
}
