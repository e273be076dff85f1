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
		st, err := process.ReadStat(pid)
		if pid != s.keeper.PID() && err == nil && st.State != 'Z' { // a zombie is a fork of ours that has just ended
			s.log.Info(fmt.Sprintf("left running, a script has detached it: pid %d (%s)", pid, commandLine(pid)))
		}
	}
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
