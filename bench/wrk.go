package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// load is one run of wrk: connections that each send the next request as soon as the last is answered.
type load struct {
	Connections int
	Duration    time.Duration
}

// wrkResult is what a run of wrk says.
type wrkResult struct {
	Requests int           // answered, whatever the status
	Elapsed  time.Duration // as wrk measured it
	P50, P99 time.Duration
	BadCodes int // answers that are not 2xx or 3xx
	Broken   int // connections that failed, reads and writes that failed, answers that took over 2 s
}

// rate is answers per second.
func (r wrkResult) rate() float64 {
	if r.Elapsed == 0 {
		return 0
	}
	return float64(r.Requests) / r.Elapsed.Seconds()
}

// failed counts what a visitor would have noticed.
func (r wrkResult) failed() int { return r.BadCodes + r.Broken }

// runWrk loads url; before are words to put before wrk, a program that runs it. One thread is enough for what PHP can answer
// on a few cores, and two would take more from PHP. It ends within the duration plus 30 s, or when ctx does.
func runWrk(ctx context.Context, l load, url string, before ...string) (wrkResult, error) {
	ctx, cancel := context.WithTimeout(ctx, l.Duration+30*time.Second)
	defer cancel()
	argv := append(before, wrkCommand(l, url)...)
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.SysProcAttr = childAttr()
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		return wrkResult{}, fmt.Errorf("wrk %s: %w", url, context.Cause(ctx))
	}
	if err != nil {
		return wrkResult{}, fmt.Errorf("%s %s: %w: %s", argv[0], url, err, strings.TrimSpace(string(out)))
	}
	r, err := parseWrk(string(out))
	if err != nil {
		return wrkResult{}, fmt.Errorf("wrk %s: %w", url, err)
	}
	return r, nil
}

func wrkCommand(l load, url string) []string {
	return []string{"wrk", "--latency", "-t1", "-c", strconv.Itoa(l.Connections), "-d", wrkDuration(l.Duration), url}
}

// readWrk reads the report that a wrk has left in its log.
func readWrk(log string) (wrkResult, error) {
	b, err := os.ReadFile(log)
	if err != nil {
		return wrkResult{}, err
	}
	return parseWrk(string(b))
}

// wrkDuration rounds up to whole seconds, the only durations that wrk takes.
func wrkDuration(d time.Duration) string {
	return strconv.Itoa(int((d+time.Second-1)/time.Second)) + "s"
}

// parseWrk reads the report of `wrk --latency`. A report without a request count or a 99th percentile is an error.
func parseWrk(out string) (wrkResult, error) {
	var r wrkResult
	var seenCount, seenP99 bool
	for s := bufio.NewScanner(strings.NewReader(out)); s.Scan(); {
		line := s.Text()
		f := strings.Fields(line)
		var err error
		switch {
		case len(f) >= 4 && f[1] == "requests" && f[2] == "in": // "  123456 requests in 4.01s, 20.5MB read"
			seenCount = true
			if r.Requests, err = strconv.Atoi(f[0]); err == nil {
				r.Elapsed, err = time.ParseDuration(strings.TrimSuffix(f[3], ","))
			}
		case len(f) == 2 && f[0] == "50%":
			r.P50, err = time.ParseDuration(f[1])
		case len(f) == 2 && f[0] == "99%":
			seenP99 = true
			r.P99, err = time.ParseDuration(f[1])
		case strings.HasPrefix(strings.TrimSpace(line), "Socket errors:"):
			var connect, read, write, timeout int
			_, err = fmt.Sscanf(strings.TrimSpace(line), "Socket errors: connect %d, read %d, write %d, timeout %d",
				&connect, &read, &write, &timeout)
			r.Broken = connect + read + write + timeout
		case len(f) == 5 && f[0] == "Non-2xx":
			r.BadCodes, err = strconv.Atoi(f[4])
		}
		if err != nil {
			return r, fmt.Errorf("cannot read its line %q: %w", line, err)
		}
	}
	if !seenCount || !seenP99 {
		return r, fmt.Errorf("no request count or no latency in its report: %q", out)
	}
	return r, nil
}
