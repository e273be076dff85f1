package worker

// idleStack holds the idle workers of a generation, the hottest on top: the last that worked is the next to work, so that
// memory follows load and the coldest is the one to recycle. Forks that never worked lie at the bottom.
type idleStack struct {
	top, bottom *Worker
	len         int
	used        int // how many of them have worked
}

// push puts w on top, or at the bottom if it has never worked.
func (s *idleStack) push(w *Worker) {
	s.len++
	if w.served > 0 {
		s.used++
		w.below, w.above = s.top, nil
		if s.top == nil {
			s.bottom = w
		} else {
			s.top.above = w
		}
		s.top = w
		return
	}
	w.above, w.below = s.bottom, nil
	if s.bottom == nil {
		s.top = w
	} else {
		s.bottom.below = w
	}
	s.bottom = w
}

// pop takes the hottest; nil if there is none.
func (s *idleStack) pop() *Worker {
	w := s.top
	if w != nil {
		s.remove(w)
	}
	return w
}

func (s *idleStack) remove(w *Worker) {
	if w.above == nil {
		s.top = w.below
	} else {
		w.above.below = w.below
	}
	if w.below == nil {
		s.bottom = w.above
	} else {
		w.below.above = w.above
	}
	w.above, w.below = nil, nil
	s.len--
	if w.served > 0 {
		s.used--
	}
}
