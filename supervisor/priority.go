package supervisor

import (
	"errors"
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// SetPriority gives every thread of Howdah a nice value: on Linux each has its own, and hands it to the threads and processes that
// it starts. So PHP has it too, unless the pool's process_priority says otherwise, as in php-fpm.
// Source: php-fpm key process.priority of [global], setpriority(2).
func SetPriority(nice int) error {
	done := map[int]bool{}
	for more := true; more; { // a thread that was not looked at yet may have started another
		more = false
		threads, err := os.ReadDir("/proc/self/task")
		if err != nil {
			return fmt.Errorf("process_priority: %w", err)
		}
		for _, t := range threads {
			tid, err := strconv.Atoi(t.Name())
			if err != nil || done[tid] {
				continue
			}
			if err := unix.Setpriority(unix.PRIO_PROCESS, tid, nice); err != nil && !errors.Is(err, unix.ESRCH) {
				return fmt.Errorf("process_priority: %w", err)
			}
			done[tid], more = true, true
		}
	}
	return nil
}
