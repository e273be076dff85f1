package process

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Stat is the part of /proc/PID/stat that Howdah uses (proc_pid_stat(5)).
type Stat struct {
	PID, PPID, PGID, Session int
	Name                     string // of the program, at most 15 bytes
	State                    byte   // 'R', 'S', 'T' stopped, 'Z' zombie, …
	Ticks                    uint64 // CPU of the process, in clock ticks (1/100 s)
	ChildTicks               uint64 // CPU of its reaped children
	SystemTicks              uint64 // of both, those spent in the kernel
	StartTime                uint64 // in clock ticks since boot: with the pid it names a process for good
	ExitCode                 int    // a wait status; 0 for who may not trace the process
}

// ReadStat reads the state of a process. The error wraps fs.ErrNotExist if there is none.
func ReadStat(pid int) (Stat, error) {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err == unix.ESRCH {
		err = os.ErrNotExist
	}
	if err != nil {
		return Stat{}, err
	}
	return parseStat(b)
}

// parseStat parses one line of /proc/PID/stat. The command name may hold spaces and parentheses; the last ')' ends it.
func parseStat(b []byte) (Stat, error) {
	open, end := bytes.IndexByte(b, '('), bytes.LastIndexByte(b, ')')
	if open < 0 || end < open {
		return Stat{}, fmt.Errorf("/proc/PID/stat: no command name in %q", b)
	}
	f := strings.Fields(string(b[end+1:])) // f[0] is field 3
	const first, fields = 3, 52
	if len(f) < fields-first+1 {
		return Stat{}, fmt.Errorf("/proc/PID/stat: %d fields, want %d", len(f)+first-1, fields)
	}
	var bad error
	field := func(n int) int64 {
		v, err := strconv.ParseInt(f[n-first], 10, 64)
		if err != nil && bad == nil && !strings.Contains(err.Error(), "out of range") {
			bad = fmt.Errorf("/proc/PID/stat: field %d: %w", n, err)
		}
		return v
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(b[:open])))
	if err != nil {
		return Stat{}, fmt.Errorf("/proc/PID/stat: pid: %w", err)
	}
	s := Stat{
		PID: pid, Name: string(b[open+1 : end]), State: f[0][0],
		PPID: int(field(4)), PGID: int(field(5)), Session: int(field(6)),
		Ticks:      uint64(field(14) + field(15)),
		ChildTicks: uint64(field(16) + field(17)), SystemTicks: uint64(field(15) + field(17)),
		StartTime: uint64(field(22)),
		ExitCode:  int(field(52)),
	}
	return s, bad
}

// Children lists the processes whose parent is pid, threads of the parent included.
func Children(pid int) ([]int, error) {
	tasks, err := os.ReadDir("/proc/" + strconv.Itoa(pid) + "/task")
	if err != nil {
		return nil, err
	}
	var pids []int
	for _, t := range tasks {
		b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/task/" + t.Name() + "/children")
		if err != nil {
			continue // the thread has ended; its children moved to another one
		}
		for _, s := range strings.Fields(string(b)) {
			if n, err := strconv.Atoi(s); err == nil {
				pids = append(pids, n)
			}
		}
	}
	return pids, nil
}

// pidOf returns the pid that a pidfd stands for; an error if the process has been reaped.
func pidOf(pidfd int) (int, error) {
	b, err := os.ReadFile("/proc/self/fdinfo/" + strconv.Itoa(pidfd))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(b)) {
		if v, ok := strings.CutPrefix(line, "Pid:"); ok {
			pid, err := strconv.Atoi(strings.TrimSpace(v))
			if err == nil && pid <= 0 {
				err = unix.ESRCH
			}
			return pid, err
		}
	}
	return 0, unix.EBADF
}
