package worker

import "slices"

// What the members of a family share. Each is cheap for a pool without sides: its family is nil.

// root is the main pool of p's family.
func (p *Pool) root() *Pool {
	if p.family == nil {
		return p
	}
	return p.family.main
}

// each calls f for p and, if p is a main pool, for its sides.
func (p *Pool) each(f func(*Pool)) {
	if p.family == nil || p.family.main != p {
		f(p)
		return
	}
	for _, m := range slices.Clone(p.family.members) {
		f(m)
	}
}

// busyNow is how many workers of p are busy, those of older generations included.
func (p *Pool) busyNow() int {
	n := p.olderBusy()
	if p.serving != nil {
		n += p.serving.busy
	}
	return n
}

func (p *Pool) olderBusy() (n int) {
	for g := range p.old {
		n += g.busy
	}
	return n
}

// overlaps reports whether the workers of older generations do not count yet, since a reload has just been.
func (p *Pool) overlaps() bool { return p.loop.Now()-p.switched < p.opts.ReloadOverlap }

// othersBusy is how many workers of the rest of the family are busy, as far as they count.
func (p *Pool) othersBusy() int {
	if p.family == nil {
		return 0
	}
	return p.family.others(p)
}

// others is how many workers of the other members are busy, as far as they count.
func (f *family) others(p *Pool) (n int) {
	for _, m := range f.members {
		if m == p {
			continue
		}
		if m.serving != nil {
			n += m.serving.busy
		}
		if m.stopping || len(m.old) > 0 && !m.overlaps() {
			n += m.olderBusy()
		}
	}
	return n
}

// waiting is how many jobs wait in the whole family.
func (f *family) waiting() (n int) {
	for _, m := range f.members {
		n += m.queue.len
	}
	return n
}

// crowd is how many jobs wait that count for queue_max.
func (p *Pool) crowd() int {
	if p.family == nil {
		return p.queue.len
	}
	return p.family.waiting()
}

// next is the member whose job is the next to run: of those that have a worker for it the one whose job waits for the longest
// time. It is nil if there is none.
func (p *Pool) next() *Pool {
	if p.family == nil {
		if p.ready() {
			return p
		}
		return nil
	}
	var next *Pool
	for _, m := range p.family.members {
		if m.ready() && (next == nil || m.queue.head.entered < next.queue.head.entered) {
			next = m
		}
	}
	return next
}

// ready reports whether the pool has a job that waits and a worker that may take it.
func (p *Pool) ready() bool {
	return p.queue.head != nil && p.serving != nil && p.serving.idle.len > 0 && p.serving.busy < p.allowance()
}

// turn reports whether p's own job comes before those of the other members. p has a worker in hand.
func (p *Pool) turn() bool {
	if p.family == nil {
		return true
	}
	next := p.next()
	return next == nil || p.queue.head.entered <= next.queue.head.entered
}
