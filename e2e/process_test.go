package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is what /proc says about a process.
type process struct {
	pid, parent int
	state       byte // R, S, D, T, Z …
	command     string
}

func (p process) String() string { return fmt.Sprintf("pid %d (%c) %s", p.pid, p.state, p.command) }

// kill ends a process that a failed test left behind, so that the next test is not disturbed.
func (p process) kill() { _ = syscall.Kill(p.pid, syscall.SIGKILL) }

// processes lists all processes, zombies without their command line.
func processes() []process {
	dirs, _ := filepath.Glob("/proc/[0-9]*")
	var all []process
	for _, dir := range dirs {
		pid, err := strconv.Atoi(filepath.Base(dir))
		if err != nil {
			continue
		}
		if p, ok := inspect(pid); ok {
			all = append(all, p)
		}
	}
	return all
}

// inspect reads one process; ok is false if it is gone.
func inspect(pid int) (p process, ok bool) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return process{}, false
	}
	_, rest, found := strings.Cut(string(stat[strings.LastIndexByte(string(stat), ')'):]), " ")
	fields := strings.Fields(rest)
	if !found || len(fields) < 2 {
		return process{}, false
	}
	p = process{pid: pid, state: fields[0][0]}
	p.parent, _ = strconv.Atoi(fields[1])
	command, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	p.command = strings.TrimSpace(strings.ReplaceAll(string(command), "\x00", " "))
	return p, true
}

// alive tells whether pid runs (a zombie does not).
func alive(pid int) bool {
	p, ok := inspect(pid)
	return ok && p.state != 'Z' && p.state != 'X'
}

// childrenOf lists the living children of pid.
func childrenOf(pid int) []process {
	var children []process
	for _, p := range processes() {
		if p.parent == pid && p.state != 'Z' {
			children = append(children, p)
		}
	}
	return children
}

// processesOf lists the living processes, other than this one, that name dir in their command line, working directory,
// environment or open files.
func processesOf(dir string) []process {
	var found []process
	for _, p := range processes() {
		if p.pid != os.Getpid() && p.state != 'Z' && p.mentions(dir) {
			found = append(found, p)
		}
	}
	return found
}

// mentions compares whole path elements, so that sandbox 1 does not claim the processes of sandbox 12.
func (p process) mentions(dir string) bool {
	names := func(text string) bool {
		for {
			i := strings.Index(text, dir)
			if i < 0 {
				return false
			}
			text = text[i+len(dir):]
			if text == "" || text[0] < '0' || text[0] > '9' {
				return true
			}
		}
	}
	if names(p.command) {
		return true
	}
	proc := fmt.Sprintf("/proc/%d/", p.pid)
	if environ, err := os.ReadFile(proc + "environ"); err == nil && names(string(environ)) {
		return true
	}
	links, _ := filepath.Glob(proc + "fd/*")
	for _, link := range append(links, proc+"cwd") {
		if target, err := os.Readlink(link); err == nil && names(target) {
			return true
		}
	}
	return false
}

// userOf is the effective uid of pid, -1 if it is gone.
func userOf(pid int) int {
	info, err := os.Stat(fmt.Sprintf("/proc/%d", pid))
	if err != nil {
		return -1
	}
	return int(info.Sys().(*syscall.Stat_t).Uid)
}

// openFiles counts the descriptors of pid.
func openFiles(pid int) int {
	entries, _ := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	return len(entries)
}

// peakMemory is the largest resident size that pid has had, in bytes.
func peakMemory(pid int) int64 {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kilobytes, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return kilobytes << 10
		}
	}
	return 0
}

// cpuTime is the processor time that pid has used.
func cpuTime(pid int) time.Duration {
	stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.ParseInt(fields[11], 10, 64)
	system, _ := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * 10 * time.Millisecond // clock ticks of 1/100 s
}

// ownerOf is the uid of a file.
func ownerOf(info os.FileInfo) int { return int(info.Sys().(*syscall.Stat_t).Uid) }
