package process

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
)

// Share is what a process costs in memory, in bytes.
type Share struct {
	PSS        uint64 // resident; a page that several processes share counts in part
	PageTables uint64
}

// ReadShare reads it from /proc/PID/smaps_rollup and /proc/PID/status. The kernel walks the page tables of the process for it:
// some tenths of a millisecond. It wants the rights of ptrace(2) of those who don't own the process.
func ReadShare(pid int) (s Share, err error) {
	dir := "/proc/" + strconv.Itoa(pid)
	for _, from := range []struct {
		file, name string
		to         *uint64
	}{{"/smaps_rollup", "Pss", &s.PSS}, {"/status", "VmPTE", &s.PageTables}} {
		b, err := os.ReadFile(dir + from.file)
		if err != nil {
			return s, err
		}
		for line := range bytes.Lines(b) {
			if name, value, _ := bytes.Cut(line, []byte(":")); string(name) == from.name {
				if *from.to, err = kilobytes(value); err != nil {
					return s, fmt.Errorf("%s%s: %s: %w", dir, from.file, name, err)
				}
				break
			}
		}
	}
	return s, nil
}
