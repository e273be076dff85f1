package supervisor

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"howdah/internal/process"
)

// logLeft names the processes that scripts have detached and that go on without us, as they do in php-fpm: being a subreaper
// we are their parent now. It is called when no worker is left.
func (s *service) logLeft() {
	for _, pid := range descendants(os.Getpid()) {
		line := commandLine(pid)
		ours := strings.Contains(line, " -b "+s.runtime.Path()+"/") // a fork that was just born, and that ends with its group
		if pid != s.keeper.PID() && !ours && !ending(pid) {         // ending: a fork of ours that has just been killed
			s.log.Info(fmt.Sprintf("left running, a script has detached it: pid %d (%s)", pid, line))
		}
	}
}

// ending reports whether a process is gone, a zombie, on its way out, or has a SIGKILL that it has not met yet.
// Source: proc_pid_stat(5), PF_EXITING; proc_pid_status(5), SigPnd and ShdPnd.
func ending(pid int) bool {
	const exiting, killed = 0x4, 1 << (9 - 1)
	dir := filepath.Join("/proc", strconv.Itoa(pid))
	status, err := os.ReadFile(filepath.Join(dir, "status"))
	if err != nil {
		return true
	}
	for line := range strings.Lines(string(status)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":\t")
		if name == "SigPnd" || name == "ShdPnd" {
			if set, err := strconv.ParseUint(value, 16, 64); err == nil && set&killed != 0 {
				return true
			}
		}
	}
	stat, err := os.ReadFile(filepath.Join(dir, "stat")) // after status: a signal that is not pending any more has acted
	if err != nil {
		return true
	}
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	if len(fields) < 7 || fields[0] == "Z" || fields[0] == "X" {
		return true
	}
	flags, err := strconv.ParseUint(fields[6], 10, 64)
	return err == nil && flags&exiting != 0
}

// descendants lists the children of pid, and theirs.
func descendants(pid int) []int {
	children, err := process.Children(pid)
	if err != nil {
		return nil // it has ended
	}
	all := children
	for _, c := range children {
		all = append(all, descendants(c)...)
	}
	return all
}

// commandLine is what ps would show; the program's name for one that has none.
func commandLine(pid int) string {
	dir := filepath.Join("/proc", strconv.Itoa(pid))
	if args, err := os.ReadFile(filepath.Join(dir, "cmdline")); err == nil && len(args) > 0 {
		return strings.TrimSpace(strings.ReplaceAll(string(args), "\x00", " "))
	}
	name, _ := os.ReadFile(filepath.Join(dir, "comm"))
	return strings.TrimSpace(string(name))
}
