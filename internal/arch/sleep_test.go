package arch

import (
	"fmt"
	"go/ast"
	"go/token"
	"testing"
)

func TestNoTestSleepsToBeRight(t *testing.T) {
	wantNone(t, sleepFindings(moduleSources(t)))
}

func TestASleepingTestIsFound(t *testing.T) {
	wantFindings(t, 2, sleepFindings(example(t, "worker/pool_test.go", `package worker
import ("testing"; clock "time")
func TestX(t *testing.T) {
	clock.Sleep(clock.Second)
	<-clock.After(clock.Second)
}`)))
	// Inside a synctest bubble time costs nothing and is exact. A limit in a select is not a sleep.
	wantFindings(t, 0, sleepFindings(example(t, "worker/pool_test.go", `package worker
import ("testing"; "testing/synctest"; "time")
func TestX(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { time.Sleep(time.Hour) })
	select {
	case <-done:
	case <-time.After(time.Second):
		t.Fatal("not done")
	}
}`)))
}

func sleepFindings(sources []source) []string {
	var findings []string
	for _, s := range sources {
		if !s.isTest() {
			continue
		}
		const advice = "wait for the event itself, or use testing/synctest"
		ast.Inspect(s.tree, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if s.calls(n, "testing/synctest", "Test") {
					return false
				}
				if s.calls(n, "time", "Sleep") {
					findings = append(findings, fmt.Sprintf("%s: a test sleeps: %s", s.at(n), advice))
				}
			case *ast.ExprStmt:
				receive, ok := n.X.(*ast.UnaryExpr)
				if !ok || receive.Op != token.ARROW {
					return true
				}
				if call, ok := receive.X.(*ast.CallExpr); ok && s.calls(call, "time", "After") && !inSelect(s.tree, n) {
					findings = append(findings, fmt.Sprintf("%s: a test sleeps by time.After: %s", s.at(n), advice))
				}
			}
			return true
		})
	}
	return findings
}

// inSelect says whether the statement is the condition of a select's case.
func inSelect(tree *ast.File, statement ast.Stmt) bool {
	found := false
	ast.Inspect(tree, func(n ast.Node) bool {
		if clause, ok := n.(*ast.CommClause); ok && clause.Comm == statement {
			found = true
		}
		return !found
	})
	return found
}
