package main

import (
	"fmt"
	"slices"
)

// spread is the middle and the ends of some figures.
type spread struct {
	Median, Min, Max float64
}

// spreadOf summarises v; the median of an even number of figures is the mean of the middle two. All zero when v is empty.
func spreadOf(v []float64) spread {
	if len(v) == 0 {
		return spread{}
	}
	s := slices.Clone(v)
	slices.Sort(s)
	mid := len(s) / 2
	median := s[mid]
	if len(s)%2 == 0 {
		median = (s[mid-1] + s[mid]) / 2
	}
	return spread{Median: median, Min: s[0], Max: s[len(s)-1]}
}

// ratios divides b by a, round by round. A round in which a is zero has no ratio and is left out.
func ratios(a, b []float64) []float64 {
	var r []float64
	for i := range min(len(a), len(b)) {
		if a[i] != 0 {
			r = append(r, b[i]/a[i])
		}
	}
	return r
}

// ratio prints a spread of ratios: "1.23× (1.18..1.27)".
func (s spread) ratio() string {
	if s == (spread{}) {
		return "–"
	}
	return fmt.Sprintf("%.2f× (%.2f..%.2f)", s.Median, s.Min, s.Max)
}
