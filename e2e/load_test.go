package e2e

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// load is a number of clients that fetch one page again and again and count what comes of it.
type load struct {
	t    *testing.T
	quit chan struct{}
	done sync.WaitGroup

	mu sync.Mutex // guards tally
	tally
}

// tally counts answers by outcome: "200", "502", "wrong body", or the text of an error.
type tally struct {
	total    int
	outcomes map[string]int
	slowest  time.Duration // of the answers that were right
	latest   time.Time     // when the last right answer came
}

// startLoad sets clients to fetch path; an answer is right if it is 200 and its body has the prefix. A test that ends
// early stops it.
func (b *browser) startLoad(clients int, path, prefix string) *load {
	l := &load{t: b.t, quit: make(chan struct{}), tally: tally{outcomes: map[string]int{}}}
	for range clients {
		l.done.Add(1)
		go func() {
			defer l.done.Done()
			for !l.quitting() {
				l.count(b.fetch(path, prefix))
			}
		}()
	}
	b.t.Cleanup(func() { l.stop() })
	return l
}

// fetch sends one request and says what came of it.
func (b *browser) fetch(path, prefix string) (outcome string, took time.Duration) {
	p, err := b.try("GET", path, nil)
	switch {
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.ENOENT):
		return "refused", p.took
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "cut short", p.took
	case err != nil:
		return err.Error(), p.took
	case p.status == http.StatusOK && !strings.HasPrefix(p.body, prefix):
		return fmt.Sprintf("wrong body %.60q", p.body), p.took
	}
	return fmt.Sprint(p.status), p.took
}

func (l *load) quitting() bool {
	select {
	case <-l.quit:
		return true
	default:
		return false
	}
}

func (l *load) count(outcome string, took time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.total++
	l.outcomes[outcome]++
	if outcome == "200" {
		l.slowest = max(l.slowest, took)
		l.latest = time.Now()
	}
}

// good is the number of right answers so far.
func (l *load) good() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.outcomes["200"]
}

// wantProgress waits until n more right answers have come than there were at the call.
func (l *load) wantProgress(n int, limit time.Duration) {
	l.t.Helper()
	goal := l.good() + n
	wantWithin(l.t, limit, fmt.Sprintf("%d more good answers under load", n), func() bool { return l.good() >= goal })
}

// stop ends the load, waits for its clients and returns the counts. It may be called again.
func (l *load) stop() tally {
	if !l.quitting() {
		close(l.quit)
	}
	l.done.Wait()
	return l.tally
}

// bad counts the answers that were not right, less those that are allowed.
func (c tally) bad(allowed ...string) int {
	bad := 0
	for outcome, n := range c.outcomes {
		if outcome != "200" && !slices.Contains(allowed, outcome) {
			bad += n
		}
	}
	return bad
}

func (c tally) String() string {
	var parts []string
	for _, outcome := range slices.Sorted(maps.Keys(c.outcomes)) {
		parts = append(parts, fmt.Sprintf("%d × %s", c.outcomes[outcome], outcome))
	}
	return fmt.Sprintf("%d requests: %s; slowest %v", c.total, strings.Join(parts, ", "), c.slowest.Round(time.Millisecond))
}

// every calls f once a period, for the whole of a phase. The period is the pace of the disturbance, not a wait for anything.
func every(period, whole time.Duration, f func()) {
	tick := time.NewTicker(period)
	defer tick.Stop()
	end := time.After(whole)
	for {
		select {
		case <-tick.C:
			f()
		case <-end:
			return
		}
	}
}
