package arch

import (
	"fmt"
	"go/ast"
	"go/token"
	"strconv"
	"testing"
)

// longestPoll is the longest pause, in milliseconds, between two looks at a condition of which nobody sends word.
const longestPoll = 10

func TestNoTestSleepsToBeRight(t *testing.T) {
	wantNone(t, sleepFindings(moduleSources(t)))
}

func TestASleepingTestIsFound(t *testing.T) {
	wantFindings(t, 4, sleepFindings(example(t, "worker/pool_test.go", `package worker
import ("testing"; clock "time")
func TestX(t *testing.T) {
	clock.Sleep(clock.Second)
	<-clock.After(clock.Second)
	for range 10 {
		clock.Sleep(clock.Millisecond) // a loop that looks at nothing is one long sleep
	}
	for {
		if ok() { break }
		clock.Sleep(200 * clock.Millisecond)
	}
}`)))
	// Inside a synctest bubble time costs nothing and is exact. A limit in a select is not a sleep, nor is a short pause in a loop that looks.
	// A time that is itself what the test is about is a time.After with a remark.
	wantFindings(t, 0, sleepFindings(example(t, "worker/pool_test.go", `package worker
import ("testing"; "testing/synctest"; "time")
func TestX(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { time.Sleep(time.Hour) })
	select {
	case <-done:
	case <-time.After(time.Second):
		t.Fatal("not done")
	}
	<-time.After(3 * time.Second) // how long the storm lasts
	for deadline := time.Now().Add(time.Second); ; time.Sleep(5 * time.Millisecond) {
		if ok() || time.Now().After(deadline) { return }
	}
}`)))
}

// sleepFindings wants tests to wait for events. What nobody reports (the death of a stranger's process) may be polled: a loop that looks,
// and pauses for a few milliseconds. A span that is the subject ("idle for longer than the deadline") is <-time.After with a remark.
func sleepFindings(sources []source) []string {
	var findings []string
	for _, s := range sources {
		if !s.isTest() {
			continue
		}
		const advice = "wait for the event itself, or use testing/synctest"
		inSelect := map[ast.Node]bool{}
		var path []ast.Node
		ast.Inspect(s.tree, func(n ast.Node) bool {
			if n == nil {
				path = path[:len(path)-1]
				return true
			}
			switch n := n.(type) {
			case *ast.CommClause:
				inSelect[n.Comm] = true
			case *ast.CallExpr:
				if s.calls(n, "testing/synctest", "Test") {
					return false
				}
				if s.calls(n, "time", "Sleep") && !(isShort(n.Args[0]) && polls(path)) {
					findings = append(findings, fmt.Sprintf("%s: a test sleeps: %s", s.at(n), advice))
				}
			case *ast.ExprStmt:
				receive, ok := n.X.(*ast.UnaryExpr)
				if !ok || receive.Op != token.ARROW || inSelect[n] {
					break
				}
				if call, ok := receive.X.(*ast.CallExpr); ok && s.calls(call, "time", "After") && !s.hasRemark(n) {
					findings = append(findings, fmt.Sprintf("%s: a test sleeps by time.After: %s; if the time is what the test is about, say so on that line", s.at(n), advice))
				}
			}
			path = append(path, n)
			return true
		})
	}
	return findings
}

// hasRemark says whether a comment ends the line of n.
func (s source) hasRemark(n ast.Node) bool {
	for _, group := range s.tree.Comments {
		if s.fset.Position(group.Pos()).Line == s.fset.Position(n.Pos()).Line {
			return true
		}
	}
	return false
}

// isShort says whether a duration is time.Millisecond or a few of them.
func isShort(e ast.Expr) bool {
	if product, ok := e.(*ast.BinaryExpr); ok && product.Op == token.MUL {
		factor, ok := product.X.(*ast.BasicLit)
		if !ok {
			return false
		}
		n, err := strconv.Atoi(factor.Value)
		return err == nil && n <= longestPoll && isShort(product.Y)
	}
	unit, ok := e.(*ast.SelectorExpr)
	return ok && (unit.Sel.Name == "Millisecond" || unit.Sel.Name == "Microsecond")
}

// polls says whether the innermost loop around a node has an if that can leave it.
func polls(path []ast.Node) bool {
	for i := len(path) - 1; i >= 0; i-- {
		loop, ok := path[i].(*ast.ForStmt)
		if !ok {
			continue
		}
		leaves := loop.Cond != nil
		ast.Inspect(loop.Body, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.IfStmt:
				ast.Inspect(n.Body, func(n ast.Node) bool {
					switch n := n.(type) {
					case *ast.ReturnStmt:
						leaves = true
					case *ast.BranchStmt:
						leaves = leaves || n.Tok == token.BREAK
					}
					return true
				})
			}
			return true
		})
		return leaves
	}
	return false
}
