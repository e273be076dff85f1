package supervisor

import (
	"testing"
	"time"
)

func TestTheProcessorTimeOfAPoolNeverFalls(t *testing.T) {
	var tally cpuTally
	for i, step := range []struct {
		used map[int]time.Duration
		want time.Duration
	}{
		{map[int]time.Duration{1: 10}, 10},
		{map[int]time.Duration{1: 8}, 10},        // a worker has ended and is not reaped yet
		{map[int]time.Duration{1: 15, 2: 1}, 16}, // a reload
		{map[int]time.Duration{2: 3}, 18},        // the first generation has gone
		{map[int]time.Duration{}, 18},
		{map[int]time.Duration{3: 2}, 20},
	} {
		if got := tally.add(step.used); got != step.want {
			t.Errorf("step %d: %d, want %d", i, got, step.want)
		}
	}
}
