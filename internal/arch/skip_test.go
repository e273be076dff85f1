package arch

import (
	"fmt"
	"go/ast"
	"go/token"
	"testing"
)

func TestASkippedTestSaysWhy(t *testing.T) {
	wantNone(t, skipFindings(moduleSources(t)))
}

func TestASkipWithoutAReasonIsFound(t *testing.T) {
	wantFindings(t, 3, skipFindings(example(t, "worker/pool_test.go", `package worker
func TestX(t *testing.T) { t.Skip() }
func TestY(t *testing.T) { t.SkipNow() }
func TestZ(t *testing.T) { t.Skip("") }
func TestFine(t *testing.T) { t.Skip("no systemd-analyze here") }`)))
}

func skipFindings(sources []source) []string {
	var findings []string
	for _, s := range sources {
		if !s.isTest() {
			continue
		}
		ast.Inspect(s.tree, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			selector, ok := call.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			silent := false
			switch selector.Sel.Name {
			case "SkipNow":
				silent = true
			case "Skip", "Skipf":
				silent = len(call.Args) == 0 || isEmptyString(call.Args[0])
			}
			if silent {
				findings = append(findings, fmt.Sprintf("%s: a test is skipped and does not say why", s.at(call)))
			}
			return true
		})
	}
	return findings
}

func isEmptyString(e ast.Expr) bool {
	literal, ok := e.(*ast.BasicLit)
	return ok && literal.Kind == token.STRING && (literal.Value == `""` || literal.Value == "``")
}
