package arch

import (
	"fmt"
	"go/ast"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// goroutineRow is a line of ARCHITECTURE.md's table: | `file` | number | what it does | who waits for it |.
var goroutineRow = regexp.MustCompile("(?m)^\\| `([a-z0-9_/]+\\.go)` \\| ([0-9]+) \\| [^|]+ \\| [^|]+ \\|$")

func TestTheGoroutineTableListsEveryGoStatement(t *testing.T) {
	wantNone(t, goroutineFindings(moduleSources(t), read(t, "ARCHITECTURE.md")))
}

func TestAGoroutineOutsideTheTableIsFound(t *testing.T) {
	spawns := example(t, "worker/pool.go", `package worker
func (p *Pool) a() { go p.b() }
func (p *Pool) c() { p.group.Go(p.d); p.group.Go(func() {}) }`)
	wantFindings(t, 1, goroutineFindings(spawns, ""))
	wantFindings(t, 1, goroutineFindings(spawns, "| `worker/pool.go` | 2 | pools | Pool.Stop |"))
	wantFindings(t, 0, goroutineFindings(spawns, "| `worker/pool.go` | 3 | pools | Pool.Stop |"))
	wantFindings(t, 1, goroutineFindings(example(t, "worker/pool.go", "package worker"), "| `worker/pool.go` | 1 | pools | Pool.Stop |"))
}

// goroutineFindings compares the go statements of the product with the table. x.Go(f), as of sync.WaitGroup, is one too.
func goroutineFindings(sources []source, document string) []string {
	found := map[string]int{}
	for _, s := range sources {
		if !s.isProduct() {
			continue
		}
		ast.Inspect(s.tree, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GoStmt:
				found[s.path]++
			case *ast.CallExpr:
				if selector, ok := n.Fun.(*ast.SelectorExpr); ok && selector.Sel.Name == "Go" && len(n.Args) == 1 {
					found[s.path]++
				}
			}
			return true
		})
	}
	written := map[string]int{}
	for _, row := range goroutineRow.FindAllStringSubmatch(document, -1) {
		written[row[1]], _ = strconv.Atoi(row[2])
	}
	var findings []string
	files := slices.Sorted(maps.Keys(found))
	for file := range written {
		if found[file] == 0 {
			files = append(files, file)
		}
	}
	for _, file := range files {
		if found[file] != written[file] {
			findings = append(findings, fmt.Sprintf("%s starts %d goroutines and ARCHITECTURE.md's table says %d: who waits for them?", file, found[file], written[file]))
		}
	}
	return findings
}

func TestArchitectureIsShortEnoughToRead(t *testing.T) {
	if lines := strings.Count(read(t, "ARCHITECTURE.md"), "\n"); lines > 200 {
		t.Errorf("ARCHITECTURE.md has %d lines, want at most 200: say less", lines)
	}
}
