package phpstack

import (
	"encoding/binary"
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// maxReads bounds the system calls of one look at a stack, however long its chain of frames is.
const maxReads = 4096

// maxString is how much of a name or path is read: PATH_MAX.
const maxString = 4096

var (
	errWild = errors.New("an address leads nowhere") // what was read is no stack, or not any more
	errLong = errors.New("the stack is too long to read")
)

// memory is what can be read at addresses: pieces of the same size, one behind the other. What can't be had whole is an error.
type memory interface {
	read(addresses []uint64, into []byte) error
}

// process is the memory of a process, by pid.
type process int

func (p process) read(addresses []uint64, into []byte) error {
	size := len(into) / len(addresses)
	remote := make([]unix.RemoteIovec, len(addresses))
	for i, a := range addresses {
		remote[i] = unix.RemoteIovec{Base: uintptr(a), Len: size}
	}
	local := []unix.Iovec{{Base: &into[0]}}
	local[0].SetLen(len(into))
	n, err := unix.ProcessVMReadv(int(p), local, remote, 0)
	switch {
	case errors.Is(err, unix.EFAULT), err == nil && n != len(into):
		return errWild
	case err != nil:
		return fmt.Errorf("process_vm_readv of process %d: %w", int(p), err)
	}
	return nil
}

// maxPieces is how many addresses one call takes: IOV_MAX.
const maxPieces = 1024

// reader counts what it reads, and remembers texts.
type reader struct {
	memory
	left  int
	texts map[uint64]string
}

func newReader(m memory) *reader { return &reader{m, maxReads, map[uint64]string{}} }

func (r *reader) read(address uint64, into []byte) error {
	return r.gather([]uint64{address}, into)
}

// gather reads a piece at each address, at most maxPieces of them in one system call.
func (r *reader) gather(addresses []uint64, into []byte) error {
	for _, a := range addresses {
		if a == 0 || a%4 != 0 || a>>56 != 0 {
			return errWild
		}
	}
	for len(addresses) > 0 {
		if r.left--; r.left < 0 {
			return errLong
		}
		n := min(len(addresses), maxPieces)
		size := n * (len(into) / len(addresses))
		if err := r.memory.read(addresses[:n], into[:size]); err != nil {
			return err
		}
		addresses, into = addresses[n:], into[size:]
	}
	return nil
}

func (r *reader) word(address uint64) (uint64, error) {
	var b [8]byte
	err := r.read(address, b[:])
	return binary.LittleEndian.Uint64(b[:]), err
}

// pageSize is the smallest there is: memory is there or not by whole pages.
const pageSize = 4096

// inPage is how much of size bytes at address lies in the page where they begin.
func inPage(address uint64, size int) int { return min(size, pageSize-int(address%pageSize)) }

// text reads a zend_string, nothing for nil. Bytes that would break a line of a log, or that PHP hides behind a NUL, are not in it.
func (r *reader) text(address uint64) (string, error) {
	if address == 0 {
		return "", nil
	}
	if s, ok := r.texts[address]; ok {
		return s, nil
	}
	// Most strings are short: what may be there is read with the length.
	var b [256]byte
	head := b[:max(stringVal, inPage(address, len(b)))]
	if err := r.read(address, head); err != nil {
		return "", err
	}
	n := binary.LittleEndian.Uint64(head[stringLen:])
	if n > 1<<30 {
		return "", errWild
	}
	s := make([]byte, min(n, maxString))
	if got := copy(s, head[stringVal:]); got < len(s) {
		if err := r.read(address+stringVal+uint64(got), s[got:]); err != nil {
			return "", err
		}
	}
	r.texts[address] = printable(s)
	return r.texts[address], nil
}

func printable(s []byte) string {
	for i, c := range s {
		if c == 0 {
			return string(s[:i])
		}
		if c < ' ' || c == 0x7f {
			s[i] = '?'
		}
	}
	return string(s)
}
