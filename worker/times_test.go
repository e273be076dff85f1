package worker

import (
	"slices"
	"testing"
	"time"
)

func TestADurationIsCountedInTheFirstClassThatHoldsIt(t *testing.T) {
	if !slices.IsSorted(TimeBounds[:]) {
		t.Fatal("the bounds are out of order")
	}
	for i, bound := range TimeBounds {
		var times Times
		times.add(bound)
		times.add(bound + 1)
		if times.Classes[i] != 1 || times.Classes[i+1] != 1 || times.Count() != 2 || times.Sum != 2*bound+1 {
			t.Errorf("%v and a little more: %+v", bound, times)
		}
	}
	var times Times
	times.add(0)
	times.add(time.Hour)
	if times.Classes[0] != 1 || times.Classes[len(TimeBounds)] != 1 {
		t.Errorf("nothing and an hour: %+v", times)
	}
}

func TestQuantilesFromOneMillisecondToAMinuteAreOffByAQuarterAtTheMost(t *testing.T) {
	for i := 1; i+1 < len(TimeBounds); i++ {
		low, high := float64(TimeBounds[i]), float64(TimeBounds[i+1])
		if middle := (low + high) / 2; (high-middle)/high > 0.25 || (middle-low)/low > 0.25 {
			t.Errorf("between %v and %v lies more", TimeBounds[i], TimeBounds[i+1])
		}
	}
}

func TestCountingADurationAllocatesNothing(t *testing.T) {
	var times Times
	if n := testing.AllocsPerRun(100, func() { times.add(17 * time.Millisecond) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkCountADuration(b *testing.B) {
	var times Times
	for i := range b.N {
		times.add(time.Duration(i&1023) * time.Millisecond)
	}
}
