package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"howdah/supervisor/control"
)

// writeStatus writes what a person reads at a glance: the service, what needs attention, the pools, the workers.
func writeStatus(out io.Writer, s control.Status) error {
	var b strings.Builder
	fmt.Fprintf(&b, "howdah %s, pid %d, up %s, runs %s, logs %s\n", s.Version, s.PID, age(s.UptimeSeconds), s.Source, s.Log.Level)
	for _, line := range remarks(s) {
		fmt.Fprintf(&b, "! %s\n", line)
	}
	b.WriteByte('\n')
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "POOL\tSTATE\tBUSY\tIDLE\tOF\tQUEUE\tPEAK\tREQUESTS\tFAILED\tGENERATION\tPHP\tLISTENS")
	for _, p := range s.Pools {
		fmt.Fprintf(t, "%s\t%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%s\t%s\t%s\n", p.Name, poolState(p), p.Busy, p.Idle, p.MaxChildren, p.Queue.Length,
			p.Queue.Peak, p.Requests.Completed, p.Requests.Failed, generation(p), dash(p.PHP.Version), listens(p))
	}
	_ = t.Flush() // into memory
	b.WriteByte('\n')
	writeWorkers(&b, s.Pools, glance)
	_, err := io.WriteString(out, b.String())
	return err
}

// remarks are what an operator should not overlook.
func remarks(s control.Status) (lines []string) {
	if s.Reloading {
		lines = append(lines, "a reload is under way")
	}
	if r := s.LastReload; r != nil && !r.OK {
		for _, p := range r.Problems {
			lines = append(lines, fmt.Sprintf("the reload %s ago failed: %s", age(r.AgoSeconds), p))
		}
	}
	for _, p := range s.Pools {
		if p.State == control.PoolStuck {
			lines = append(lines, fmt.Sprintf("pool %s is stuck: its event loop does not answer", p.Name))
		}
		if p.Paused != "" {
			lines = append(lines, fmt.Sprintf("pool %s is paused (%s): howdah pool resume %s", p.Name, p.Paused, p.Name))
		}
		if len(p.PHP.Newer) > 0 {
			lines = append(lines, fmt.Sprintf("pool %s runs an older PHP than the one on disk (%s): howdah reload", p.Name, someOf(p.PHP.Newer)))
		}
	}
	return lines
}

func poolState(p control.Pool) string {
	if p.Draining > 0 {
		return fmt.Sprintf("%s, %d draining", p.State, p.Draining)
	}
	return p.State
}

func generation(p control.Pool) string {
	if p.Generation == 0 {
		return "-"
	}
	return fmt.Sprint(p.Generation)
}

func listens(p control.Pool) string {
	var all []string
	for _, a := range []string{p.Listen, p.HTTP} {
		if a != "" {
			all = append(all, a)
		}
	}
	return strings.Join(all, ", ")
}

// someOf names the first of a list, and how many more there are.
func someOf(list []string) string {
	if len(list) > 1 {
		return fmt.Sprintf("%s and %d more", list[0], len(list)-1)
	}
	return list[0]
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// age writes a time in two units at most: 950ms, 3.2s, 12m40s, 5h12m, 8d3h.
func age(s float64) string {
	d := seconds(s)
	switch {
	case d < time.Second:
		return fmt.Sprintf("%dms", d.Milliseconds())
	case d < 10*time.Second:
		return fmt.Sprintf("%.1fs", d.Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%.0fs", d.Seconds())
	case d < time.Hour:
		return fmt.Sprintf("%dm%02ds", int(d.Minutes()), int(d.Seconds())%60)
	case d < 24*time.Hour:
		return fmt.Sprintf("%dh%02dm", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%dd%dh", int(d.Hours())/24, int(d.Hours())%24)
}
