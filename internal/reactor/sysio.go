package reactor

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// The calls of the hot path on nonblocking descriptors. They bypass the Go scheduler's entry and exit of system calls, which
// is right only because none of them can sleep. Each repeats on EINTR. Errors are errnos, 0 for none.

// Read reads into b. n is 0 at the end of the stream.
func Read(fd int, b []byte) (n int, errno unix.Errno) {
	for {
		r, _, e := unix.RawSyscall(unix.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)))
		if e != unix.EINTR {
			return int(r), e
		}
	}
}

// Write writes b to a socket. A peer that has gone is EPIPE, without a signal.
func Write(fd int, b []byte) (n int, errno unix.Errno) {
	for {
		r, _, e := unix.RawSyscall6(unix.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)), unix.MSG_NOSIGNAL, 0, 0)
		if e != unix.EINTR {
			return int(r), e
		}
	}
}

// Accept takes one connection from a listener, nonblocking and close-on-exec. Aborted ones are passed over.
func Accept(fd int) (conn int, errno unix.Errno) {
	for {
		r, _, e := unix.RawSyscall6(unix.SYS_ACCEPT4, uintptr(fd), 0, 0, unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0, 0)
		if e != unix.EINTR && e != unix.ECONNABORTED {
			return int(r), e
		}
	}
}

// pollNow fetches the events that are ready, without waiting. It returns 0 also when the call was interrupted.
func pollNow(epfd int, events []unix.EpollEvent) int {
	r, _, e := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(epfd), uintptr(unsafe.Pointer(unsafe.SliceData(events))), uintptr(len(events)), 0, 0, 0)
	if e != 0 {
		return 0
	}
	return int(r)
}

// Close closes fd.
func Close(fd int) { _, _, _ = unix.RawSyscall(unix.SYS_CLOSE, uintptr(fd), 0, 0) }
