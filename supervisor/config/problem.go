package config

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// A Problem is one thing that is wrong, where, and what to do about it.
type Problem struct {
	File string // as it was given to Load or Parse; "--root DIR" for ForRoot
	Line int    // from 1; 0 only when the file itself can't be read, and for ForRoot
	Key  string // "pool.www.pm_max_children"; may be empty
	Text string
	Hint string // may be empty
	path []string
}

// Within is the pool ("" for [global]) and the key, without its table, that the problem is with.
func (p Problem) Within() (pool, key string) {
	switch {
	case len(p.path) > 1 && p.path[0] == "pool":
		return p.path[1], strings.Join(p.path[2:], ".")
	case len(p.path) > 1:
		return "", strings.Join(p.path[1:], ".")
	}
	return "", ""
}

// String is "pool.toml:14: pool.www.pm: text (hint)".
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		b.WriteString(":" + strconv.Itoa(p.Line))
	}
	b.WriteString(": ")
	if p.Key != "" {
		b.WriteString(p.Key + ": ")
	}
	b.WriteString(p.Text)
	if p.Hint != "" {
		b.WriteString(" (" + p.Hint + ")")
	}
	return b.String()
}

// Problems is the error of Load, Parse and ForRoot: never empty, sorted by line.
type Problems []Problem

// Error has one line for each problem.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

func (ps Problems) sort() {
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Key, b.Key), cmp.Compare(a.Text, b.Text))
	})
}

// A fault is what is wrong with one value, before anybody knows where it stands.
type fault struct{ text, hint string }

func (f *fault) Error() string { return f.text }
