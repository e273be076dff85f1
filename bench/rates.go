package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// rateRow is a load that several sides are put under in turn.
type rateRow struct {
	Page        string // hello.php, or cpu.php, which is given the steps that take cpuPageTime
	Style       style
	Connections int
	Mixed       bool // others ask for cpu.php at the same time
	Sides       []side
	Compared    []pair
}

// pair is two sides of a row, by index, of which the table shows the ratio B : A.
type pair struct{ A, B int }

// cpuPageTime is what the page that only computes should take.
const cpuPageTime = 3 * time.Millisecond

// name is what -rows matches and the table shows.
func (r rateRow) name() string {
	page := r.Page
	if r.Mixed {
		page += " beside cpu.php"
	}
	return fmt.Sprintf("%s, %s nginx, c=%d, %d workers", page, r.Style, r.Connections, r.Sides[0].Pool.Children)
}

// against adds a side that is compared with those at the indexes base, and returns its own.
func (r *rateRow) against(s side, base ...int) int {
	r.Sides = append(r.Sides, s)
	b := len(r.Sides) - 1
	for _, a := range base {
		r.Compared = append(r.Compared, pair{a, b})
	}
	return b
}

// compete fills in the sides that the options ask for. With php-fpm a kept connection occupies a worker for as long as it lives,
// so php-fpm with keepalive takes part only where there is a worker for every client; beyond that clients wait until
// others leave.
func (r *rateRow) compete(o options, p poolSpec) {
	switch {
	case o.Control:
		r.against(controlSide(p), r.against(fpmSide(p)))
		return
	case o.Observed:
		r.against(howdahSide(p).observed(), r.against(howdahSide(p)))
		r.against(howdahKeepSide(p).observed(), r.against(howdahKeepSide(p)))
		return
	case o.Base != "":
		r.against(howdahSide(p), r.against(howdahSide(p).builtAs(o.Base)))
		r.against(howdahKeepSide(p), r.against(howdahKeepSide(p).builtAs(o.Base)))
		return
	}
	fpm := []int{r.against(fpmSide(p))}
	if o.Classes {
		fpm = append(fpm, r.against(fpmSide(p).in(batchClass), fpm[0]))
	}
	r.against(howdahSide(p), fpm...)
	if r.Connections <= p.Children {
		fpm = append(fpm, r.against(fpmKeepSide(p), fpm[0]))
	}
	r.against(howdahKeepSide(p), fpm...)
}

// rateRows lists the rows.
func rateRows(o options) []rateRow {
	var rows []rateRow
	add := func(page string, s style, connections, workers int) *rateRow {
		r := rateRow{Page: page, Style: s, Connections: connections}
		r.compete(o, staticPool(workers))
		rows = append(rows, r)
		return &rows[len(rows)-1]
	}
	for _, s := range []style{plain, full} {
		for _, c := range []int{8, 32, 200} {
			add("hello.php", s, c, o.Workers)
		}
	}
	add("cpu.php", plain, 8, o.Workers)
	add("cpu.php", full, 8, o.Workers)
	add("hello.php", plain, 8, o.Workers+besideConnections).Mixed = true
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
	cpu, err := st.cpuPage(ctx)
	if err != nil {
		return res, err
	}
	t := traffic{Page: row.Page, Connections: row.Connections}
	if row.Page == "cpu.php" {
		t.Page = cpu
	}
	if row.Mixed {
		t.Beside = cpu
	}
	m, err := st.measure(ctx, t, o.Duration, o.Rounds, float64(o.Quiet)/100)
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
