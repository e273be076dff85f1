package worker

import "time"

// TimeBounds are the upper bounds of the classes of Times: seven in each power of ten from 1 ms to 60 s, so that a quantile that
// is interpolated between two of them is off by a quarter at the most.
var TimeBounds = [...]time.Duration{
	500 * time.Microsecond,
	1 * time.Millisecond, 1500 * time.Microsecond, 2 * time.Millisecond, 3 * time.Millisecond, 4 * time.Millisecond, 6 * time.Millisecond, 8 * time.Millisecond,
	10 * time.Millisecond, 15 * time.Millisecond, 20 * time.Millisecond, 30 * time.Millisecond, 40 * time.Millisecond, 60 * time.Millisecond, 80 * time.Millisecond,
	100 * time.Millisecond, 150 * time.Millisecond, 200 * time.Millisecond, 300 * time.Millisecond, 400 * time.Millisecond, 600 * time.Millisecond, 800 * time.Millisecond,
	1 * time.Second, 1500 * time.Millisecond, 2 * time.Second, 3 * time.Second, 4 * time.Second, 6 * time.Second, 8 * time.Second,
	10 * time.Second, 15 * time.Second, 20 * time.Second, 30 * time.Second, 40 * time.Second, 60 * time.Second,
}

// Times counts durations in classes. Its zero value is empty; it belongs to a loop, and is copied to be read elsewhere.
type Times struct {
	Classes [len(TimeBounds) + 1]uint64 // by TimeBounds; the last is for what is longer
	Sum     time.Duration
}

// add counts one duration. It is on the way of every request: it neither allocates nor asks for the time.
func (t *Times) add(d time.Duration) {
	t.Sum += d
	low, high := 0, len(TimeBounds) // the first bound that d is not above lies in [low, high]
	if d <= TimeBounds[0] {
		high = 0
	}
	for low < high {
		if middle := (low + high) / 2; TimeBounds[middle] < d {
			low = middle + 1
		} else {
			high = middle
		}
	}
	t.Classes[low]++
}

// Count is how many durations were counted.
func (t *Times) Count() (n uint64) {
	for _, c := range t.Classes {
		n += c
	}
	return n
}
