package arch

import (
	"fmt"
	"go/ast"
	"go/token"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// fixedPort is an address whose port is a number other than 0.
var fixedPort = regexp.MustCompile(`^[^ /]*:0*[1-9][0-9]*$`)

// fixedListen is the same in an nginx configuration inside a test.
var fixedListen = regexp.MustCompile(`(?m)^\s*listen\s+(\S+:)?[1-9][0-9]*\b[^;%{]*;`)

func TestNoTestListensOnAFixedPort(t *testing.T) {
	wantNone(t, portFindings(moduleSources(t)))
}

func TestAFixedPortIsFound(t *testing.T) {
	wantFindings(t, 3, portFindings(example(t, "worker/pool_test.go", `package worker
import ("net"; "net/http")
func TestX(t *testing.T) {
	net.Listen("tcp", "127.0.0.1:9000")
	http.ListenAndServe(":8080", nil)
	conf := "server {\n  listen 127.0.0.1:8099;\n}"
}`)))
	wantFindings(t, 0, portFindings(example(t, "worker/pool_test.go", `package worker
import "net"
func TestX(t *testing.T) {
	net.Listen("tcp", "127.0.0.1:0")
	net.Listen("unix", dir+"/sock")
	conf := "server {\n  listen 127.0.0.1:%d;\n}"
	parse("127.0.0.1:9000")
}
func Example() { net.Listen("tcp", ":80") }`)))
}

// portFindings looks at the literals given to functions whose name begins with Listen, and at nginx's listen lines.
func portFindings(sources []source) []string {
	var findings []string
	for _, s := range sources {
		if !s.isTest() || s.pkg() == "internal/arch" && strings.HasSuffix(s.path, "ports_test.go") {
			continue
		}
		note := func(n ast.Node) {
			findings = append(findings, fmt.Sprintf("%s: a test listens on a fixed port: take port 0, or a socket in t.TempDir()", s.at(n)))
		}
		ast.Inspect(s.tree, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				return !strings.HasPrefix(n.Name.Name, "Example") // one that runs says what it prints, and can't know its port
			case *ast.CallExpr:
				if !strings.HasPrefix(calledName(n), "Listen") {
					return true
				}
				for _, argument := range n.Args {
					if text, ok := stringLiteral(argument); ok && fixedPort.MatchString(text) {
						note(argument)
					}
				}
			case *ast.BasicLit:
				if text, ok := stringLiteral(n); ok && fixedListen.MatchString(text) {
					note(n)
				}
			}
			return true
		})
	}
	return findings
}

func calledName(call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.SelectorExpr:
		return f.Sel.Name
	case *ast.Ident:
		return f.Name
	}
	return ""
}

func stringLiteral(e ast.Expr) (string, bool) {
	literal, ok := e.(*ast.BasicLit)
	if !ok || literal.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(literal.Value)
	return text, err == nil
}
