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
