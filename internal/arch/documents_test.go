package arch

import (
	"fmt"
	"go/ast"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

var (
	fence    = regexp.MustCompile("(?ms)^```.*?^```$")
	link     = regexp.MustCompile(`\[[^\]]*\]\(([^)\s]+)\)`)
	heading  = regexp.MustCompile(`(?m)^#+ (.+)$`)
	quoted   = regexp.MustCompile("`([^`\n]+)`")
	makeCall = regexp.MustCompile(`\bmake ([a-z]+)\b`)
	target   = regexp.MustCompile(`(?m)^([a-z0-9-]+):`)
	// symbol is package.Name or package.Type.Member; place is a path with a slash in it.
	symbol = regexp.MustCompile(`^([a-z]+(?:/[a-z]+)*)\.([A-Z]\w*)(?:\.([A-Za-z]\w*))?$`)
	place  = regexp.MustCompile(`^[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)*/?$`)
)

// embedded is a file that becomes part of the program: the template of a document rather than one.
var embedded = regexp.MustCompile(`(?m)^//go:embed (\S+)$`)

// documents is every Markdown file of the module.
func documents(t *testing.T) map[string]string {
	t.Helper()
	texts := map[string]string{}
	templates := map[string]bool{}
	for _, s := range moduleSources(t) {
		for _, match := range embedded.FindAllStringSubmatch(read(t, s.path), -1) {
			templates[path.Join(s.pkg(), match[1])] = true
		}
	}
	err := walkModule(func(name string) error {
		if strings.HasSuffix(name, ".md") && !templates[name] {
			texts[name] = read(t, name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return texts
}

func TestLinksInDocumentsLeadSomewhere(t *testing.T) {
	texts := documents(t)
	wantNone(t, linkFindings(texts, exists))
}

func TestADeadLinkIsFound(t *testing.T) {
	there := func(name string) bool { return name == "docs/config.md" }
	wantFindings(t, 1, linkFindings(map[string]string{"README.md": "[x](docs/gone.md)"}, there))
	wantFindings(t, 1, linkFindings(map[string]string{"docs/a.md": "[x](docs/config.md)"}, there))
	wantFindings(t, 1, linkFindings(map[string]string{"README.md": "# Here\n[x](#there)"}, there))
	wantFindings(t, 0, linkFindings(map[string]string{
		"README.md":      "# The `pool` file\n[x](docs/config.md) [y](https://example.com/z) [z](#the-pool-file) [w](docs/config.md#keys)",
		"docs/config.md": "## Keys\n[back](../README.md#the-pool-file)",
	}, func(name string) bool { return name == "docs/config.md" || name == "README.md" }))
}

func linkFindings(texts map[string]string, exists func(string) bool) []string {
	var findings []string
	for name, text := range texts {
		for _, match := range link.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
			if strings.Contains(match[1], "://") || strings.HasPrefix(match[1], "mailto:") {
				continue
			}
			file, anchor, _ := strings.Cut(match[1], "#")
			full := name
			if file != "" {
				full = path.Join(path.Dir(name), file)
				if !exists(full) {
					findings = append(findings, fmt.Sprintf("%s: the link to %s leads nowhere", name, match[1]))
					continue
				}
			}
			if anchor != "" && !hasAnchor(texts[full], anchor) {
				findings = append(findings, fmt.Sprintf("%s: %s has no heading #%s", name, full, anchor))
			}
		}
	}
	return findings
}

// hasAnchor forms anchors from headings as Git forges do.
func hasAnchor(text, anchor string) bool {
	for _, match := range heading.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
		id := strings.Map(func(r rune) rune {
			switch {
			case r == ' ' || r == '-':
				return '-'
			case unicode.IsLetter(r), unicode.IsDigit(r), r == '_':
				return unicode.ToLower(r)
			}
			return -1
		}, match[1])
		if id == anchor {
			return true
		}
	}
	return false
}

func TestNamesInDocumentsExist(t *testing.T) {
	wantNone(t, nameFindings(documents(t), declarations(moduleSources(t)), exists))
}

func TestANameThatIsGoneIsFound(t *testing.T) {
	code := declarations(example(t, "worker/pool.go", "package worker\ntype Pool struct{ idle int }\nfunc (p *Pool) Drain() {}\nconst Max = 1"))
	none := func(string) bool { return false }
	for _, gone := range []string{"worker.Queue", "worker.Pool.Stop", "docs/gone.md", "worker/queue.go"} {
		wantFindings(t, 1, nameFindings(map[string]string{"README.md": "See `" + gone + "`."}, code, none))
	}
	for _, fine := range []string{"worker.Pool", "worker.Pool.Drain", "worker.Pool.idle", "worker.Max", "slog.Handler", "/etc/howdah/pool.toml", "application/json", "go build ./..."} {
		wantFindings(t, 0, nameFindings(map[string]string{"README.md": "See `" + fine + "`."}, code, none))
	}
}

// nameFindings looks at what stands in backquotes: a symbol of one of our packages must be declared, a path below one of our directories must exist.
func nameFindings(texts map[string]string, code map[string]map[string]bool, exists func(string) bool) []string {
	var findings []string
	for name, text := range texts {
		if name == "CHANGELOG.md" {
			continue // it speaks of the past
		}
		for _, match := range quoted.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
			word := strings.TrimSuffix(match[1], "()")
			if parts := symbol.FindStringSubmatch(word); parts != nil {
				symbols, ours := code[path.Base(parts[1])]
				wanted := parts[2]
				if parts[3] != "" {
					wanted += "." + parts[3]
				}
				if ours && !symbols[wanted] {
					findings = append(findings, fmt.Sprintf("%s speaks of `%s`, which is not declared", name, word))
				}
				continue
			}
			top, _, deep := strings.Cut(word, "/")
			if deep && place.MatchString(word) && ourTop(top) && !exists(word) && !exists(path.Join(path.Dir(name), word)) {
				findings = append(findings, fmt.Sprintf("%s speaks of `%s`, which does not exist", name, word))
			}
		}
	}
	return findings
}

// ourTop says whether a path with this first part is meant to lie in the module.
func ourTop(top string) bool {
	switch top {
	case "cmd", "supervisor", "fcgiserver", "worker", "httpfront", "wsbridge", "internal", "php", "packaging", "examples", "bench", "e2e", "docs", ".ci":
		return true
	}
	return false
}

// declarations is, for each package name, what it declares: Name, Type.Method, Type.field.
func declarations(sources []source) map[string]map[string]bool {
	code := map[string]map[string]bool{}
	for _, s := range sources {
		if strings.HasSuffix(s.path, "_test.go") {
			continue
		}
		pkg := s.tree.Name.Name
		if code[pkg] == nil {
			code[pkg] = map[string]bool{}
		}
		for _, decl := range s.tree.Decls {
			switch decl := decl.(type) {
			case *ast.FuncDecl:
				code[pkg][receiver(decl)+decl.Name.Name] = true
			case *ast.GenDecl:
				for _, spec := range decl.Specs {
					declare(code[pkg], spec)
				}
			}
		}
	}
	return code
}

func declare(names map[string]bool, spec ast.Spec) {
	switch spec := spec.(type) {
	case *ast.ValueSpec:
		for _, name := range spec.Names {
			names[name.Name] = true
		}
	case *ast.TypeSpec:
		names[spec.Name.Name] = true
		var members *ast.FieldList
		switch body := spec.Type.(type) {
		case *ast.StructType:
			members = body.Fields
		case *ast.InterfaceType:
			members = body.Methods
		default:
			return
		}
		for _, member := range members.List {
			for _, name := range member.Names {
				names[spec.Name.Name+"."+name.Name] = true
			}
		}
	}
}

// receiver is "Type." for a method, "" for a function.
func receiver(f *ast.FuncDecl) string {
	if f.Recv == nil || len(f.Recv.List) == 0 {
		return ""
	}
	kind := f.Recv.List[0].Type
	if star, ok := kind.(*ast.StarExpr); ok {
		kind = star.X
	}
	if index, ok := kind.(*ast.IndexExpr); ok {
		kind = index.X
	}
	if name, ok := kind.(*ast.Ident); ok {
		return name.Name + "."
	}
	return ""
}

func TestCommandsInDocumentsAreTargetsOfTheMakefile(t *testing.T) {
	wantNone(t, makeFindings(documents(t), read(t, "Makefile")))
	for _, command := range []string{"make run", "make test"} {
		if !strings.Contains(read(t, "README.md"), command) {
			t.Errorf("README.md does not show %q", command)
		}
	}
	listed := makefileTargets(read(t, "Makefile"))
	for _, name := range strings.Fields("help build run test lint race fuzz bench golden deps") {
		if !listed[name] {
			t.Errorf("the Makefile has no target %s", name)
		}
	}
}

func TestACommandThatIsNoTargetIsFound(t *testing.T) {
	wantFindings(t, 1, makeFindings(map[string]string{"README.md": "run `make rnu` now"}, "run:\n"))
	wantFindings(t, 1, makeFindings(map[string]string{"README.md": "```\nmake rnu\n```\n"}, "run:\n"))
	wantFindings(t, 0, makeFindings(map[string]string{"README.md": "run `make run` and make sure"}, "run:\n"))
}

// makeFindings looks at `make word` in backquotes and in fenced blocks; in prose "make" is a verb.
func makeFindings(texts map[string]string, makefile string) []string {
	targets := makefileTargets(makefile)
	var findings []string
	for name, text := range texts {
		code := strings.Join(fence.FindAllString(text, -1), "\n") + strings.Join(quoted.FindAllString(fence.ReplaceAllString(text, ""), -1), "\n")
		for _, match := range makeCall.FindAllStringSubmatch(code, -1) {
			if !targets[match[1]] {
				findings = append(findings, fmt.Sprintf("%s shows `make %s`, which is no target of the Makefile", name, match[1]))
			}
		}
	}
	return findings
}

func makefileTargets(makefile string) map[string]bool {
	targets := map[string]bool{}
	for _, match := range target.FindAllStringSubmatch(makefile, -1) {
		targets[match[1]] = true
	}
	return targets
}

func exists(name string) bool {
	_, err := os.Stat(filepath.Join(root, name))
	return err == nil
}
