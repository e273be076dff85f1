package fpmconf

import (
	"strings"
)

// tree is a configuration as php-fpm holds it when all files are read.
type tree struct {
	global  *section
	pools   []*section // in the order in which they were first named
	current *section   // the one that the next line belongs to
}

// A section is [global] or a pool, with the lines of all places where its header stands.
type section struct {
	name    string // of a pool
	at      place  // of its first header
	given   map[string]value
	arrays  map[string][]pair // env, php_value (with php_flag), php_admin_value (with php_admin_flag), access.suppress_path; as written
	derived map[string]value  // what php-fpm makes of it (see check.go), where that differs from what was given
}

// A pair is one name[key] = value.
type pair struct {
	key, value string
	flag       bool // of php_flag or php_admin_flag
	at         place
}

func newSection(name string, at place) *section {
	return &section{name: name, at: at, given: map[string]value{}, arrays: map[string][]pair{}, derived: map[string]value{}}
}

func newTree() *tree {
	global := newSection("", place{})
	return &tree{global: global, current: global}
}

// take is fpm_conf_ini_parser: what one statement means.
func (t *tree) take(l *loader, at place, s statement) {
	switch s.kind {
	case sectionStatement:
		t.open(s.name, at)
	case entryStatement:
		t.entry(l, at, s)
	case arrayStatement:
		t.array(l, at, s)
	case bareStatement:
		l.fail(at, "value is NULL for a ZEND_INI_PARSER_ENTRY")
	}
}

// open makes the section called name the current one. Letters may differ in case.
func (t *tree) open(name string, at place) {
	if strings.EqualFold(name, "global") {
		t.current = t.global
		return
	}
	for _, p := range t.pools {
		if strings.EqualFold(p.name, name) {
			t.current = p
			return
		}
	}
	t.current = newSection(name, at)
	t.pools = append(t.pools, t.current)
}

func (t *tree) inPool() bool { return t.current != t.global }

// entry is fpm_conf_ini_parser_entry. The last of several lines counts.
func (t *tree) entry(l *loader, at place, s statement) {
	all := globalDirectives
	if t.inPool() {
		all = poolDirectives
	}
	d, ok := lookUp(all, s.name)
	if !ok {
		l.fail(at, "unknown entry '%s'", s.name)
		return
	}
	v, fault := d.read(s.value)
	if d.form == textForm && fault == "" {
		v.text, fault = t.expand(v.text)
	}
	v.at, v.wrong = at, fault != ""
	t.current.given[d.name] = v
	if fault != "" {
		l.fail(at, "unable to parse value for entry '%s': %s", d.name, fault)
	}
}

// expand puts the name of the pool in the place of $pool.
func (t *tree) expand(text string) (expanded, fault string) {
	if !t.inPool() && strings.Contains(text, "$pool") {
		return text, "Can't use '$pool' when the pool is not defined"
	}
	return strings.ReplaceAll(text, "$pool", t.current.name), ""
}

// array is fpm_conf_ini_parser_array.
func (t *tree) array(l *loader, at place, s statement) {
	wrong := false
	switch {
	case s.name == suppressPath:
		if s.key != "" {
			l.fail(at, "Keys provided to field 'access.suppress_path' are ignored")
			wrong = true
		}
		if !strings.HasPrefix(s.value, "/") {
			l.fail(at, "Values provided to field 'access.suppress_path' must begin with '/'")
			wrong = true
		}
	case s.key == "":
		l.fail(at, "You must provide a key for field '%s'", s.name)
		return
	}
	if wrong {
		return
	}
	if !t.inPool() {
		l.fail(at, "Array are not allowed in the global section")
		return
	}
	list, flag := s.name, false
	switch s.name {
	case "env", "php_value", "php_admin_value", suppressPath:
	case "php_flag":
		list, flag = "php_value", true
	case "php_admin_flag":
		list, flag = "php_admin_value", true
	default:
		l.fail(at, "unknown directive '%s'", s.name)
		return
	}
	if s.name == "env" && s.value == "" {
		l.fail(at, "empty value")
		return
	}
	p := pair{key: s.key, value: s.value, flag: flag, at: at}
	fault := ""
	if flag {
		var v value
		v, fault = readBoolean(s.value)
		p.value = map[int]string{0: "0", 1: "1"}[v.num]
	} else {
		p.value, fault = t.expand(s.value)
	}
	if fault != "" {
		l.fail(at, "error while parsing '%s[%s]' : %s", s.name, s.key, fault)
		return
	}
	t.current.arrays[list] = append(t.current.arrays[list], p)
}
