package config

import (
	"strconv"
	"strings"
	"time"

	"net/netip"
)

// A Document is what a configuration in another syntax than TOML says: values as TOML would have them, each with its place.
type Document struct {
	File   string // for problems without a place
	Global []Entry
	Pools  []PoolEntries
}

// PoolEntries are the keys of one pool.
type PoolEntries struct {
	Name    string
	File    string
	Line    int
	Entries []Entry
}

// An Entry is a key with its value.
type Entry struct {
	Key     string
	Setting string // the name within env, php_value and their kin; else ""
	Value   any    // string, int64, bool, or []any of strings
	File    string
	Line    int
	Wrong   bool // there is a problem with it already: the value is not looked at, the key counts as given
}

// Build makes a Config of d, with the defaults and checks of pool.toml.
func (s System) Build(d Document) (*Config, Problems) {
	r := &reader{file: d.File, sys: s, lines: &lineIndex{map[string]place{}}, failed: map[string]bool{}}
	raw := map[string]any{"global": r.entries([]string{"global"}, d.Global)}
	pools := map[string]any{}
	for _, p := range d.Pools {
		at := []string{"pool", p.Name}
		r.lines.add(at, p.File, p.Line)
		pools[p.Name] = r.entries(at, p.Entries)
	}
	raw["pool"] = pools
	c := r.document(raw)
	r.check(c)
	if len(r.problems) > 0 {
		return nil, r.problems
	}
	c.Notices = r.notices
	return c, nil
}

// entries makes a table of entries, and notes where they stand.
func (r *reader) entries(at []string, entries []Entry) map[string]any {
	table := map[string]any{}
	for _, e := range entries {
		path := below(at, e.Key)
		if e.Setting != "" {
			r.lines.add(path, e.File, e.Line)
			path = below(path, e.Setting)
		}
		r.lines.add(path, e.File, e.Line)
		switch {
		case e.Wrong:
			r.failed[pathKey(path)] = true
		case e.Setting == "":
			table[e.Key] = e.Value
		default:
			settings, _ := table[e.Key].(map[string]any)
			if settings == nil {
				settings = map[string]any{}
				table[e.Key] = settings
			}
			settings[e.Setting] = e.Value
		}
	}
	return table
}

// A Directive is a directive of php-fpm with the key of pool.toml that mirrors it.
type Directive struct {
	Name string // "pm.max_children"
	Key  string // "pm_max_children"
	raw  func(any) any
}

// Value is what TOML would have for v, the directive's value: a string, an int64, a bool, a time.Duration or []any of strings.
func (d Directive) Value(v any) any { return d.raw(v) }

// GlobalDirectives are those of [global] that have a key.
func GlobalDirectives() []Directive { return directives(globalKeys()) }

// PoolDirectives are those of a pool that have a key.
func PoolDirectives() []Directive { return directives(poolKeys()) }

func directives[T any](groups []group[T]) []Directive {
	var all []Directive
	for _, g := range groups {
		for _, k := range g.keys {
			if k.fpm == "" {
				continue
			}
			d := Directive{Name: k.fpm, Key: k.name, raw: func(v any) any { return v }}
			if f, ok := k.field.(interface{ fromFPM(any) any }); ok {
				d.raw = f.fromFPM
			}
			all = append(all, d)
		}
	}
	return all
}

// fromFPM gives a value of php-fpm's types the type that the field's kind reads.
func (f valueField[T, V]) fromFPM(v any) any {
	var zero V
	switch v := v.(type) {
	case time.Duration:
		if _, number := any(zero).(int); number {
			return int64(v / time.Second)
		}
		return formatDuration(v)
	case int64:
		switch any(zero).(type) {
		case ByteSize:
			return strconv.FormatInt(v, 10) + "B"
		case time.Duration:
			return strconv.FormatInt(v, 10) + "s"
		case string:
			return strconv.FormatInt(v, 10)
		}
	case string:
		switch any(zero).(type) {
		case []string, []netip.Prefix, Peers:
			return splitList(v)
		}
	}
	return v
}

// splitList cuts a list of php-fpm's: names and addresses have ',' between them, endings have space.
func splitList(text string) []any {
	items := []any{}
	for _, item := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' }) {
		items = append(items, item)
	}
	return items
}
