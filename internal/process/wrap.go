package process

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Root may change the limits and the priority of another user's process only with these capabilities. Where a container has
// taken them away, the child does it to itself, with programs that replace themselves by the next and so keep the pid. A
// limit can be lowered and a priority given up in this way, as php-fpm could there.
const (
	capSysNice     = 23
	capSysResource = 24
)

// wrapped returns spec such that what its capabilities forbid to settle is done by the child.
func wrapped(spec Spec, have func(capability int) bool) Spec {
	if spec.Credential == nil {
		return spec
	}
	if !have(capSysNice) {
		if spec.Nice != nil {
			spec = behind(spec, "/usr/bin/nice", "nice", "-n", strconv.Itoa(*spec.Nice))
			spec.Nice = nil
		}
		spec.Batch = false // an optimization
	}
	if !have(capSysResource) && len(spec.Limits) > 0 {
		args := []string{"prlimit"}
		for _, l := range spec.Limits {
			args = append(args, fmt.Sprintf("--%s=%s", limitName(l.Resource), limitValue(l.Value)))
		}
		spec = behind(spec, "/usr/bin/prlimit", append(args, "--")...)
		spec.Limits = nil
	}
	return spec
}

// behind puts a program and its arguments before a command.
func behind(spec Spec, path string, args ...string) Spec {
	rest := spec.Args
	if len(rest) > 0 {
		rest = rest[1:]
	}
	spec.Args = append(append(args, spec.Path), rest...)
	spec.Path = path
	return spec
}

func limitName(resource int) string {
	if resource == unix.RLIMIT_CORE {
		return "core"
	}
	return "nofile"
}

func limitValue(v uint64) string {
	s := "unlimited"
	if v != unix.RLIM_INFINITY {
		s = strconv.FormatUint(v, 10)
	}
	return s + ":" + s
}

// capable reports whether this process has a capability in effect.
func capable(capability int) bool {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return true
	}
	_, after, _ := strings.Cut(string(status), "\nCapEff:")
	line, _, _ := strings.Cut(after, "\n")
	set, err := strconv.ParseUint(strings.TrimSpace(line), 16, 64)
	return err != nil || set>>capability&1 == 1
}
