package process

import (
	"os"

	"golang.org/x/sys/unix"
)

// OpenPidfd returns a descriptor that stands for the process and is readable once it has exited. It is close-on-exec.
func OpenPidfd(pid int) (int, error) {
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return -1, os.NewSyscallError("pidfd_open", err)
	}
	return fd, nil
}

// Signal sends sig to exactly the process that pidfd stands for; unix.ESRCH means that it has been reaped.
func Signal(pidfd int, sig unix.Signal) error {
	return unix.PidfdSendSignal(pidfd, sig, nil, 0)
}

// Exited reports whether the process has exited, reaped or not.
func Exited(pidfd int) bool {
	fds := []unix.PollFd{{Fd: int32(pidfd), Events: unix.POLLIN}}
	for {
		n, err := unix.Poll(fds, 0)
		if err == unix.EINTR {
			continue
		}
		return err == nil && n == 1
	}
}
