package main

import (
	"slices"
	"testing"
)

func TestSpreadIsMedianAndEnds(t *testing.T) {
	for _, c := range []struct {
		name string
		in   []float64
		want spread
	}{
		{"nothing", nil, spread{}},
		{"one", []float64{2}, spread{2, 2, 2}},
		{"odd number, unsorted", []float64{3, 1, 2}, spread{2, 1, 3}},
		{"even number takes the mean of the middle two", []float64{4, 1, 2, 3}, spread{2.5, 1, 4}},
	} {
		if got := spreadOf(c.in); got != c.want {
			t.Errorf("%s: spreadOf(%v) = %v, want %v", c.name, c.in, got, c.want)
		}
	}
}

func TestSpreadLeavesItsArgumentInOrder(t *testing.T) {
	in := []float64{3, 1, 2}
	spreadOf(in)
	if want := []float64{3, 1, 2}; !slices.Equal(in, want) {
		t.Errorf("spreadOf changed its argument to %v: rounds would no longer match", in)
	}
}

func TestRatiosAreTakenWithinARound(t *testing.T) {
	got := ratios([]float64{100, 200, 0}, []float64{150, 100, 7})
	if want := []float64{1.5, 0.5}; !slices.Equal(got, want) {
		t.Errorf("ratios = %v, want %v: the round without a base has none", got, want)
	}
}
