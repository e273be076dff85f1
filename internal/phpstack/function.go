package phpstack

import "encoding/binary"

// maxOpcodes bounds the operations of a function: PHP would not compile more.
const maxOpcodes = 1 << 26

// function is what all frames of a PHP function have in common.
type function struct {
	Frame
	opcodes, last uint64
}

func (im *Image) function(r *reader, address uint64) (*function, error) {
	var b [funcSize]byte
	if err := r.read(address, b[:funcScope+8]); err != nil { // an internal function may end there
		return nil, err
	}
	word := func(at uint64) uint64 { return binary.LittleEndian.Uint64(b[at:]) }
	f := new(function)
	var err error
	if f.Function, err = r.text(word(funcName)); err != nil {
		return nil, err
	}
	if class := word(funcScope); class != 0 && f.Function != "" {
		name, err := r.word(class + className)
		if err != nil {
			return nil, err
		}
		if f.Class, err = r.text(name); err != nil {
			return nil, err
		}
	}
	switch b[funcType] {
	case internalFunction:
		return f, nil
	case userFunction, evalCode:
	default:
		return nil, errWild
	}
	if err := r.read(address, b[:]); err != nil {
		return nil, err
	}
	f.opcodes, f.last = word(im.layout.opcodes), uint64(binary.LittleEndian.Uint32(b[im.layout.last:]))
	if f.File, err = r.text(word(im.layout.filename)); err == nil && f.File == "" {
		f.File = "unknown" // a call by __call of an internal class
	}
	return f, err
}

// line is the line of the operation that a frame has come to. Elsewhere than in the function's own code, as while an exception is on
// its way, it is 0.
func (f *function) line(r *reader, opline uint64) (int, error) {
	if f.last > maxOpcodes || opline < f.opcodes || opline >= f.opcodes+max(f.last, 1)*opSize || (opline-f.opcodes)%opSize != 0 {
		return 0, nil
	}
	var b [4]byte
	err := r.read(opline+opLine, b[:])
	return int(binary.LittleEndian.Uint32(b[:])), err
}
