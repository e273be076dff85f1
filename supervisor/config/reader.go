package config

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"
)

// reader turns the tables of one file into values, and collects what is wrong with them.
type reader struct {
	file     string
	sys      System
	lines    *lineIndex
	problems Problems
	failed   map[string]bool // paths of keys with a problem
	notices  []string
}

// fail notes a problem with the key at path.
func (r *reader) fail(path []string, text, hint string) {
	r.failed[pathKey(path)] = true
	file, line := r.lines.place(path)
	if file == "" {
		file = r.file
	}
	r.problems = append(r.problems, Problem{file, line, toml.Key(path).String(), text, hint, path})
}

func (r *reader) failWith(path []string, err error) {
	var f *fault
	if errors.As(err, &f) {
		r.fail(path, f.text, f.hint)
		return
	}
	r.fail(path, err.Error(), "")
}

func (r *reader) notice(format string, args ...any) {
	r.notices = append(r.notices, fmt.Sprintf(format, args...))
}

// readTable reads raw, the table at path, into t. Keys that are missing or wrong get their defaults.
func readTable[T any](r *reader, here home, path []string, groups []group[T], raw map[string]any, t *T) {
	constant := defaults(groups)
	for _, g := range groups {
		for _, k := range g.keys {
			at := join(path, []string{k.name})
			given, ok := raw[k.name]
			if table, isTable := given.(map[string]any); isTable && k.field.word() != "table" {
				r.dotted(here, at, table)
				ok = false
			}
			if ok {
				k.field.read(r, at, given, t)
			}
			if def, has := constant[k.name]; has && (!ok || r.failed[pathKey(at)]) {
				k.field.read(r, at, def, t)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(raw)) {
		if _, ok := find(groups, name); !ok {
			r.unknown(here, join(path, []string{name}), raw[name])
		}
	}
}

// unknown reports the key at path, which here doesn't have.
func (r *reader) unknown(here home, path []string, value any) {
	name := path[len(path)-1]
	if table, ok := value.(map[string]any); ok {
		if meansDots(here, name, table) {
			r.dotted(here, path, table)
			return
		}
		if here.table == "[pool.NAME]" && looksLikePool(table) && nearest(name, here.names) == "" {
			whole := path[1] + "." + name
			r.fail(path, "unknown table", fmt.Sprintf("a pool with a dot in its name is [pool.%s]", strconv.Quote(whole)))
			return
		}
	}
	r.fail(path, "unknown key", hintFor(here, name))
}

// dotted reports the values of a table that is none: php-fpm's pm.max_children = 5 makes a table pm in TOML.
func (r *reader) dotted(here home, path []string, table map[string]any) {
	name := path[len(path)-1]
	all := leaves(nil, table)
	for _, l := range all {
		r.fail(join(path, l.path), "unknown key", hintFor(here, name+"."+strings.Join(l.path, ".")))
	}
	if len(all) == 0 {
		r.fail(path, "is a table, not a value", "")
	}
}

// meansDots reports whether name.x, with an x in table, is a php-fpm directive.
func meansDots(here home, name string, table map[string]any) bool {
	return slices.ContainsFunc(leaves(nil, table), func(l leaf) bool {
		return slices.Contains(here.names, name+"_"+strings.Join(l.path, "_"))
	})
}

// looksLikePool reports whether table has a key that a pool has.
func looksLikePool(table map[string]any) bool {
	for name := range table {
		if _, ok := find(poolKeys(), name); ok || name == "http" || name == "websocket" {
			return true
		}
	}
	return false
}
