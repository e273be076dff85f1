package main

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// syscallLoad is the load under which system calls are counted: more clients than workers, so that the loop's batches have several events.
var syscallLoad = load{Connections: 32, Duration: 3 * time.Second}

// calls counts system calls by name.
type calls map[string]float64

// total is the sum over all names.
func (c calls) total() float64 {
	var n float64
	for _, v := range c {
		n += v
	}
	return n
}

// add adds o, times scale.
func (c calls) add(o calls, scale float64) {
	for name, n := range o {
		c[name] += n * scale
	}
}

// syscallSides are the sides whose calls are counted.
func syscallSides(workers int) []side {
	p := staticPool(workers)
	return []side{fpmSide(p), howdahSide(p), howdahKeepSide(p)}
}

// countedCalls is the calls per request of some threads.
type countedCalls struct {
	Who   string
	Calls calls
}

// countSyscalls counts, per request, the calls of a side's workers, and for Howdah those of its busiest thread, which is the pool's
// loop, and those of all its others. The kernel counts (perf's tracepoints), so the threads are hardly slowed down and
// batches stay as large as they are; strace would stop each thread twice a call.
func (r *rig) countSyscalls(ctx context.Context, s side) (res []countedCalls, err error) {
	st, err := r.newStand(ctx, full, s)
	if err != nil {
		return nil, err
	}
	defer closing(st, &err)
	if _, err := st.run(ctx, 0, "hello.php", load{syscallLoad.Connections, time.Second}); err != nil {
		return nil, err
	}
	sv := st.servers[0]
	if s.Kind == howdah {
		threads, err := st.countCalls(ctx, []int{sv.child.pid()})
		if err != nil {
			return nil, err
		}
		loop, others := splitBusiest(threads)
		res = append(res, countedCalls{s.Name + ": loop", loop}, countedCalls{s.Name + ": other threads", others})
	}
	threads, err := st.countCalls(ctx, sv.workerPIDs())
	if err != nil {
		return nil, err
	}
	workers := calls{}
	for _, c := range threads {
		workers.add(c, 1)
	}
	return append(res, countedCalls{s.Name + ": workers", workers}), nil
}

// countCalls runs the load under perf and returns each thread's calls per request.
func (st *stand) countCalls(ctx context.Context, pids []int) (map[string]calls, error) {
	var list []string
	for _, pid := range pids {
		list = append(list, strconv.Itoa(pid))
	}
	out := filepath.Join(st.dir, "perf.csv")
	w, err := runWrk(ctx, syscallLoad, st.routes[0].url("hello.php"),
		"perf", "stat", "-x,", "--per-thread", "-e", "syscalls:sys_enter_*", "-o", out, "-p", strings.Join(list, ","), "--")
	if err != nil {
		return nil, fmt.Errorf("counting needs root and perf (apt-get install linux-perf): %w", err)
	}
	if w.Requests == 0 {
		return nil, fmt.Errorf("not one answer while counting")
	}
	f, err := os.Open(out)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	threads, err := parsePerf(f)
	if err != nil {
		return nil, fmt.Errorf("perf's counts: %w", err)
	}
	perRequest := map[string]calls{}
	for thread, c := range threads {
		perRequest[thread] = calls{}
		perRequest[thread].add(c, 1/float64(w.Requests))
	}
	return perRequest, nil
}

// parsePerf reads the lines "thread,count,unit,syscalls:sys_enter_NAME,…" of perf stat -x, --per-thread; threads that made no call are left out.
func parsePerf(r io.Reader) (map[string]calls, error) {
	threads := map[string]calls{}
	lines := 0
	s := bufio.NewScanner(r)
	for s.Scan() {
		thread, rest, _ := strings.Cut(s.Text(), ",")
		f := strings.Split(rest, ",")
		if len(f) < 3 {
			continue // the date, an empty line
		}
		lines++
		name, isCall := strings.CutPrefix(f[2], "syscalls:sys_enter_")
		n, err := strconv.ParseFloat(f[0], 64)
		if !isCall || err != nil || n == 0 { // <not counted>: the thread didn't run
			continue
		}
		if threads[thread] == nil {
			threads[thread] = calls{}
		}
		threads[thread][name] += n
	}
	if s.Err() == nil && lines == 0 {
		return nil, fmt.Errorf("there are none")
	}
	return threads, s.Err()
}

// splitBusiest parts the thread with the most calls from the rest.
func splitBusiest(threads map[string]calls) (busiest, others calls) {
	busiest, others = calls{}, calls{}
	names := slices.SortedFunc(maps.Keys(threads), func(a, b string) int {
		return cmp.Compare(threads[b].total(), threads[a].total())
	})
	for i, name := range names {
		if i == 0 {
			busiest = threads[name]
		} else {
			others.add(threads[name], 1)
		}
	}
	return busiest, others
}
