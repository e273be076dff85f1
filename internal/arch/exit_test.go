package arch

import (
	"fmt"
	"go/ast"
	"slices"
	"testing"
)

// exits end the process behind the back of every deferred function.
var exits = map[string][]string{
	"os":                    {"Exit"},
	"syscall":               {"Exit"},
	"golang.org/x/sys/unix": {"Exit"},
	"log":                   {"Fatal", "Fatalf", "Fatalln"},
}

func TestOnlyMainEndsTheProcess(t *testing.T) {
	wantNone(t, exitFindings(moduleSources(t)))
}

func TestAnExitOutsideMainIsFound(t *testing.T) {
	wantFindings(t, 1, exitFindings(example(t, "worker/pool.go", `package worker
import "os"
func (p *Pool) giveUp() { os.Exit(1) }`)))
	wantFindings(t, 1, exitFindings(example(t, "cmd/howdah/serve.go", `package main
import other "os"
func serve() { other.Exit(1) }`)))
	wantFindings(t, 1, exitFindings(example(t, "supervisor/log.go", `package supervisor
import "log"
func open() { log.Fatalf("no") }`)))
	wantFindings(t, 0, exitFindings(example(t, "cmd/howdah/main.go", `package main
import "os"
func main() { os.Exit(run()) }`)))
	wantFindings(t, 0, exitFindings(example(t, "worker/main_test.go", `package worker
import "os"
func TestMain(m *testing.M) { os.Exit(m.Run()) }`)))
}

// exitFindings looks at all code but tests. func main of package main may end its process.
func exitFindings(sources []source) []string {
	var findings []string
	for _, s := range sources {
		if s.isTest() {
			continue
		}
		for _, decl := range s.tree.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "main" && s.tree.Name.Name == "main" {
				continue
			}
			ast.Inspect(decl, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				for importPath, functions := range exits {
					if slices.ContainsFunc(functions, func(f string) bool { return s.calls(call, importPath, f) }) {
						findings = append(findings, fmt.Sprintf("%s: only func main ends the process; return an error instead", s.at(call)))
					}
				}
				return true
			})
		}
	}
	return findings
}
