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
	head := max(funcScope+8, inPage(address, funcSize)) // an internal function is shorter
	if err := r.read(address, b[:head]); err != nil {
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
	if head < funcSize {
		if err := r.read(address, b[:]); err != nil {
			return nil, err
		}
	}
	f.opcodes, f.last = word(im.layout.opcodes), uint64(binary.LittleEndian.Uint32(b[im.layout.last:]))
	if f.File, err = r.text(word(im.layout.filename)); err == nil && f.File == "" {
		f.File = "unknown" // a call by __call of an internal class
	}
	return f, err
}

// has says whether an operation is one of the function's own. Elsewhere it is while an exception is on its way.
func (f *function) has(opline uint64) bool {
	return f.last <= maxOpcodes && opline >= f.opcodes && opline < f.opcodes+max(f.last, 1)*opSize && (opline-f.opcodes)%opSize == 0
}
