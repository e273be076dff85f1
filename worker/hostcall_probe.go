package worker

import (
	"fmt"
	"strings"
)

// Probe is the script to request once from a new generation: an ordinary GET with this SCRIPT_FILENAME. ParseProbe reads the
// answer. "": there will be no host calls anyway, see CallsOff.
func (z *Zygote) Probe() string {
	if z.calling == notAtAll {
		return ""
	}
	return z.file("probe.php")
}

const probeWord = "howdah-probe "

// ParseProbe reads the body of the answer to Probe: nil if host calls work, else an error that says why not.
func ParseProbe(body []byte) error {
	for line := range strings.Lines(string(body)) {
		// A script that is run before or after ours may have printed something, too.
		said, ok := strings.CutPrefix(line, probeWord)
		if !ok {
			continue
		}
		version, state, _ := strings.Cut(strings.TrimSpace(said), " ")
		if state == "ok" {
			return nil
		}
		return fmt.Errorf("PHP %s: %s", version, state)
	}
	return fmt.Errorf("the probe was answered with %.80q", body)
}
