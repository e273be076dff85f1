package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// rateRow is a load that several sides are put under in turn.
type rateRow struct {
	Page        string // hello.php, or cpu.php, which is given the steps that take cpuPageTime
	Style       style
	Connections int
	Sides       []side // the first is what the others are compared with
}

// cpuPageTime is what the page that only computes should take.
const cpuPageTime = 3 * time.Millisecond

// name is what -rows matches and the table shows.
func (r rateRow) name() string {
	return fmt.Sprintf("%s, %s nginx, c=%d, %d workers", r.Page, r.Style, r.Connections, r.Sides[0].Pool.Children)
}

// rateRows lists the rows. With php-fpm a kept connection occupies a worker for as long as it lives, so php-fpm with
// keepalive has a row only where there is a worker for every client; beyond that clients wait until others leave.
func rateRows(o options) []rateRow {
	var rows []rateRow
	add := func(page string, s style, connections, workers int) {
		p := staticPool(workers)
		sides := []side{fpmSide(p), howdahSide(p), howdahKeepSide(p)}
		switch {
		case o.Control:
			sides = []side{fpmSide(p), controlSide(p)}
		case connections <= workers:
			sides = append(sides, fpmKeepSide(p))
		}
		if o.Batch {
			for _, s := range slices.Clone(sides) {
				sides = append(sides, s.inBatch())
			}
		}
		rows = append(rows, rateRow{page, s, connections, sides})
	}
	for _, s := range []style{plain, full} {
		for _, c := range []int{8, 32, 200} {
			add("hello.php", s, c, o.Workers)
		}
	}
	add("cpu.php", plain, 8, o.Workers)
	add("cpu.php", full, 8, o.Workers)
	add("hello.php", plain, 400, 4)
	return rows
}

// rateResult is a measured row.
type rateResult struct {
	rateRow
	Measured []measurement // by side
}

// measureRate runs one row.
func (r *rig) measureRate(ctx context.Context, row rateRow, o options) (res rateResult, err error) {
	st, err := r.newStand(ctx, row.Style, row.Sides...)
	if err != nil {
		return res, err
	}
	defer closing(st, &err)
	page := row.Page
	if page == "cpu.php" {
		if page, err = st.cpuPage(ctx); err != nil {
			return res, err
		}
	}
	m, err := st.measure(ctx, page, load{row.Connections, o.Duration}, o.Rounds)
	return rateResult{row, m}, err
}

// cpuPage chooses the steps for cpuPageTime by the median of some runs by the first side.
func (st *stand) cpuPage(ctx context.Context) (string, error) {
	const steps = 50_000
	var took []float64
	for range 9 {
		body, err := get(ctx, st.routes[0].url("cpu.php?n="+strconv.Itoa(steps)))
		if err != nil {
			return "", err
		}
		us, err := strconv.Atoi(strings.TrimSpace(body))
		if err != nil || us == 0 {
			return "", fmt.Errorf("cpu.php answers %q, not the microseconds it took", body)
		}
		took = append(took, float64(us))
	}
	n := steps * float64(cpuPageTime.Microseconds()) / spreadOf(took).Median
	return fmt.Sprintf("cpu.php?n=%.0f", n), nil
}

// closing closes the stand and adds what went wrong to the error that the caller returns.
func closing(st *stand, err *error) {
	if e := st.close(); *err == nil {
		*err = e
	}
}
