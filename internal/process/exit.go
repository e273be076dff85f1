package process

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"unsafe"

	"golang.org/x/sys/unix"
)

// ExitCause says how a process ended.
type ExitCause struct {
	Signal int  // the signal that killed it, 0 if it exited
	Code   int  // the exit code if Signal is 0
	Known  bool // false: nobody could tell
}

// String words the cause as php-fpm does: "exited with code 0", "exited on signal 9 (SIGKILL)".
func (c ExitCause) String() string {
	switch {
	case !c.Known:
		return "exited, cause unknown"
	case c.Signal != 0:
		return fmt.Sprintf("exited on signal %d (%s)", c.Signal, unix.SignalName(unix.Signal(c.Signal)))
	default:
		return fmt.Sprintf("exited with code %d", c.Code)
	}
}

// Word is the cause in one word, of which there are few: "SIGSEGV", "exit", "unknown".
func (c ExitCause) Word() string {
	switch name := unix.SignalName(unix.Signal(c.Signal)); {
	case !c.Known:
		return "unknown"
	case c.Signal == 0:
		return "exit"
	case name != "":
		return name
	}
	return "signal"
}

// causeOf reads a wait status: the low seven bits are the signal, the next byte is the exit code (wait(2)).
func causeOf(status int) ExitCause {
	return ExitCause{Signal: status & 0x7f, Code: status >> 8 & 0xff, Known: true}
}

// ExitInfo returns how the process behind pidfd ended. The process need not be our child.
//
// The kernel keeps the wait status with the pidfd once the process is reaped (Linux 6.15); before that the zombie's
// /proc/PID/stat has it. A pid that is neither, on an older kernel, is unknown.
func ExitInfo(pidfd int) ExitCause {
	if status, ok := pidfdStatus(pidfd); ok {
		return causeOf(status)
	}
	if pid, err := pidOf(pidfd); err == nil {
		if st, err := ReadStat(pid); err == nil && st.State == 'Z' && mayTrace(pid) {
			// The pid could have been reused since pidOf; a pidfd that still names the pid proves that it was not.
			if again, err := pidOf(pidfd); err == nil && again == pid {
				return causeOf(st.ExitCode)
			}
		}
	}
	if status, ok := pidfdStatus(pidfd); ok { // reaped while we looked
		return causeOf(status)
	}
	return ExitCause{}
}

// mayTrace reports whether the kernel shows us the exit code in /proc/PID/stat; it shows 0 to others.
func mayTrace(pid int) bool {
	_, err := os.Readlink("/proc/" + strconv.Itoa(pid) + "/ns/pid") // the same check; a zombie gives ENOENT if it passes
	return !errors.Is(err, fs.ErrPermission)
}

// pidfdInfo is struct pidfd_info as Linux 6.13 had it (<linux/pidfd.h>, PIDFD_INFO_SIZE_VER0); later kernels accept this size.
type pidfdInfo struct {
	mask     uint64
	cgroupID uint64
	pid      uint32
	tgid     uint32
	ppid     uint32
	ids      [8]uint32
	exitCode int32
}

const (
	pidfdGetInfo  = 0xc040ff0b // _IOWR(0xFF, 11, struct pidfd_info), 64 bytes
	pidfdInfoExit = 1 << 3     // PIDFD_INFO_EXIT
)

func pidfdStatus(pidfd int) (status int, ok bool) {
	info := pidfdInfo{mask: pidfdInfoExit}
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(pidfd), pidfdGetInfo, uintptr(unsafe.Pointer(&info)))
	if errno != 0 || info.mask&pidfdInfoExit == 0 {
		return 0, false
	}
	return int(info.exitCode), true
}
