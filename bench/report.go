package main

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// report writes the Markdown that bench prints.
type report struct {
	b strings.Builder
}

func (r *report) line(format string, a ...any) { fmt.Fprintf(&r.b, format+"\n", a...) }

// table starts a table with these column heads.
func (r *report) table(heads ...string) {
	r.line("")
	r.row(heads...)
	r.line("|%s", strings.Repeat("---|", len(heads)))
}

func (r *report) row(cells ...string) { r.line("| %s |", strings.Join(cells, " | ")) }

// head says when, where and with what.
func (r *report) head(o options) {
	r.line("%s, %s, %d cores (%s), load %s at the start.",
		time.Now().Format("2006-01-02 15:04"), kernel(), runtime.NumCPU(), cpuModel(), loadAverage())
	r.line("%s; nginx with worker_processes %s; wrk -t1, %v a run, %d rounds, pm = static unless a row says otherwise.",
		phpVersion(), o.NginxWorkers, o.Duration, o.Rounds)
}

// results prints a table for each kind of row that was measured.
func (r *report) results(res results) {
	r.rates(res.Rates)
	r.reloads(res.Reloads)
	r.bursts(res.Bursts)
	r.memories(res.Memories)
	r.syscalls(res.allCalls())
}

// rates prints one line per comparison: medians of the ratios within a round, and in brackets the smallest and the largest.
func (r *report) rates(results []rateResult) {
	if len(results) == 0 {
		return
	}
	r.table("page", "nginx", "clients", "workers", "compared", "req/s", "ratio of req/s", "p99 ms", "ratio of p99",
		"CPU µs/request", "the same with nginx", "failed", "rounds", "others had")
	for _, res := range results {
		for _, c := range res.Compared {
			a, b := res.Measured[c.A], res.Measured[c.B]
			compared := res.Sides[c.B].Name + " : " + res.Sides[c.A].Name
			if !res.Mixed {
				r.rate(res, res.Page, compared, a, b)
				continue
			}
			r.rate(res, res.Page+" beside cpu.php", compared, a, b)
			r.rate(res, "cpu.php at that time", compared, a.beside(), b.beside())
		}
	}
}

// rate prints the line of one comparison.
func (r *report) rate(res rateResult, page, compared string, a, b measurement) {
	r.row(page, string(res.Style), fmt.Sprint(res.Connections), fmt.Sprint(res.Sides[0].Pool.Children), compared,
		two(b, a, rateOf, "%.0f", 1), spreadOf(ratios(a.each(rateOf), b.each(rateOf))).ratio(),
		two(b, a, p99Of, "%.2f", float64(time.Millisecond)), spreadOf(ratios(a.each(p99Of), b.each(p99Of))).ratio(),
		two(b, a, serverCPUOf, "%.0f", float64(time.Microsecond)), two(b, a, allCPUOf, "%.0f", float64(time.Microsecond)),
		fmt.Sprintf("%d : %d", b.failed(), a.failed()), fmt.Sprint(len(a)), others(a, b))
}

// two prints the medians of a figure of two sides: "1234 : 1000".
func two(b, a measurement, figure func(sample) float64, format string, unit float64) string {
	return fmt.Sprintf(format+" : "+format, spreadOf(b.each(figure)).Median/unit, spreadOf(a.each(figure)).Median/unit)
}

// others prints the share of the machine that processes outside the bench had, in the middle and at most.
func others(a, b measurement) string {
	s := spreadOf(append(a.each(othersOf), b.each(othersOf)...))
	return fmt.Sprintf("%.0f %% (..%.0f)", 100*s.Median, 100*s.Max)
}

func (r *report) reloads(results []reloadResult) {
	if len(results) == 0 {
		return
	}
	r.table(fmt.Sprintf("reload each second, hello.php, %d clients", reloadConnections), "reloads", "req/s", "failed requests", "p50 ms", "p99 ms")
	for _, res := range results {
		r.row(res.Side.Name, fmt.Sprint(res.Reloads), fmt.Sprintf("%.0f", res.rate()), fmt.Sprintf("%d of %d", res.failed(), res.Requests),
			milliseconds(res.P50), milliseconds(res.P99))
	}
}

func (r *report) bursts(results []burstResult) {
	if len(results) == 0 {
		return
	}
	r.table(fmt.Sprintf("burst: %d requests at once to an idle pool of %d", burstChildren, burstChildren), "pm", "all busy after (each round)")
	for _, res := range results {
		var each []string
		for _, b := range res.Rounds {
			each = append(each, b.String())
		}
		r.row(res.Side.Name, res.Side.Pool.PM, strings.Join(each, ", "))
	}
}

func (r *report) memories(results []memoryResult) {
	if len(results) == 0 {
		return
	}
	r.table(fmt.Sprintf("memory of a pool of %d after light load", memoryChildren), "processes", "PSS MB", "page tables MB", "sum MB", "of it the server itself MB")
	for _, m := range results {
		r.row(m.Side.Name, fmt.Sprint(m.Processes), megabytes(m.PSS), megabytes(m.PageTables), megabytes(m.PSS+m.PageTables), megabytes(m.ServerPSS))
	}
}

// syscalls prints a line per system call and a column per group of threads; calls rarer than one in 100 requests are only in the sum.
func (r *report) syscalls(counted []countedThreads) {
	if len(counted) == 0 {
		return
	}
	heads := []string{"per request"}
	frequent := map[string]bool{}
	for _, c := range counted {
		heads = append(heads, c.Who)
		for name, n := range c.PerRequest.Calls {
			if n >= 0.01 {
				frequent[name] = true
			}
		}
	}
	r.table(heads...)
	line := func(title, format string, figure func(counts) float64) {
		cells := []string{title}
		for _, c := range counted {
			cells = append(cells, fmt.Sprintf(format, figure(c.PerRequest)))
		}
		r.row(cells...)
	}
	for _, name := range slices.Sorted(maps.Keys(frequent)) {
		line(name, "%.2f", func(c counts) float64 { return c.Calls[name] })
	}
	line("all system calls", "%.2f", counts.allCalls)
	line("context switches", "%.2f", func(c counts) float64 { return c.Switches })
	line("migrations", "%.2f", func(c counts) float64 { return c.Migrations })
	line("CPU µs", "%.1f", func(c counts) float64 { return float64(c.CPU) / float64(time.Microsecond) })
}

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.1f", float64(d)/float64(time.Millisecond))
}

func megabytes(kB int) string { return fmt.Sprintf("%.1f", float64(kB)/1024) }

func kernel() string {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return "unknown kernel"
	}
	return "Linux " + string(bytes.TrimRight(u.Release[:], "\x00"))
}

func cpuModel() string {
	b, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(b)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}

func loadAverage() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	first, _, _ := strings.Cut(string(b), " ")
	return first
}

// phpVersion is the first two words of php-fpm's version, and the kind of nginx it is behind.
func phpVersion() string {
	binary, err := findFPM()
	if err != nil {
		return "PHP unknown"
	}
	out, _ := exec.Command(binary, "-v").Output()
	if f := strings.Fields(string(out)); len(f) > 1 {
		return f[0] + " " + f[1]
	}
	return "PHP unknown"
}
