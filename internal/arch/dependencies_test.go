package arch

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// requirement is a line of go.mod: path, version, and whether the line says that only others need it.
var requirement = regexp.MustCompile(`(?m)^(?:require )?\s*([a-z0-9.-]+\.[a-z]+/\S+) v\S+( // indirect)?$`)

// dependencyRow is a line of docs/dependencies.md: | `module` | what for | why this one | without it |.
var dependencyRow = regexp.MustCompile("(?m)^\\| `([^`]+)` \\| [^|]+ \\| [^|]+ \\| [^|]+ \\|$")

func TestEveryDirectDependencyIsExplained(t *testing.T) {
	wantNone(t, dependencyFindings(moduleSources(t), read(t, "go.mod"), read(t, "docs/dependencies.md")))
}

func TestAnUnexplainedDependencyIsFound(t *testing.T) {
	mod := "module howdah\n\nrequire (\n\texample.com/used v1.0.0\n\texample.com/behind v1.0.0 // indirect\n)\n"
	uses := example(t, "worker/pool.go", "package worker\nimport _ \"example.com/used/part\"")
	row := "| `example.com/used` | x | y | z |\n"

	wantFindings(t, 0, dependencyFindings(uses, mod, row))
	wantFindings(t, 1, dependencyFindings(uses, mod, ""))
	wantFindings(t, 1, dependencyFindings(uses, mod, row+"| `example.com/gone` | x | y | z |\n"))
	// A module that is imported but marked indirect, and one that is not imported and isn't.
	wantFindings(t, 1, dependencyFindings(uses, strings.Replace(mod, "used v1.0.0", "used v1.0.0 // indirect", 1), row))
	wantFindings(t, 2, dependencyFindings(example(t, "worker/pool.go", "package worker"), mod, row))
}

// dependencyFindings compares three lists: the modules that the code imports, go.mod's direct ones, and the explained ones.
func dependencyFindings(sources []source, mod, document string) []string {
	var modules, direct []string
	for _, line := range requirement.FindAllStringSubmatch(mod, -1) {
		modules = append(modules, line[1])
		if line[2] == "" {
			direct = append(direct, line[1])
		}
	}
	imported := map[string]bool{}
	for _, s := range sources {
		for _, spec := range s.tree.Imports {
			target, _ := strconv.Unquote(spec.Path.Value)
			for _, name := range modules {
				if within(target, name) {
					imported[name] = true
				}
			}
		}
	}
	explained := map[string]bool{}
	for _, row := range dependencyRow.FindAllStringSubmatch(document, -1) {
		explained[row[1]] = true
	}

	var findings []string
	for _, name := range modules {
		isDirect := slices.Contains(direct, name)
		switch {
		case imported[name] && !isDirect:
			findings = append(findings, fmt.Sprintf("go.mod calls %s indirect and the code imports it: run go mod tidy", name))
		case !imported[name] && isDirect:
			findings = append(findings, fmt.Sprintf("go.mod calls %s direct and nothing imports it: run go mod tidy", name))
		}
		if imported[name] && !explained[name] {
			findings = append(findings, fmt.Sprintf("docs/dependencies.md has no row for %s", name))
		}
	}
	for name := range explained {
		if !imported[name] {
			findings = append(findings, fmt.Sprintf("docs/dependencies.md explains %s and nothing imports it", name))
		}
	}
	return findings
}
