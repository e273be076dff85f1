package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// machineTime is processor time of all cores since boot.
type machineTime struct {
	Busy, All time.Duration
}

// machineNow reads /proc/stat.
func machineNow() (machineTime, error) {
	b, err := os.ReadFile("/proc/stat")
	if err != nil {
		return machineTime{}, err
	}
	return parseMachine(string(b))
}

// parseMachine reads the first line of /proc/stat: user nice system idle iowait irq softirq steal. Time that the hypervisor took
// away (steal) counts as busy; guest time is part of user time already.
func parseMachine(stat string) (machineTime, error) {
	line, _, _ := strings.Cut(stat, "\n")
	f := strings.Fields(line)
	if len(f) < 9 || f[0] != "cpu" {
		return machineTime{}, fmt.Errorf("/proc/stat starts with %q", line)
	}
	var m machineTime
	for i, s := range f[1:9] {
		n, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			return machineTime{}, fmt.Errorf("/proc/stat: %w", err)
		}
		t := time.Duration(n) * clockTick
		m.All += t
		if idle := i == 3 || i == 4; !idle {
			m.Busy += t
		}
	}
	return m, nil
}

// othersShare is how much of the machine others had from one moment to another in which we used ours, between 0 and 1.
func othersShare(from, to machineTime, ours time.Duration) float64 {
	all := to.All - from.All
	if all <= 0 {
		return 0
	}
	return max(0, float64(to.Busy-from.Busy-ours)/float64(all))
}
