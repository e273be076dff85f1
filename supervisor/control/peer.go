package control

import (
	"fmt"
	"net"
	"os"
	"slices"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Peer is the process at the other end of a connection, as the kernel attests it.
type Peer struct {
	PID, UID, GID int
	Groups        []int // supplementary ones
}

func (p Peer) String() string { return fmt.Sprintf("uid %d, pid %d", p.UID, p.PID) }

// allowed tells who may command: root, whoever Howdah runs as, and the members of the socket's group. The socket's mode has
// kept others out already, unless somebody changed it.
func (p Peer) allowed(self, group int) bool {
	return p.UID == 0 || p.UID == self || p.GID == group || slices.Contains(p.Groups, group)
}

// maxGroups is how many groups of a peer are looked at: the kernel's NGROUPS_MAX.
const maxGroups = 65536

// peerOf asks the kernel.
func peerOf(c *net.UnixConn) (p Peer, err error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return p, err
	}
	e := raw.Control(func(fd uintptr) {
		var cred *unix.Ucred
		if cred, err = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED); err != nil {
			err = os.NewSyscallError("getsockopt SO_PEERCRED", err)
			return
		}
		p = Peer{PID: int(cred.Pid), UID: int(cred.Uid), GID: int(cred.Gid)}
		p.Groups, err = peerGroups(fd)
	})
	if err == nil {
		err = e
	}
	return p, err
}

func peerGroups(fd uintptr) ([]int, error) {
	gids := make([]uint32, 64)
	for {
		size := uint32(len(gids) * 4)
		_, _, errno := unix.Syscall6(unix.SYS_GETSOCKOPT, fd, unix.SOL_SOCKET, unix.SO_PEERGROUPS,
			uintptr(unsafe.Pointer(&gids[0])), uintptr(unsafe.Pointer(&size)), 0)
		if errno == unix.ERANGE && len(gids) < maxGroups {
			gids = make([]uint32, maxGroups)
			continue
		}
		if errno != 0 {
			return nil, os.NewSyscallError("getsockopt SO_PEERGROUPS", errno)
		}
		groups := make([]int, size/4)
		for i := range groups {
			groups[i] = int(gids[i])
		}
		return groups, nil
	}
}
