package worker

import (
	"os"
	"regexp"
	"strings"
)

// plainName is a directory name that means itself in an ini section.
var plainName = regexp.MustCompile(`^[A-Za-z0-9._+@-]+$`)

// topDirectories lists the directories in /, links to directories included: each gets a [PATH=] section, because [PATH=/]
// matches nothing.
func topDirectories() ([]string, error) {
	entries, err := os.ReadDir("/")
	if err != nil {
		return nil, err
	}
	var dirs []string
	for _, e := range entries {
		path := "/" + e.Name()
		if info, err := os.Stat(path); err == nil && info.IsDir() && plainName.MatchString(e.Name()) {
			dirs = append(dirs, path)
		}
	}
	return dirs, nil
}

// Guarded reports whether php_admin_value holds for a script: its clean absolute path must lie below a directory that was in
// / when the zygote started. A script that is not guarded must not be run. It may be called on the loop.
func (z *Zygote) Guarded(script string) bool { return !z.guards || z.Guardable(script) }

// Guardable is Guarded if there were a php_admin_value, as there is for a request that brings one along.
func (z *Zygote) Guardable(script string) bool {
	if !strings.HasPrefix(script, "/") {
		return false
	}
	top, _, below := strings.Cut(script[1:], "/")
	return below && z.tops[top]
}
