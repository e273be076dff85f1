package e2e

import (
	"flag"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// testsRun has the tests that came to their end without being skipped.
var testsRun sync.Map

// noteRun registers t among them.
func noteRun(t *testing.T) {
	t.Cleanup(func() {
		if !t.Skipped() {
			name, _, _ := strings.Cut(t.Name(), "/")
			testsRun.Store(name, true)
		}
	})
}

var promised = regexp.MustCompile("`(Test[A-Z]\\w*)`")

// notRun returns the end-to-end tests that docs/conformance.md names and that did not run, nothing if only some were asked for.
func notRun() []string {
	if flag.Lookup("test.run").Value.String() != "" || flag.Lookup("test.skip").Value.String() != "" || flag.Lookup("test.list").Value.String() != "" || os.Geteuid() != 0 {
		return nil
	}
	document, err := os.ReadFile("../docs/conformance.md")
	if err != nil {
		return []string{err.Error()}
	}
	var missing []string
	for line := range strings.Lines(string(document)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != 3 || !strings.HasPrefix(strings.TrimSpace(cells[2]), "e2e ") {
			continue
		}
		for _, name := range promised.FindAllStringSubmatch(cells[2], -1) {
			if _, ok := testsRun.Load(name[1]); !ok {
				missing = append(missing, name[1])
			}
		}
	}
	return missing
}
