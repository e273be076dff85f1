package worker

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func idleOf(s *idleStack) (pids []int) {
	for w := s.top; w != nil; w = w.below {
		pids = append(pids, w.pid)
	}
	return pids
}

func TestTheHottestWorkerIsTakenFirstAndFreshOnesLast(t *testing.T) {
	var s idleStack
	for _, w := range []*Worker{{pid: 1, served: 1}, {pid: 2}, {pid: 3, served: 9}, {pid: 4}, {pid: 5, served: 1}} {
		s.push(w)
	}
	if got := idleOf(&s); !slices.Equal(got, []int{5, 3, 1, 2, 4}) {
		t.Errorf("from top to bottom: %v", got)
	}
	if s.len != 5 || s.used != 3 {
		t.Errorf("%d idle, %d used", s.len, s.used)
	}
	var got []int
	for w := s.pop(); w != nil; w = s.pop() {
		got = append(got, w.pid)
	}
	if !slices.Equal(got, []int{5, 3, 1, 2, 4}) || s.len != 0 || s.used != 0 {
		t.Errorf("taken %v, then %d idle, %d used", got, s.len, s.used)
	}
}

func TestTheStackStaysWholeWhateverIsTakenOut(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var s idleStack
	var model []*Worker // top first
	for i := range 5000 {
		switch {
		case len(model) == 0 || r.IntN(2) == 0:
			w := &Worker{pid: i, served: r.IntN(2)}
			s.push(w)
			if w.served > 0 {
				model = slices.Insert(model, 0, w)
			} else {
				model = append(model, w)
			}
		case r.IntN(2) == 0:
			if w := s.pop(); w != model[0] {
				t.Fatalf("step %d: took %d, want %d", i, w.pid, model[0].pid)
			}
			model = model[1:]
		default:
			n := r.IntN(len(model))
			s.remove(model[n])
			model = slices.Delete(model, n, n+1)
		}
		used, want := 0, []int(nil)
		for _, w := range model {
			want = append(want, w.pid)
			if w.served > 0 {
				used++
			}
		}
		if got := idleOf(&s); !slices.Equal(got, want) || s.len != len(want) || s.used != used {
			t.Fatalf("step %d: holds %v (%d, %d used), want %v (%d used)", i, got, s.len, s.used, want, used)
		}
		up := 0
		for w := s.bottom; w != nil; w = w.above {
			up++
		}
		if up != len(model) {
			t.Fatalf("step %d: %d from the bottom, %d from the top", i, up, len(model))
		}
	}
}
