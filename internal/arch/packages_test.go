package arch

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestEveryPackageHasADocGo(t *testing.T) {
	wantNone(t, docFindings(moduleSources(t)))
}

func TestAPackageWithoutDocumentationIsFound(t *testing.T) {
	wantFindings(t, 1, docFindings(example(t, "worker/pool.go", "// Package worker is documented in the wrong file.\npackage worker")))
	wantFindings(t, 1, docFindings(example(t, "worker/doc.go", "package worker")))
	wantFindings(t, 1, docFindings(example(t, "worker/doc.go", "// Something about worker.\npackage worker")))
	wantFindings(t, 0, docFindings(example(t, "worker/doc.go", "// Package worker lends workers.\npackage worker")))
	wantFindings(t, 0, docFindings(example(t, "cmd/howdah/doc.go", "// Command howdah serves.\npackage main")))
}

func TestArchitectureListsEveryPackage(t *testing.T) {
	wantNone(t, codemapFindings(moduleSources(t), read(t, "ARCHITECTURE.md")))
}

func TestAPackageThatIsNotListedIsFound(t *testing.T) {
	code := example(t, "worker/doc.go", "package worker")
	wantFindings(t, 1, codemapFindings(code, "| `supervisor` | the service |"))
	wantFindings(t, 0, codemapFindings(code, "| `worker` | the workers |"))
}

// codemapFindings wants a row for each directory with Go files.
func codemapFindings(sources []source, document string) []string {
	var findings []string
	seen := map[string]bool{}
	for _, s := range sources {
		if pkg := s.pkg(); !seen[pkg] && !strings.Contains(document, "| `"+pkg+"` |") {
			findings = append(findings, fmt.Sprintf("ARCHITECTURE.md's table of packages has no row for %s", pkg))
		}
		seen[s.pkg()] = true
	}
	return findings
}

// docFindings wants a doc.go that begins as go doc likes it, in every directory with Go files.
func docFindings(sources []source) []string {
	documented := map[string]bool{}
	for _, s := range sources {
		documented[s.pkg()] = documented[s.pkg()] || strings.HasSuffix(s.path, "/doc.go") && wellBegun(s)
	}
	var findings []string
	for pkg, ok := range documented {
		if !ok {
			findings = append(findings, fmt.Sprintf("%s has no doc.go whose comment begins with \"Package\" (or \"Command\") and its name", pkg))
		}
	}
	slices.Sort(findings)
	return findings
}

func wellBegun(s source) bool {
	text := s.tree.Doc.Text()
	if s.tree.Name.Name == "main" {
		return strings.HasPrefix(text, "Command ")
	}
	return strings.HasPrefix(text, "Package "+strings.TrimSuffix(s.tree.Name.Name, "_test")+" ")
}
