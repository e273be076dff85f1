package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// memoryChildren is the size of the pool whose memory is taken.
const memoryChildren = 50

// lightConnections is how many visitors at a time a pool has served before its memory is taken, for lightTime.
const (
	lightConnections = 4
	lightTime        = 2 * time.Second
)

// memoryResult is the memory of all processes of a side, in kB.
type memoryResult struct {
	Side       side
	Processes  int
	PSS        int // shared pages divided among those who share them
	PageTables int // VmPTE, which PSS leaves out
	ServerPSS  int // of PSS, the first process: php-fpm's master, or howdah itself
}

// measureMemory puts a side under the light load and adds up its processes.
func (r *rig) measureMemory(ctx context.Context, s side) (res memoryResult, err error) {
	st, err := r.newStand(ctx, plain, s)
	if err != nil {
		return res, err
	}
	defer closing(st, &err)
	if _, err := st.run(ctx, 0, helloBy(lightConnections), lightTime); err != nil {
		return res, err
	}
	res.Side = s
	for _, p := range descendants(st.servers[0].child.pid()) {
		pss, err := kilobytes(fmt.Sprintf("/proc/%d/smaps_rollup", p.PID), "Pss:")
		if err != nil {
			return res, err
		}
		tables, err := kilobytes(fmt.Sprintf("/proc/%d/status", p.PID), "VmPTE:")
		if err != nil {
			return res, err
		}
		if res.Processes == 0 {
			res.ServerPSS = pss
		}
		res.Processes++
		res.PSS += pss
		res.PageTables += tables
	}
	if res.Processes < memoryChildren {
		return res, fmt.Errorf("%s: %d processes, less than the %d workers it should have", s.Name, res.Processes, memoryChildren)
	}
	return res, nil
}

// kilobytes reads a line such as "Pss:  123 kB" of a file in /proc.
func kilobytes(file, key string) (int, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	n, err := findKilobytes(string(b), key)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", file, err)
	}
	return n, nil
}

func findKilobytes(text, key string) (int, error) {
	for s := bufio.NewScanner(strings.NewReader(text)); s.Scan(); {
		if f := strings.Fields(s.Text()); len(f) == 3 && f[0] == key && f[2] == "kB" {
			return strconv.Atoi(f[1])
		}
	}
	return 0, fmt.Errorf("no %s", key)
}
