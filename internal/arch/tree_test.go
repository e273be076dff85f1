package arch

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// module is the import path of the root.
const module = "howdah"

// root is the module's directory as seen from this package's tests.
const root = "../.."

// source is one parsed Go file of the module.
type source struct {
	path string // relative to root, with slashes
	fset *token.FileSet
	tree *ast.File
}

// pkg is the directory of the file, relative to root: "worker", "internal/fcgi", "." for the root.
func (s source) pkg() string { return path.Dir(s.path) }

// isTest says whether the file is compiled only for tests. All of e2e is a test, whatever the file is called.
func (s source) isTest() bool {
	return strings.HasSuffix(s.path, "_test.go") || s.pkg() == "e2e" || strings.HasPrefix(s.path, "e2e/")
}

// isProduct says whether the file is part of what an operator runs.
func (s source) isProduct() bool {
	return !s.isTest() && s.pkg() != "bench" && !strings.HasPrefix(s.path, "bench/")
}

// at is the place of a node, as compilers print it.
func (s source) at(n ast.Node) string {
	return fmt.Sprintf("%s:%d", s.path, s.fset.Position(n.Pos()).Line)
}

// imports maps the name by which the file knows a package to its import path.
func (s source) imports() map[string]string {
	names := map[string]string{}
	for _, spec := range s.tree.Imports {
		target, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue // the parser has accepted it: can't be
		}
		name := path.Base(target)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		names[name] = target
	}
	return names
}

// calls reports whether call is importPath.function, by whatever name the file imports it.
func (s source) calls(call *ast.CallExpr, importPath, function string) bool {
	selector, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || selector.Sel.Name != function {
		return false
	}
	name, ok := selector.X.(*ast.Ident)
	return ok && s.imports()[name.Name] == importPath
}

var parseModule = sync.OnceValues(func() ([]source, error) {
	var sources []source
	err := walkModule(func(name string) error {
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			return err
		}
		s, err := parse(name, string(text))
		sources = append(sources, s)
		return err
	})
	return sources, err
})

// moduleSources is every Go file of the module.
func moduleSources(t *testing.T) []source {
	t.Helper()
	sources, err := parseModule()
	if err != nil {
		t.Fatalf("cannot read the module: %v", err)
	}
	if len(sources) < 20 {
		t.Fatalf("found %d Go files below %s: that is not the module", len(sources), root)
	}
	return sources
}

// example is a file that exists only in a test of a rule.
func example(t *testing.T, name, text string) []source {
	t.Helper()
	s, err := parse(name, text)
	if err != nil {
		t.Fatalf("example %s: %v", name, err)
	}
	return []source{s}
}

func parse(name, text string) (source, error) {
	fset := token.NewFileSet()
	tree, err := parser.ParseFile(fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
	return source{path: name, fset: fset, tree: tree}, err
}

// walkModule calls visit with the path of every file that belongs to the module, relative to root.
func walkModule(visit func(name string) error) error {
	return filepath.WalkDir(root, func(full string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, full)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		if entry.IsDir() {
			switch base := entry.Name(); {
			case name == ".":
				return nil
			case base == "testdata", base == "vendor", base == "bin", base == "dist", strings.HasPrefix(base, ".") && base != ".ci":
				return fs.SkipDir
			}
			return nil
		}
		return visit(name)
	})
}

// read is the text of a file of the module.
func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatalf("cannot read %s: %v", name, err)
	}
	return string(text)
}

// wantNone fails the test with every finding.
func wantNone(t *testing.T, findings []string) {
	t.Helper()
	for _, finding := range findings {
		t.Error(finding)
	}
}

// wantFindings fails the test unless a broken example was found out, n times.
func wantFindings(t *testing.T, n int, findings []string) {
	t.Helper()
	if len(findings) != n {
		t.Errorf("got %d findings, want %d: %q", len(findings), n, findings)
	}
}
