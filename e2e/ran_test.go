package e2e

import (
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"slices"
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

var promised = regexp.MustCompile(`\bTest[A-Z]\w*`)

// notRun returns the end-to-end tests that docs/conformance.md names and that did not run, nothing if only some were asked for.
func notRun() []string {
	if flag.Lookup("test.run").Value.String() != "" || flag.Lookup("test.skip").Value.String() != "" || flag.Lookup("test.list").Value.String() != "" || os.Geteuid() != 0 {
		return nil
	}
	document, err := os.ReadFile("../docs/conformance.md")
	if err != nil {
		return []string{err.Error()}
	}
	tests, err := declared()
	if err != nil {
		return []string{err.Error()}
	}
	var missing []string
	for _, name := range promisedIn(string(document), tests) {
		if _, ok := testsRun.Load(name); !ok {
			missing = append(missing, name)
		}
	}
	return missing
}

// declared has the tests of this package.
func declared() (map[string]bool, error) {
	tests := map[string]bool{}
	for _, file := range glob("*_test.go") {
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		for _, decl := range tree.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil && strings.HasPrefix(f.Name.Name, "Test") {
				tests[f.Name.Name] = true
			}
		}
	}
	return tests, nil
}

// promisedIn returns those of the tests that the third cell of a row of the document names.
func promisedIn(document string, tests map[string]bool) (names []string) {
	for line := range strings.Lines(document) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != 3 {
			continue
		}
		for _, name := range promised.FindAllString(cells[2], -1) {
			if tests[name] && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

func TestARowPromisesItsTestsOfThisPackageWhereverItNamesThem(t *testing.T) {
	t.Parallel()
	tests, err := declared()
	if err != nil {
		t.Fatal(err)
	}
	const itself = "TestARowPromisesItsTestsOfThisPackageWhereverItNamesThem"
	for row, want := range map[string]bool{
		"| x | same | e2e `" + itself + "` |":                  true,
		"| x | same | `TestElsewhere`, e2e `" + itself + "` |": true,
		"| x | same | `TestElsewhere`, `" + itself + "` |":     true,
		"| x | same | `TestElsewhere` |":                       false,
		"| x | `" + itself + "` | |":                           false,
	} {
		if got := slices.Contains(promisedIn(row+"\n", tests), itself); got != want {
			t.Errorf("%s: promised %v, want %v", row, got, want)
		}
	}
}
