package main

import (
	"testing"
	"time"
)

func TestQuickIsShort(t *testing.T) {
	o, err := parseFlags([]string{"-quick"})
	if err != nil {
		t.Fatal(err)
	}
	if o.Duration != time.Second || o.Rounds != 3 {
		t.Errorf("-quick gives %v and %d rounds", o.Duration, o.Rounds)
	}
}

func TestFlagsThatMakeNoSenseAreRefused(t *testing.T) {
	for _, args := range [][]string{
		{"-duration", "1500ms"}, // wrk takes whole seconds
		{"-rounds", "0"},
		{"-workers", "0"},
		{"-rows", "("},
		{"-control", "-base", "x"},
		{"-classes", "-control"},
		{"hello"},
	} {
		if o, err := parseFlags(args); err == nil {
			t.Errorf("%q was taken as %+v", args, o)
		}
	}
}

func TestFPMHasAKeepaliveRowOnlyWhereItHasAWorkerForEachClient(t *testing.T) {
	for _, row := range rateRows(options{Workers: 8}) {
		has := false
		for _, s := range row.Sides {
			has = has || s.Kind == phpFPM && s.Keepalive
		}
		if want := row.Connections <= 8; has != want {
			t.Errorf("%s: php-fpm with keepalive: %v, want %v", row.name(), has, want)
		}
	}
}

func TestControlComparesNothingButFPM(t *testing.T) {
	for _, row := range rateRows(options{Workers: 8, Control: true}) {
		for _, s := range row.Sides {
			if s.Kind != phpFPM || s.Keepalive {
				t.Errorf("%s: a control row has %s", row.name(), s.Name)
			}
		}
	}
}

func TestWithClassesHowdahIsAlsoComparedWithFPMInItsOwnClass(t *testing.T) {
	for _, row := range rateRows(options{Workers: 8, Classes: true}) {
		found := 0
		for _, c := range row.Compared {
			a, b := row.Sides[c.A], row.Sides[c.B]
			if a.Kind == phpFPM && a.Pool.Class == batchClass && b.Kind == howdah && b.Pool.Class == ownClass {
				found++
			}
		}
		if found != 2 {
			t.Errorf("%s: %d comparisons of Howdah with php-fpm in SCHED_BATCH, want 2: with and without keepalive", row.name(), found)
		}
	}
}
