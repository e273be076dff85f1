package process

import (
	"os"
	"syscall"
)

// Spec describes one child process.
type Spec struct {
	Path       string              // absolute: no PATH is searched
	Args       []string            // with argv[0]
	Env        []string            // the whole environment; nothing is inherited
	Dir        string              // working directory
	Files      []*os.File          // descriptors 0, 1, 2, …; all others are closed
	Credential *syscall.Credential // nil: stay who we are
	Limits     []Limit
	Nice       *int // nil: inherited
	Batch      bool // scheduling class SCHED_BATCH: a woken worker does not preempt what runs
}

// A Limit is one resource limit; soft and hard limit become Value, as in php-fpm.
type Limit struct {
	Resource int // unix.RLIMIT_NOFILE, unix.RLIMIT_CORE
	Value    uint64
}
