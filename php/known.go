package php

import "strings"

// The frame of probe.php that the reader of stacks is proved by.
const (
	KnownClass    = `Howdah\Internal\Known`
	KnownFunction = "frame"
)

// KnownLines are the first and the last line of it where Howdah may find the probe.
func KnownLines() (first, last int) {
	for line := range strings.Lines(Probe) {
		last++
		if strings.Contains(line, "call('stack');") {
			first = last
		}
		if strings.Contains(line, `\flock($lock, \LOCK_SH);`) {
			break
		}
	}
	return first, last
}
