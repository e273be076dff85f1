package process

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// oomRaise is added to a child's OOM score: the kernel ends a PHP worker before it ends Howdah.
const oomRaise = 200

// settle gives a process that was just started its limits and priorities, and then the forks that it may have made meanwhile.
func settle(pid int, spec Spec) error {
	done := make(map[int]bool)
	for todo := []int{pid}; len(todo) > 0; {
		for _, p := range todo {
			done[p] = true
			if err := settleOne(p, spec); err != nil {
				return err
			}
		}
		todo = nil
		children, err := Children(pid)
		if err != nil {
			break // gone already: whoever waits for it will see why
		}
		for _, c := range children {
			if !done[c] {
				todo = append(todo, c)
			}
		}
	}
	return nil
}

func settleOne(pid int, spec Spec) error {
	for _, l := range spec.Limits {
		if err := unix.Prlimit(pid, l.Resource, &unix.Rlimit{Cur: l.Value, Max: l.Value}, nil); err != nil && err != unix.ESRCH {
			return fmt.Errorf("prlimit %s=%s: %w", limitName(l.Resource), limitValue(l.Value), err)
		}
	}
	if spec.Nice != nil {
		if err := unix.Setpriority(unix.PRIO_PROCESS, pid, *spec.Nice); err != nil && err != unix.ESRCH {
			return fmt.Errorf("setpriority to %d: %w", *spec.Nice, err)
		}
	}
	if spec.Batch {
		if err := setBatch(pid); err != nil && err != unix.ESRCH {
			return fmt.Errorf("sched_setscheduler SCHED_BATCH: %w", err)
		}
	}
	raiseOOMScore(pid)
	return nil
}

func setBatch(pid int) error {
	var priority int32 // struct sched_param; the nice value stays
	_, _, errno := unix.Syscall(unix.SYS_SCHED_SETSCHEDULER, uintptr(pid), unix.SCHED_BATCH, uintptr(unsafe.Pointer(&priority)))
	if errno != 0 {
		return errno
	}
	return nil
}

// raiseOOMScore is a best effort: a container may not allow it.
func raiseOOMScore(pid int) {
	own, err := os.ReadFile("/proc/self/oom_score_adj")
	if err != nil {
		return
	}
	score, err := strconv.Atoi(strings.TrimSpace(string(own)))
	if err != nil {
		return
	}
	score = min(max(score, 0)+oomRaise, 1000)
	os.WriteFile("/proc/"+strconv.Itoa(pid)+"/oom_score_adj", []byte(strconv.Itoa(score)), 0)
}
