package worker

import (
	"fmt"

	gops "github.com/shirou/gopsutil/v3/process"
)

// PrivateBytes is the memory that a process has for itself: resident minus shared. It reads /proc: call it off the loop.
func PrivateBytes(pid int) (uint64, error) {
	m, err := (&gops.Process{Pid: int32(pid)}).MemoryInfoEx()
	if err != nil {
		return 0, fmt.Errorf("memory of process %d: %w", pid, err)
	}
	if m.Shared > m.RSS {
		return 0, nil
	}
	return m.RSS - m.Shared, nil
}
