package main

import (
	"testing"
	"time"
)

func TestMachineTimeOfProcStat(t *testing.T) {
	got, err := parseMachine("cpu  100 10 200 1000 50 0 30 5 7 0\ncpu0 1 2 3 4 5 6 7 8 9 10\n")
	if err != nil {
		t.Fatal(err)
	}
	if want := (machineTime{Busy: 3450 * time.Millisecond, All: 13950 * time.Millisecond}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	for _, s := range []string{"", "intr 1 2 3", "cpu 1 2 3", "cpu a b c d e f g h"} {
		if m, err := parseMachine(s); err == nil {
			t.Errorf("%q was read as %+v", s, m)
		}
	}
}

func TestOthersHaveWhatIsBusyAndNotOurs(t *testing.T) {
	from := machineTime{Busy: 10 * time.Second, All: 100 * time.Second}
	to := machineTime{Busy: 17 * time.Second, All: 110 * time.Second}
	if got := othersShare(from, to, 5*time.Second); got != 0.2 {
		t.Errorf("others had %v of the machine, want 0.2", got)
	}
	if got := othersShare(from, to, 8*time.Second); got != 0 {
		t.Errorf("others had %v, want 0: clock ticks are coarse", got)
	}
	if got := othersShare(from, from, 0); got != 0 {
		t.Errorf("in no time others had %v, want 0", got)
	}
}
