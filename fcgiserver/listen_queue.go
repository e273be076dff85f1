package fcgiserver

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Queue tells how many connections wait in the kernel to be accepted, and how many may. Neither call waits for anything: the
// kernel answers from memory. Any goroutine may call it while the listener is open.
//
// Source: tcp(7), TCP_INFO, whose tcpi_unacked and tcpi_sacked mean this on a listening socket (tcp_get_info in net/ipv4/tcp.c);
// sock_diag(7), UNIX_DIAG_RQLEN.
func (l *Listener) Queue() (waiting, limit int, err error) {
	if l.network == "tcp" {
		info, err := unix.GetsockoptTCPInfo(l.fd, unix.IPPROTO_TCP, unix.TCP_INFO)
		if err != nil {
			return 0, 0, os.NewSyscallError("getsockopt", err)
		}
		return int(info.Unacked), int(info.Sacked), nil
	}
	waiting, limit, err = unixQueue(l.fd)
	if err != nil {
		return 0, 0, fmt.Errorf("the queue of a Unix socket: %w", err)
	}
	return waiting, limit, nil
}

// unixDiagReq is struct unix_diag_req of linux/unix_diag.h.
type unixDiagReq struct {
	family   uint8
	protocol uint8
	_        uint16
	states   uint32
	inode    uint32
	show     uint32
	cookie   [2]uint32
}

// Constants of linux/sock_diag.h and linux/unix_diag.h.
const (
	sockDiagByFamily = 20
	unixDiagShowRQ   = 0x10
	unixDiagRQ       = 4 // the attribute: two uint32
	unixDiagMsgLen   = 16
	attributeHeader  = 4
)

var errNoAnswer = errors.New("the kernel's answer does not have it")

// unixQueue asks for one socket, by its inode.
func unixQueue(fd int) (waiting, limit int, err error) {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return 0, 0, os.NewSyscallError("fstat", err)
	}
	diag, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_SOCK_DIAG)
	if err != nil {
		return 0, 0, os.NewSyscallError("socket", err)
	}
	defer unix.Close(diag)
	request := struct {
		unix.NlMsghdr
		unixDiagReq
	}{
		unix.NlMsghdr{Type: sockDiagByFamily, Flags: unix.NLM_F_REQUEST},
		unixDiagReq{family: unix.AF_UNIX, states: ^uint32(0), inode: uint32(st.Ino), show: unixDiagShowRQ, cookie: [2]uint32{^uint32(0), ^uint32(0)}},
	}
	request.Len = uint32(unsafe.Sizeof(request))
	message := unsafe.Slice((*byte)(unsafe.Pointer(&request)), unsafe.Sizeof(request))
	if err := unix.Sendto(diag, message, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return 0, 0, os.NewSyscallError("sendto", err)
	}
	var answer [512]byte
	n, _, err := unix.Recvfrom(diag, answer[:], unix.MSG_DONTWAIT) // it is there already
	if err != nil {
		return 0, 0, os.NewSyscallError("recvfrom", err)
	}
	return parseUnixQueue(answer[:n])
}

// parseUnixQueue finds the attribute in a netlink message.
func parseUnixQueue(b []byte) (waiting, limit int, err error) {
	if len(b) < unix.SizeofNlMsghdr+4 {
		return 0, 0, errNoAnswer
	}
	native := binary.NativeEndian
	if native.Uint16(b[4:]) == unix.NLMSG_ERROR {
		return 0, 0, unix.Errno(-int32(native.Uint32(b[unix.SizeofNlMsghdr:])))
	}
	if len(b) < unix.SizeofNlMsghdr+unixDiagMsgLen {
		return 0, 0, errNoAnswer
	}
	for b = b[unix.SizeofNlMsghdr+unixDiagMsgLen:]; len(b) >= attributeHeader; {
		size := int(native.Uint16(b))
		if size < attributeHeader || size > len(b) {
			return 0, 0, errNoAnswer
		}
		if native.Uint16(b[2:]) == unixDiagRQ && size >= attributeHeader+8 {
			return int(native.Uint32(b[4:])), int(native.Uint32(b[8:])), nil
		}
		b = b[min((size+3)&^3, len(b)):]
	}
	return 0, 0, errNoAnswer
}
