package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// syscallLoad is the load under which system calls are counted: more clients than workers, so that the loop's batches have several events.
var syscallLoad = load{Connections: 32, Duration: 3 * time.Second}

// syscallSides are the sides whose calls are counted.
func syscallSides(workers int) []side {
	p := staticPool(workers)
	return []side{fpmSide(p), howdahSide(p), howdahKeepSide(p)}
}

// countedThreads is what some threads did per request.
type countedThreads struct {
	Who        string
	PerRequest counts
}

// countSyscalls counts the calls of a side's workers, and for Howdah those of its busiest thread, which is the pool's loop, and
// those of all its other threads. The kernel counts (perf's tracepoints), so the threads are hardly slowed down and batches stay as
// large as they are; strace would stop the thread twice a call.
func (r *rig) countSyscalls(ctx context.Context, s side) (res []countedThreads, err error) {
	st, err := r.newStand(ctx, full, s)
	if err != nil {
		return nil, err
	}
	defer closing(st, &err)
	if _, err := st.run(ctx, 0, helloBy(syscallLoad.Connections), time.Second); err != nil {
		return nil, err
	}
	sv := st.servers[0]
	if s.Kind == howdah {
		threads, err := st.count(ctx, []int{sv.child.pid()})
		if err != nil {
			return nil, err
		}
		loop, others := splitBusiest(threads)
		res = append(res, countedThreads{s.Name + ": loop", loop}, countedThreads{s.Name + ": other threads", others})
	}
	threads, err := st.count(ctx, sv.workerPIDs())
	if err != nil {
		return nil, err
	}
	var workers counts
	for _, c := range threads {
		workers.add(c)
	}
	return append(res, countedThreads{s.Name + ": workers", workers}), nil
}

// count returns what each thread of the processes does per request. Time and switches are taken in a run of their own, because
// counting system calls makes each of them slower.
func (st *stand) count(ctx context.Context, pids []int) (map[string]counts, error) {
	threads, err := st.countEvents(ctx, pids, perfCPU, perfSwitches, perfMigrations)
	if err != nil {
		return nil, err
	}
	called, err := st.countEvents(ctx, pids, perfCall+"*")
	if err != nil {
		return nil, err
	}
	for name, c := range called {
		sum := threads[name]
		sum.add(c)
		threads[name] = sum
	}
	return threads, nil
}

// countEvents runs the load under perf and returns the events of each thread per request.
func (st *stand) countEvents(ctx context.Context, pids []int, events ...string) (map[string]counts, error) {
	var list []string
	for _, pid := range pids {
		list = append(list, strconv.Itoa(pid))
	}
	out := filepath.Join(st.dir, "perf.csv")
	w, err := runWrk(ctx, syscallLoad, st.routes[0].url("hello.php"),
		"perf", "stat", "-x,", "--per-thread", "-e", strings.Join(events, ","), "-o", out, "-p", strings.Join(list, ","), "--")
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
	for name, c := range threads {
		threads[name] = c.per(w.Requests)
	}
	return threads, nil
}
