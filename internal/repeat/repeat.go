package repeat

import "time"

// Limit lets one event through per Every and counts the others. Its zero value with Every set is ready for use.
//
// Times may come from any clock that does not run backwards. Concurrency: none; it belongs to its caller.
type Limit struct {
	Every time.Duration

	next    time.Duration // when the next event may be told at once
	pending int           // events since the last told one
	told    bool          // next holds
}

// Add notes an event at the time now. It returns how many events to tell about, this one and those counted before it; 0
// means that it is counted, and that Due says when to tell.
func (l *Limit) Add(now time.Duration) int {
	l.pending++
	return l.Tell(now)
}

// Tell returns how many counted events to tell about now: 0 if there are none, or if it is too early. Call it at Due, or
// the end of a flood is never told.
func (l *Limit) Tell(now time.Duration) int {
	if l.pending == 0 || l.told && now < l.next {
		return 0
	}
	n := l.pending
	l.pending, l.next, l.told = 0, now+l.Every, true
	return n
}

// Due is when Tell has something to tell, if events have been counted.
func (l *Limit) Due() (at time.Duration, counted bool) {
	return l.next, l.pending > 0
}

// Flush returns the events counted so far, however early it is: for the end of the service.
func (l *Limit) Flush() int {
	n := l.pending
	l.pending = 0
	return n
}
