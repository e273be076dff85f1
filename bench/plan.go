package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// results is all that was measured, by kind of row.
type results struct {
	Rates    []rateResult
	Reloads  []reloadResult
	Bursts   []burstResult
	Memories []memoryResult
	Calls    [][]countedThreads
}

// measureAll measures the rows that the options ask for. A row that fails doesn't keep the others from being measured;
// only the end of ctx does.
func (r *rig) measureAll(ctx context.Context, o options) (results, error) {
	var res results
	p := planned{ctx, r, o, nil}
	switch {
	case o.Syscalls:
		for _, s := range syscallSides(o.Workers) {
			measure(&p, "system calls: "+s.Name, &res.Calls, func() ([]countedThreads, error) { return r.countSyscalls(ctx, s) })
		}
	case o.Control || o.Observed || o.Base != "": // the other rows have no ratios
		p.rates(&res)
	default:
		p.rates(&res)
		p.others(&res)
	}
	return res, errors.Join(append(p.errs, context.Cause(ctx))...)
}

// planned is a run of the plan and what went wrong in it.
type planned struct {
	ctx  context.Context
	rig  *rig
	o    options
	errs []error
}

func (p *planned) rates(res *results) {
	for _, row := range rateRows(p.o) {
		measure(p, row.name(), &res.Rates, func() (rateResult, error) { return p.rig.measureRate(p.ctx, row, p.o) })
	}
}

func (p *planned) others(res *results) {
	for _, s := range reloadSides(p.o.Workers) {
		measure(p, "reload: "+s.Name, &res.Reloads, func() (reloadResult, error) { return p.rig.measureReload(p.ctx, s, p.o.Reloading) })
	}
	for _, pool := range burstPools() {
		for _, s := range versus(pool) {
			name := fmt.Sprintf("burst: %s, pm = %s", s.Name, pool.PM)
			measure(p, name, &res.Bursts, func() (burstResult, error) { return p.rig.measureBurst(p.ctx, s) })
		}
	}
	for _, s := range versus(staticPool(memoryChildren)) {
		measure(p, "memory: "+s.Name, &res.Memories, func() (memoryResult, error) { return p.rig.measureMemory(p.ctx, s) })
	}
}

// measure adds a row to those measured, if it is asked for, or its error to the plan's.
func measure[T any](p *planned, name string, into *[]T, row func() (T, error)) {
	if p.ctx.Err() != nil || !p.o.Rows.MatchString(name) {
		return
	}
	p.rig.progress("%s", name)
	result, err := row()
	if p.ctx.Err() != nil {
		return // measureAll says why
	}
	if err != nil {
		p.rig.progress("%s: %v", name, err)
		p.errs = append(p.errs, fmt.Errorf("%s: %w", name, err))
		return
	}
	*into = append(*into, result)
}

// allCalls puts the columns of all sides beside each other.
func (res results) allCalls() []countedThreads { return slices.Concat(res.Calls...) }
