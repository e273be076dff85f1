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

// memory is what can be read at an address. A read that can't be had whole is an error.
type memory interface {
	read(address uint64, into []byte) error
}

// process is the memory of a process, by pid.
type process int

func (p process) read(address uint64, into []byte) error {
	local := []unix.Iovec{{Base: &into[0]}}
	local[0].SetLen(len(into))
	n, err := unix.ProcessVMReadv(int(p), local, []unix.RemoteIovec{{Base: uintptr(address), Len: len(into)}}, 0)
	switch {
	case errors.Is(err, unix.EFAULT), err == nil && n != len(into):
		return errWild
	case err != nil:
		return fmt.Errorf("process_vm_readv of process %d: %w", int(p), err)
	}
	return nil
}

// reader counts what it reads.
type reader struct {
	memory
	left int
}

func (r *reader) read(address uint64, into []byte) error {
	if r.left--; r.left < 0 {
		return errLong
	}
	if address == 0 || address%4 != 0 || address>>56 != 0 {
		return errWild
	}
	return r.memory.read(address, into)
}

func (r *reader) word(address uint64) (uint64, error) {
	var b [8]byte
	err := r.read(address, b[:])
	return binary.LittleEndian.Uint64(b[:]), err
}

// text reads a zend_string, nothing for nil. Bytes that would break a line of a log, or that PHP hides behind a NUL, are not in it.
func (r *reader) text(address uint64) (string, error) {
	if address == 0 {
		return "", nil
	}
	n, err := r.word(address + stringLen)
	if err != nil {
		return "", err
	}
	if n > 1<<30 {
		return "", errWild
	}
	b := make([]byte, min(n, maxString))
	if len(b) == 0 {
		return "", nil
	}
	if err := r.read(address+stringVal, b); err != nil {
		return "", err
	}
	for i, c := range b {
		if c == 0 {
			return string(b[:i]), nil
		}
		if c < ' ' || c == 0x7f {
			b[i] = '?'
		}
	}
	return string(b), nil
}
