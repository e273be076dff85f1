package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// clockTick is the unit of the times in /proc/PID/stat: USER_HZ, 100 on every Linux that Go runs on.
const clockTick = 10 * time.Millisecond

// proc is a process as /proc/PID/stat shows it.
type proc struct {
	PID, PPID int
	Name      string // at most 15 bytes
	State     byte   // R, S, D, T, Z, …
	Start     uint64 // ticks after boot; with the pid it names a process for good
	CPU       time.Duration
}

// parseProc reads one line of /proc/PID/stat. CPU is the process's own time, user and system, and that of the children it has
// waited for, so that the sum over a tree doesn't fall when a process of the tree ends.
func parseProc(stat string) (proc, error) {
	open, end := strings.IndexByte(stat, '('), strings.LastIndexByte(stat, ')')
	if open < 0 || end < open {
		return proc{}, fmt.Errorf("no name in %q", stat)
	}
	f := strings.Fields(stat[end+1:]) // f[0] is field 3 of proc(5)
	if len(f) < 20 {
		return proc{}, fmt.Errorf("only %d fields in %q", len(f)+2, stat)
	}
	p := proc{Name: stat[open+1 : end], State: f[0][0]}
	var err error
	number := func(s string) uint64 {
		n, e := strconv.ParseUint(s, 10, 64)
		if e != nil {
			err = fmt.Errorf("in %q: %w", stat, e)
		}
		return n
	}
	p.PID = int(number(strings.TrimSpace(stat[:open])))
	p.PPID = int(number(f[1]))
	p.CPU = time.Duration(number(f[11])+number(f[12])+number(f[13])+number(f[14])) * clockTick
	p.Start = number(f[19])
	return p, err
}

// readProc reads a process; false when it is gone.
func readProc(pid int) (proc, bool) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return proc{}, false
	}
	p, err := parseProc(string(b))
	return p, err == nil
}

// descendants returns the process root and all that came from it, parents before children. Empty when root is gone.
func descendants(root int) []proc {
	paths, _ := filepath.Glob("/proc/[0-9]*/stat")
	var all []proc
	for _, path := range paths {
		if b, err := os.ReadFile(path); err == nil { // else it ended in the meantime
			if p, err := parseProc(string(b)); err == nil {
				all = append(all, p)
			}
		}
	}
	return treeOf(all, root)
}

func treeOf(all []proc, root int) []proc {
	children := map[int][]proc{}
	var tree []proc
	for _, p := range all {
		children[p.PPID] = append(children[p.PPID], p)
		if p.PID == root {
			tree = append(tree, p)
		}
	}
	for i := 0; i < len(tree); i++ {
		tree = append(tree, children[tree[i].PID]...)
	}
	return tree
}

// cpuOf is the time that the tree under root has used.
func cpuOf(root int) time.Duration {
	var sum time.Duration
	for _, p := range descendants(root) {
		sum += p.CPU
	}
	return sum
}
