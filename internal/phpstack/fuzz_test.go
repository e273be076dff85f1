package phpstack

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"
)

// Whatever stands in memory, the reader comes to an end, with a stack or an error, and never looks at more than it may.
func FuzzGarbageIsReadWithoutHarm(f *testing.F) {
	f.Add([]byte{0}, uint64(0x1000))
	f.Add([]byte{8, 0, 0, 0, 0, 0, 0, 0}, uint64(8)) // everything points at the same place
	seed := make([]byte, 256)
	for i := range seed {
		seed[i] = byte(i * 7)
	}
	f.Add(seed, uint64(64))
	f.Fuzz(func(t *testing.T, data []byte, globals uint64) { readGarbage(t, data, globals) })
}

func TestRandomMemoryIsReadWithoutHarm(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		data := make([]byte, 8*(1+r.IntN(100)))
		for i := 0; i < len(data); i += 8 { // small, aligned numbers: they lead somewhere
			binary.LittleEndian.PutUint64(data[i:], uint64(r.IntN(1+len(data)/8)*8))
			if r.IntN(3) == 0 {
				data[i] = byte(r.IntN(9))
			}
		}
		readGarbage(t, data, uint64(r.IntN(1<<20)*8))
	}
}

func readGarbage(t *testing.T, data []byte, globals uint64) {
	for _, l := range layouts {
		im := &Image{globals: globals, layout: l}
		stack, _ := im.stable(garbage{data}, 20)
		if len(stack) > 20+maxDelegates {
			t.Errorf("%d frames", len(stack))
		}
		_, _ = stack.String(), stack.Lines(20)
	}
}
