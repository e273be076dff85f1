package supervisor

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// oomScore is ours when we are root: with memory short, the kernel shall end a worker rather than the one that holds all
// connections and would start it again.
const oomScore = -500

// LowerOOMScore makes the kernel spare us when memory is short. Only root can; for others it does nothing. Processes that we
// start would inherit the value, so internal/process raises theirs.
//
// Source: proc_pid_oom_score_adj(5).
func LowerOOMScore() error {
	before, err := readOOMScore(os.Getpid())
	if err != nil || os.Geteuid() != 0 || before <= oomScore {
		return err
	}
	return setOOMScore(os.Getpid(), oomScore)
}

// setOOMScore sets the value of a process, from -1000 (spared) to 1000 (first to go).
func setOOMScore(pid, score int) error {
	if err := os.WriteFile(oomFile(pid), []byte(strconv.Itoa(score)), 0); err != nil {
		return fmt.Errorf("cannot set the OOM score to %d: %w", score, err)
	}
	return nil
}

func readOOMScore(pid int) (int, error) {
	text, err := os.ReadFile(oomFile(pid))
	if err != nil {
		return 0, fmt.Errorf("cannot read the OOM score: %w", err)
	}
	return strconv.Atoi(strings.TrimSpace(string(text)))
}

func oomFile(pid int) string { return fmt.Sprintf("/proc/%d/oom_score_adj", pid) }
