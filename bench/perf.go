package main

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// counts is what the kernel counted of some threads.
type counts struct {
	Calls      map[string]float64 // system calls by name
	CPU        time.Duration
	Switches   float64 // times they left the processor
	Migrations float64 // times they went on on another core
}

// perfEvents are the events that counts holds, as perf names them.
const (
	perfCPU        = "task-clock"
	perfSwitches   = "context-switches"
	perfMigrations = "cpu-migrations"
	perfCall       = "syscalls:sys_enter_" // and the call's name
)

// allCalls is the sum over all names.
func (c counts) allCalls() float64 {
	var n float64
	for _, v := range c.Calls {
		n += v
	}
	return n
}

// add adds o.
func (c *counts) add(o counts) {
	if c.Calls == nil {
		c.Calls = map[string]float64{}
	}
	for name, n := range o.Calls {
		c.Calls[name] += n
	}
	c.CPU += o.CPU
	c.Switches += o.Switches
	c.Migrations += o.Migrations
}

// per divides everything by n requests.
func (c counts) per(n int) counts {
	d := counts{Calls: map[string]float64{}, CPU: c.CPU / time.Duration(n),
		Switches: c.Switches / float64(n), Migrations: c.Migrations / float64(n)}
	for name, v := range c.Calls {
		d.Calls[name] = v / float64(n)
	}
	return d
}

// parsePerf reads the lines "thread,count,unit,event,…" of perf stat -x, --per-thread. Threads that did not run are left out.
func parsePerf(r io.Reader) (map[string]counts, error) {
	threads := map[string]counts{}
	lines := 0
	s := bufio.NewScanner(r)
	for s.Scan() {
		thread, rest, _ := strings.Cut(s.Text(), ",")
		f := strings.Split(rest, ",")
		if len(f) < 3 {
			continue // the date, an empty line
		}
		lines++
		n, err := strconv.ParseFloat(f[0], 64)
		if err != nil || n == 0 { // <not counted>: it did not run
			continue
		}
		var c counts
		switch event := f[2]; event {
		case perfCPU:
			c.CPU = time.Duration(n * float64(time.Millisecond))
		case perfSwitches:
			c.Switches = n
		case perfMigrations:
			c.Migrations = n
		default:
			name, ok := strings.CutPrefix(event, perfCall)
			if !ok {
				return nil, fmt.Errorf("an event that was not asked for: %q", event)
			}
			c.Calls = map[string]float64{name: n}
		}
		sum := threads[thread]
		sum.add(c)
		threads[thread] = sum
	}
	if s.Err() == nil && lines == 0 {
		return nil, fmt.Errorf("there are none")
	}
	return threads, s.Err()
}

// splitBusiest parts the thread with the most system calls from the rest.
func splitBusiest(threads map[string]counts) (busiest, others counts) {
	name := ""
	for thread, c := range threads {
		if name == "" || c.allCalls() > threads[name].allCalls() {
			name = thread
		}
	}
	for thread, c := range threads {
		if thread != name {
			others.add(c)
		}
	}
	return threads[name], others
}
