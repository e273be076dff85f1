package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"howdah/supervisor/control"
)

// glance is how many workers status shows: those that have run their request for longest.
const glance = 20

// poolWorker is a worker and whose it is.
type poolWorker struct {
	pool string
	control.Worker
}

func (w poolWorker) running() bool { return w.Request != nil && w.Request.Running }

// writeWorkers writes a line for each worker, the busy ones first, at most limit; 0: all.
func writeWorkers(out io.Writer, pools []control.Pool, limit int) {
	var all []poolWorker
	for _, p := range pools {
		for _, w := range p.Workers {
			all = append(all, poolWorker{p.Name, w})
		}
	}
	slices.SortStableFunc(all, func(a, b poolWorker) int {
		switch {
		case a.running() != b.running():
			return map[bool]int{true: -1, false: 1}[a.running()]
		case a.running():
			return cmp.Compare(b.Request.Seconds, a.Request.Seconds)
		}
		return cmp.Or(cmp.Compare(a.pool, b.pool), cmp.Compare(b.Requests, a.Requests), cmp.Compare(a.PID, b.PID))
	})
	shown := all
	if limit > 0 && len(all) > limit {
		shown = all[:limit]
	}
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "PID\tPOOL\tSTATE\tREQUESTS\tAGE\tMEMORY\tCPU TIME\tTIME\tREQUEST")
	for _, w := range shown {
		took, request := "-", "-"
		if r := w.Request; r != nil {
			took, request = age(r.Seconds), requestLine(r)
		}
		fmt.Fprintf(t, "%d\t%s\t%s\t%d\t%s\t%s\t%s\t%s\t%s\n", w.PID, w.pool, workerState(w.Worker), w.Requests, age(w.AgeSeconds),
			size(w.MemoryBytes), age(w.CPUSeconds), took, request)
	}
	_ = t.Flush() // into memory, or a terminal that has gone
	if hidden := len(all) - len(shown); hidden > 0 {
		fmt.Fprintf(out, "… and %d more: howdah workers\n", hidden)
	}
}

func workerState(w control.Worker) string {
	if w.Doomed != "" {
		return w.State + ", to be recycled (" + w.Doomed + ")"
	}
	return w.State
}

// requestLine shows a request; one that is over stands in brackets.
func requestLine(r *control.Request) string {
	line := printable(r.Method + " " + r.URI)
	if r.Query != "" {
		line += "?" + printable(r.Query)
	}
	if !r.Running {
		return "(" + line + ")"
	}
	return line
}

// printable keeps what a client sent from commanding the terminal.
func printable(s string) string {
	quoted := fmt.Sprintf("%+q", s)
	return quoted[1 : len(quoted)-1]
}

// size writes bytes in binary units: 900K, 34.5M, 1.2G.
func size(bytes uint64) string {
	f := float64(bytes)
	switch {
	case bytes < 1<<20:
		return fmt.Sprintf("%.0fK", f/(1<<10))
	case bytes < 1<<30:
		return fmt.Sprintf("%.1fM", f/(1<<20))
	}
	return fmt.Sprintf("%.1fG", f/(1<<30))
}
