package phpstack

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

const (
	// MaxDepth is the most frames that are read.
	MaxDepth = 1000
	// beyond is how many frames more are looked at, for the place that the last one was called from.
	beyond = 16
	// attempts is how often a stack that changes meanwhile is read.
	attempts = 5
	// maxDelegates bounds a chain of generators that delegate to each other.
	maxDelegates = 256
)

// ErrIdle says that no PHP code runs in the process.
var ErrIdle = errors.New("no PHP code runs")

// Read returns the stack of pid, a fork of the image's php-cgi: depth frames or a few more, the innermost first. It is empty, with
// ErrIdle, between requests. A stack that changes faster than it can be read comes without its innermost frames.
func (im *Image) Read(pid, depth int) (t Trace, err error) {
	err = withRights(pid, func() error {
		t, err = im.stable(process(pid), min(depth, MaxDepth)+beyond)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("phpstack: process %d: %w", pid, err)
	}
	return t, nil
}

// link is a frame of PHP as it was read, before its names are looked up.
type link struct {
	address, opline, function, this uint64
	prev                            uint64
	info                            uint32
}

// stable reads until the frames are still there when all is read, or takes those that are.
func (im *Image) stable(m memory, depth int) (best Trace, err error) {
	for range attempts {
		r := newReader(m)
		var chain []link
		if chain, err = im.chain(r, depth); err == nil {
			var t Trace
			if t, err = im.name(r, chain); err == nil {
				gone := im.gone(r, chain)
				if gone == 0 {
					return t.told(), nil
				}
				if t = t[gone:].told(); len(t) > len(best) {
					best = t
				}
			}
		}
		if err != nil && !errors.Is(err, errWild) && !errors.Is(err, ErrIdle) {
			return nil, err
		}
	}
	if len(best) > 0 {
		return best, nil
	}
	if err == nil {
		err = errors.New("the stack changes too fast to be read")
	}
	return nil, err
}

// chain follows the frames, at most depth.
func (im *Image) chain(r *reader, depth int) ([]link, error) {
	address, err := r.word(im.globals + im.layout.current)
	if err != nil {
		return nil, err
	}
	if address == 0 {
		return nil, ErrIdle
	}
	var chain []link
	for address != 0 && len(chain) < depth {
		l, err := r.link(address)
		if err != nil {
			return nil, err
		}
		if l.function == 0 && l.info&0xff == isObject {
			delegates, err := r.delegates(l)
			if err != nil {
				return nil, err
			}
			chain = append(chain, delegates...)
		} else {
			chain = append(chain, l)
		}
		if address = l.prev; address == 0 && l.function != 0 && l.info&topCall == 0 {
			return nil, errWild // a call that is being prepared, in the place of one that has returned
		}
	}
	return chain, nil
}

func (r *reader) link(address uint64) (link, error) {
	if address%8 != 0 {
		return link{}, errWild
	}
	var b [frameSize]byte
	if err := r.read(address, b[:]); err != nil {
		return link{}, err
	}
	return asLink(address, b[:]), nil
}

func asLink(address uint64, b []byte) link {
	word := func(at int) uint64 { return binary.LittleEndian.Uint64(b[at:]) }
	return link{address, word(frameOpline), word(frameFunc), word(frameThis), word(framePrev), uint32(word(frameInfo))}
}

// delegates are the frames that a placeholder stands for: those of the generators that wait in "yield from" for the one that runs,
// which is the last they delegate to. Source: zend_generator_check_placeholder_frame in Zend/zend_generators.c.
func (r *reader) delegates(placeholder link) ([]link, error) {
	at, ok := delegations[placeholder.address-placeholder.this]
	if !ok {
		return nil, nil // some other frame without a function
	}
	var frames []link
	for generator := placeholder.this; len(frames) < maxDelegates; {
		next, err := r.word(generator + at.parent)
		if err != nil {
			return nil, err
		}
		if next == 0 { // this one runs, and has its frame in the chain
			slices.Reverse(frames)
			return frames, nil
		}
		address, err := r.word(generator + at.frame)
		if err != nil {
			return nil, err
		}
		l, err := r.link(address)
		if err != nil {
			return nil, err
		}
		frames = append(frames, l)
		generator = next
	}
	return nil, errWild
}

// gone counts the frames, from the innermost, that are not there any more or have been replaced.
func (im *Image) gone(r *reader, chain []link) int {
	addresses := make([]uint64, len(chain))
	for i, l := range chain {
		addresses[i] = l.address
	}
	now := make([]byte, len(chain)*frameSize)
	if r.gather(addresses, now) != nil { // perhaps only some of the memory has gone
		return im.goneSince(r, chain)
	}
	for i, l := range slices.Backward(chain) {
		if n := asLink(l.address, now[i*frameSize:]); n.function != l.function || n.prev != l.prev {
			return i + 1
		}
	}
	if top, err := r.word(im.globals + im.layout.current); err != nil || len(chain) > 0 && top != chain[0].address {
		return im.returned(r, top, chain)
	}
	return 0
}

// goneSince is gone where not all of the frames can be read any more.
func (im *Image) goneSince(r *reader, chain []link) int {
	for i, l := range slices.Backward(chain) {
		now, err := r.link(l.address)
		if err != nil || now.function != l.function || now.prev != l.prev {
			return i + 1
		}
	}
	return 1 // it is there again, and what was called since is not known
}

// returned counts the frames that the process has returned from, though their memory is as it was.
func (im *Image) returned(r *reader, top uint64, chain []link) int {
	for range beyond { // what has been called since
		if i := slices.IndexFunc(chain, func(l link) bool { return l.address == top }); i >= 0 {
			return max(i, 1)
		}
		l, err := r.link(top)
		if err != nil {
			break
		}
		top = l.prev
	}
	return len(chain)
}

// name looks up what the frames of a chain run: one Frame for each. Those of PHP's own, such as the bottom of a Fiber, have nothing
// to tell, and stay empty.
func (im *Image) name(r *reader, chain []link) (Trace, error) {
	known := map[uint64]*function{} // a recursion is read once
	var t Trace
	var lines []uint64 // where the line of a frame is to be read
	var at []int       // and which frame's
	for _, l := range chain {
		if l.function == 0 {
			t = append(t, Frame{})
			continue
		}
		f := known[l.function]
		if f == nil {
			var err error
			if f, err = im.function(r, l.function); err != nil {
				return nil, err
			}
			known[l.function] = f
		}
		frame := f.Frame
		frame.Address = l.address
		if frame.File != "" && f.has(l.opline) {
			lines, at = append(lines, l.opline+opLine), append(at, len(t))
		}
		t = append(t, frame)
	}
	numbers := make([]byte, 4*len(lines))
	if err := r.gather(lines, numbers); err != nil {
		return nil, err
	}
	for i, frame := range at {
		t[frame].Line = int(binary.LittleEndian.Uint32(numbers[4*i:]))
	}
	return t, nil
}
