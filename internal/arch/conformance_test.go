package arch

import (
	"fmt"
	"go/ast"
	"regexp"
	"strings"
	"testing"
)

var testName = regexp.MustCompile("`(Test[A-Za-z0-9_]+)`")

func TestConformanceNamesTestsThatExist(t *testing.T) {
	wantNone(t, conformanceFindings(moduleSources(t), read(t, "docs/conformance.md")))
}

func TestABrokenConformanceRowIsFound(t *testing.T) {
	tests := example(t, "e2e/x_test.go", "package e2e\nfunc TestThere(t *testing.T) {}")
	head := "| behaviour | here | shown by |\n|---|---|---|\n"
	wantFindings(t, 0, conformanceFindings(tests, head+"| x | same | e2e `TestThere` |\n"))
	wantFindings(t, 1, conformanceFindings(tests, head+"| x | same | `TestThere`, `TestGone` |\n"))
	wantFindings(t, 1, conformanceFindings(tests, head+"| x | same | |\n"))
	wantFindings(t, 1, conformanceFindings(tests, head+"| x | nearly | `TestThere` |\n"))
	wantFindings(t, 0, conformanceFindings(tests, head+"| x | not yet: why | |\n"))
	elsewhere := example(t, "worker/x_test.go", "package worker\nfunc TestThere(t *testing.T) {}")
	wantFindings(t, 1, conformanceFindings(elsewhere, head+"| x | same | e2e `TestThere` |\n"))
}

// conformanceFindings wants each row to begin with one of five words, and to name tests that exist unless there is nothing to test. What
// says e2e must be shown there; e2e itself looks whether those ran.
func conformanceFindings(sources []source, document string) []string {
	tests := map[string]bool{} // by name, and by "e2e " and name
	for _, s := range sources {
		for _, decl := range s.tree.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && s.isTest() {
				tests[f.Name.Name] = true
				tests[s.pkg()+" "+f.Name.Name] = true
			}
		}
	}
	var findings []string
	for line := range strings.Lines(document) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != 3 || strings.HasPrefix(line, "|--") || strings.HasPrefix(line, "| behaviour") {
			continue
		}
		row, verdict := strings.TrimSpace(cells[0]), strings.TrimSpace(cells[1])
		untested := strings.HasPrefix(verdict, "not yet") || strings.HasPrefix(verdict, "not applicable: ")
		if !untested && !strings.HasPrefix(verdict, "same") && !strings.HasPrefix(verdict, "better: ") && !strings.HasPrefix(verdict, "differs: ") {
			findings = append(findings, fmt.Sprintf("docs/conformance.md: %q begins with neither same, better:, differs:, not applicable: nor not yet: %q", row, verdict))
		}
		named := testName.FindAllStringSubmatch(cells[2], -1)
		if len(named) == 0 && !untested {
			findings = append(findings, fmt.Sprintf("docs/conformance.md: no test shows %q", row))
		}
		for _, match := range named {
			name := match[1]
			if strings.HasPrefix(strings.TrimSpace(cells[2]), "e2e ") {
				name = "e2e " + name
			}
			if !tests[name] {
				findings = append(findings, fmt.Sprintf("docs/conformance.md: there is no %s, which is to show %q", name, row))
			}
		}
	}
	return findings
}
