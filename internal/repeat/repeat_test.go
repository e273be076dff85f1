package repeat_test

import (
	"fmt"
	"testing"
	"time"

	"howdah/internal/repeat"
)

func want(t *testing.T, what string, got, want int) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %d events told, not %d", what, got, want)
	}
}

func TestFloodIsToldOnceASecondWithItsCount(t *testing.T) {
	l := repeat.Limit{Every: time.Second}
	now := time.Duration(0)
	want(t, "the first", l.Add(now), 1)
	for range 99 {
		now += 5 * time.Millisecond
		want(t, "within the second", l.Add(now), 0)
	}
	if at, counted := l.Due(); at != time.Second || !counted {
		t.Errorf("due at %v, %v", at, counted)
	}
	want(t, "too early", l.Tell(999*time.Millisecond), 0)
	want(t, "at the second", l.Tell(time.Second), 99)
	want(t, "nothing since", l.Tell(3*time.Second), 0)
	if _, counted := l.Due(); counted {
		t.Error("something is due although all was told")
	}
	want(t, "after a pause", l.Add(5*time.Second), 1)
}

func TestLateEventBringsOutThoseBeforeIt(t *testing.T) {
	l := repeat.Limit{Every: time.Second}
	want(t, "the first", l.Add(0), 1)
	want(t, "the second", l.Add(1), 0)
	want(t, "the third", l.Add(2*time.Second), 2)
}

func TestNoEventIsLostOrToldTwice(t *testing.T) {
	l := repeat.Limit{Every: 7}
	told := 0
	for now := range time.Duration(1000) {
		if now%3 != 0 {
			told += l.Add(now)
		}
		if now%5 == 0 {
			told += l.Tell(now)
		}
	}
	want(t, "over all", told+l.Flush(), 666)
	want(t, "a second flush", l.Flush(), 0)
}

func ExampleLimit() {
	l := repeat.Limit{Every: time.Second}
	for _, now := range []time.Duration{0, 100 * time.Millisecond, 200 * time.Millisecond, 1100 * time.Millisecond} {
		if n := l.Add(now); n > 0 {
			fmt.Printf("%v: the queue is full, %d refused\n", now, n)
		}
	}
	// Output:
	// 0s: the queue is full, 1 refused
	// 1.1s: the queue is full, 3 refused
}
