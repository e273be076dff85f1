package reactor

import "time"

// Deadlines is a line of entries that all expire the same time after they entered it, so that the first to enter is the
// first to expire: entering and leaving cost a few pointers, however many there are, and one timer serves all.
//
// A change of duration holds for entries from then on. It belongs to the loop.
type Deadlines struct {
	timer *Timer
	after time.Duration
	head  *Deadline
	tail  *Deadline
}

// Deadline is a place in a line of Deadlines. Its zero value with Expired set is ready for use.
type Deadline struct {
	Expired    func() // called on the loop, after the entry has left the line
	line       *Deadlines
	at         time.Duration
	prev, next *Deadline
}

// NewDeadlines makes an empty line whose entries expire after d; none ever expires if d is 0.
func (l *Loop) NewDeadlines(d time.Duration) *Deadlines {
	s := &Deadlines{after: d}
	s.timer = l.NewTimer(s.fire)
	return s
}

// SetDuration changes the time that entries get from now on.
func (s *Deadlines) SetDuration(d time.Duration) { s.after = d }

// Enter puts d at the end of the line, from wherever it was.
func (s *Deadlines) Enter(d *Deadline) {
	d.Leave()
	if s.after <= 0 {
		return
	}
	d.line, d.at = s, s.timer.loop.now+s.after
	before := s.tail
	for before != nil && before.at > d.at { // only after the duration was shortened
		before = before.prev
	}
	d.prev = before
	if before == nil {
		d.next, s.head = s.head, d
	} else {
		d.next, before.next = before.next, d
	}
	if d.next == nil {
		s.tail = d
	} else {
		d.next.prev = d
	}
	if !s.timer.Active() || (s.head == d && d.next != nil) {
		s.timer.setAt(d.at)
	}
}

// Leave takes d out of its line; nothing happens if it is in none.
func (d *Deadline) Leave() {
	s := d.line
	if s == nil {
		return
	}
	if d.prev == nil {
		s.head = d.next
	} else {
		d.prev.next = d.next
	}
	if d.next == nil {
		s.tail = d.prev
	} else {
		d.next.prev = d.prev
	}
	d.line, d.prev, d.next = nil, nil, nil
}

// fire expires what is due. The timer is left set to an entry that has gone, rather than moved at each Leave: it then fires
// once for nothing.
func (s *Deadlines) fire() {
	for s.head != nil && s.head.at <= s.timer.loop.now {
		d := s.head
		d.Leave()
		d.Expired()
	}
	if s.head != nil {
		s.timer.setAt(s.head.at)
	}
}
