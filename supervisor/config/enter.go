package config

import (
	"os"
	"path/filepath"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// enter is System.Enter on the real machine. The kernel is asked as the account, so ACLs and mount options count too; reading
// mode bits would not see them.
func enter(dir string, as *Account) (blocked string) {
	ways := []string{dir}
	if real, err := filepath.EvalSymlinks(dir); err == nil && real != dir {
		ways = append(ways, real)
	}
	if as == nil || os.Geteuid() != 0 || as.UID == 0 {
		return walk(ways)
	}
	done := make(chan string)
	go func() { done <- walkAs(ways, *as) }()
	return <-done
}

// walkAs is walk with the file access of as, on this thread only. It must have a goroutine of its own: if the thread does not become
// root again, it stays locked and ends with the goroutine.
func walkAs(ways []string, as Account) (blocked string) {
	runtime.LockOSThread()
	old, err := unix.Getgroups()
	if err != nil || setThreadGroups(as.Groups) != nil {
		return "" // not allowed to change groups: nothing to be learned
	}
	setThreadID(unix.SYS_SETFSGID, as.GID)
	setThreadID(unix.SYS_SETFSUID, as.UID)
	blocked = walk(ways)
	setThreadID(unix.SYS_SETFSUID, 0)
	setThreadID(unix.SYS_SETFSGID, uint32(os.Getegid()))
	groups := make([]uint32, len(old))
	for i, g := range old {
		groups[i] = uint32(g)
	}
	if setThreadGroups(groups) == nil && setThreadID(unix.SYS_SETFSUID, 0) == 0 {
		runtime.UnlockOSThread()
	}
	return blocked
}

// walk returns the first directory on the ways to the last one that can't be entered, or that one if it can't be listed.
func walk(ways []string) string {
	dir := ways[len(ways)-1]
	if f, err := os.Open(dir); err == nil {
		f.Close()
		return ""
	}
	for _, way := range ways {
		for i := range len(way) + 1 {
			if i > 0 && (i == len(way) || way[i] == '/') {
				var st unix.Stat_t
				if unix.Stat(way[:i]+"/.", &st) != nil {
					return way[:i]
				}
			}
		}
	}
	return dir
}

// setThreadGroups is setgroups(2) for this thread; unix.Setgroups would change all of them.
func setThreadGroups(groups []uint32) error {
	var first unsafe.Pointer
	if len(groups) > 0 {
		first = unsafe.Pointer(&groups[0])
	}
	if _, _, errno := unix.RawSyscall(unix.SYS_SETGROUPS, uintptr(len(groups)), uintptr(first), 0); errno != 0 {
		return errno
	}
	return nil
}

// setThreadID is setfsuid(2) or setfsgid(2), which return the previous id.
func setThreadID(call uintptr, id uint32) uintptr {
	previous, _, _ := unix.RawSyscall(call, uintptr(id), 0, 0)
	return previous
}
