package wsbridge

import (
	"testing"
	"time"
)

func TestEdge10MemoryIsGivenBackOnceAfterEachStorm(t *testing.T) {
	var storm tidy
	for _, step := range []struct {
		second     int
		handshakes uint64
		want       bool
	}{
		{1, 10, false}, {10, 10, false}, // no storm
		{11, 5000, false}, {12, 9000, false}, {15, 9000, false}, {18, 9000, true}, {19, 9000, false}, {40, 9000, false},
		{41, 9100, false}, {50, 9100, false}, {51, 9900, false}, {57, 9900, true},
	} {
		if got := storm.due(step.handshakes, time.Duration(step.second)*time.Second); got != step.want {
			t.Errorf("second %d, %d handshakes: %v", step.second, step.handshakes, got)
		}
	}
}

func TestABucketHoldsABurstOfTwiceItsRate(t *testing.T) {
	var b bucket
	now := time.Second
	for i := range 20 {
		if wait := b.allow(10, now); wait != 0 {
			t.Fatalf("token %d: wait %v", i, wait)
		}
	}
	if wait := b.allow(10, now); wait != 100*time.Millisecond {
		t.Errorf("after the burst: wait %v", wait)
	}
	if wait := b.allow(10, now+100*time.Millisecond); wait != 0 {
		t.Errorf("a token later: wait %v", wait)
	}
	var debt bucket
	if wait, _ := debt.spend(30, 10, now); wait != time.Second {
		t.Errorf("a debt of 10: wait %v", wait)
	}
	if _, owing := debt.spend(20, 10, now+time.Second); owing != time.Second {
		t.Errorf("in debt for %v, want 1s", owing)
	}
	if wait, owing := debt.spend(1, 10, now+time.Minute); wait != 0 || owing != 0 {
		t.Errorf("paid: %v %v", wait, owing)
	}
}
