package process

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// Memory is the resident memory of a process, in bytes.
type Memory struct {
	Resident uint64 // now: VmRSS
	Peak     uint64 // the most since the process began, or since ResetPeak: VmHWM
}

// ReadMemory reads it from /proc/PID/status (proc_pid_status(5)).
func ReadMemory(pid int) (m Memory, err error) {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return m, err
	}
	for line := range bytes.Lines(b) {
		name, value, _ := bytes.Cut(line, []byte(":"))
		switch string(name) {
		case "VmRSS":
			m.Resident, err = kilobytes(value)
		case "VmHWM":
			m.Peak, err = kilobytes(value)
		}
		if err != nil {
			return m, fmt.Errorf("/proc/PID/status: %s: %w", name, err)
		}
	}
	return m, nil
}

func kilobytes(value []byte) (uint64, error) {
	n, err := strconv.ParseUint(string(bytes.TrimSuffix(bytes.TrimSpace(value), []byte(" kB"))), 10, 64)
	return n << 10, err
}

// ResetPeak makes the peak of a process what it holds now. Source: proc_pid_clear_refs(5), the value 5.
func ResetPeak(pid int) error {
	return os.WriteFile("/proc/"+strconv.Itoa(pid)+"/clear_refs", []byte("5"), 0)
}

// CPUTime is the processor time that all threads of a process have used. It does not wait: it reads the process's own clock.
// Source: clock_getcpuclockid(3), whose formula the C library and the kernel share.
func CPUTime(pid int) (time.Duration, error) {
	const schedClock = 2 // CPUCLOCK_SCHED; the bit for a thread instead of a process is not set
	var ts unix.Timespec
	if err := unix.ClockGettime(int32(^pid<<3|schedClock), &ts); err != nil {
		return 0, fmt.Errorf("processor time of process %d: %w", pid, err)
	}
	return time.Duration(ts.Nano()), nil
}
