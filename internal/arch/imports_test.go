package arch

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// floors is the house from the cellar up. A package imports only from floors below its own, and within its own family.
var floors = [][]string{
	{"internal", "php"},
	{"fcgiserver", "worker", "httpfront", "wsbridge"},
	{"supervisor/config"},
	{"supervisor/client", "supervisor/control", "supervisor/metrics"},
	{"supervisor/fpmconf"},
	{"supervisor"},
	{"cmd/howdah"},
}

// outsiders stand beside the house: they use the cellar only, and nobody uses them.
var outsiders = []string{"e2e", "bench", "packaging"}

// onlyIn says which package alone may use an import: each thing of the outside world has one place where it is known.
var onlyIn = map[string][]string{
	"github.com/BurntSushi/toml":   {"supervisor/config"},
	"github.com/spf13/cobra":       {"cmd/howdah"},
	"github.com/gorilla/websocket": {"wsbridge", "e2e", "bench"},
	"github.com/shirou/gopsutil":   {"worker", "internal/process", "bench"},
	"github.com/coreos/go-systemd": {"supervisor", "fcgiserver"},
	"github.com/prometheus":        {"supervisor/metrics"},
	"net/http":                     {"httpfront", "wsbridge", "supervisor", "e2e", "bench"},
	module + "/internal/process":   {"internal/process", "worker", "supervisor"},
	module + "/internal/phpstack":  {"internal/phpstack", "worker", "supervisor"},
	module + "/internal/reactor":   {"internal/reactor", "fcgiserver", "worker", "supervisor"},
}

// pure packages are bytes in, value or error out: they import neither the module nor anything that reaches outside.
var pure = []string{"internal/fcgi"}
var reachesOutside = []string{"net", "net/http", "os", "os/exec", "syscall", "time", "golang.org/x/sys/unix", "log", "log/slog"}

func TestImportsGoOnlyDownTheHouse(t *testing.T) {
	wantNone(t, importFindings(moduleSources(t)))
}

func TestImportsThatGoUpOrSidewaysAreFound(t *testing.T) {
	broken := []struct{ file, target string }{
		{"worker/pool.go", "howdah/fcgiserver"},
		{"fcgiserver/server.go", "howdah/supervisor/config"},
		{"internal/fcgi/header.go", "howdah/worker"},
		{"internal/reactor/loop.go", "howdah/supervisor"},
		{"supervisor/config/load.go", "howdah/supervisor"},
		{"supervisor/supervisor.go", "howdah/e2e"},
		{"e2e/daemon.go", "howdah/worker"},
		{"newpackage/x.go", "howdah/internal/fcgi"},
		{"worker/pool.go", "github.com/BurntSushi/toml"},
		{"worker/pool.go", "net/http"},
		{"internal/fcgi/reader.go", "os"},
	}
	for _, b := range broken {
		findings := importFindings(example(t, b.file, "package x\nimport _ "+strconv.Quote(b.target)))
		if len(findings) == 0 {
			t.Errorf("%s imports %s and no rule minds", b.file, b.target)
		}
	}
	fine := []struct{ file, target string }{
		{"worker/pool.go", "howdah/internal/reactor"},
		{"internal/process/spawner.go", "howdah/internal/fcgi"},
		{"supervisor/pool.go", "howdah/worker"},
		{"supervisor/pool.go", "howdah/supervisor/config"},
		{"cmd/howdah/serve.go", "howdah/supervisor"},
		{"worker/pool_test.go", "howdah/worker"},
		{"supervisor/config/load.go", "github.com/BurntSushi/toml"},
	}
	for _, f := range fine {
		wantFindings(t, 0, importFindings(example(t, f.file, "package x\nimport _ "+strconv.Quote(f.target))))
	}
}

func importFindings(sources []source) []string {
	var findings []string
	for _, s := range sources {
		for _, spec := range s.tree.Imports {
			target, _ := strconv.Unquote(spec.Path.Value)
			if why := refusal(s, target); why != "" {
				findings = append(findings, fmt.Sprintf("%s: %s must not import %s: %s", s.at(spec), s.pkg(), target, why))
			}
		}
	}
	return findings
}

// refusal says why the file must not import target; "" when it may.
func refusal(s source, target string) string {
	pkg := s.pkg()
	if !s.isTest() && slices.Contains(pure, pkg) && slices.Contains(reachesOutside, target) {
		return "it is a pure codec"
	}
	for guarded, users := range onlyIn {
		if !within(target, guarded) || s.isTest() && !strings.HasPrefix(guarded, module) {
			continue
		}
		if !slices.ContainsFunc(users, func(user string) bool { return within(pkg, user) }) {
			return fmt.Sprintf("only %s knows it", strings.Join(users, ", "))
		}
	}
	target, ours := strings.CutPrefix(target, module+"/")
	if !ours || target == pkg {
		return ""
	}
	from, to := floorOf(pkg), floorOf(target)
	switch {
	case isOutsider(target):
		return "nothing uses " + target
	case isOutsider(pkg):
		if to != 0 {
			return "it may use only internal packages and php, and sees the rest as an operator does"
		}
		return ""
	case from < 0:
		return fmt.Sprintf("%s is on no floor of imports_test.go: decide where it belongs", pkg)
	case to < 0:
		return fmt.Sprintf("%s is on no floor of imports_test.go: decide where it belongs", target)
	case from == 0 && to == 0, from > to, sameFamily(pkg, target):
		return ""
	case from == to:
		return "the packages of one floor do not know each other; declare the interface you need and let supervisor join them"
	default:
		return "imports go down only"
	}
}

// within says whether name is pkg or lies below it. A module's major version is no other module: x/v3/y lies within x.
func within(name, pkg string) bool {
	return name == pkg || strings.HasPrefix(name, pkg+"/")
}

// floorOf is the number of the floor, -1 for a package that is on none. The longest match counts: supervisor/config is not supervisor.
func floorOf(pkg string) int {
	floor, longest := -1, 0
	for number, names := range floors {
		for _, name := range names {
			if within(pkg, name) && len(name) > longest {
				floor, longest = number, len(name)
			}
		}
	}
	return floor
}

func isOutsider(pkg string) bool {
	return slices.ContainsFunc(outsiders, func(name string) bool { return within(pkg, name) })
}

// sameFamily: a package and those below it, on the same floor.
func sameFamily(a, b string) bool {
	return floorOf(a) == floorOf(b) && (within(a, b) || within(b, a))
}
