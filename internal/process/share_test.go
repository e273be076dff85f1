package process

import (
	"os"
	"testing"
)

func TestTheShareOfAProcessIsNoMoreThanWhatItHolds(t *testing.T) {
	s, err := ReadShare(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	m, err := ReadMemory(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if s.PSS == 0 || s.PSS > m.Peak || s.PageTables == 0 || s.PageTables > m.Peak {
		t.Errorf("it holds %+v, its share is %+v", m, s)
	}
}

func BenchmarkReadShare(b *testing.B) {
	for range b.N {
		if _, err := ReadShare(os.Getpid()); err != nil {
			b.Fatal(err)
		}
	}
}
