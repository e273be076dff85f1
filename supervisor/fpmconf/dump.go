package fpmconf

import (
	"fmt"
	"strconv"
	"strings"
)

// Dump is what php-fpm -tt shows: each directive with its value in php-fpm's eyes. The lines are texts of NOTICE lines.
func (l *Loaded) Dump() []string {
	t := l.tree
	lines := append([]string{"[global]"}, dumpSection(t.global)...)
	lines = append(lines, " ")
	for _, p := range t.pools {
		lines = append(lines, "["+p.name+"]")
		lines = append(lines, dumpSection(p)...)
		for _, list := range []string{"env", "php_value", "php_admin_value"} {
			lines = append(lines, dumpArray(list, p.arrays[list])...)
		}
		lines = append(lines, " ")
	}
	return lines
}

func dumpSection(s *section) []string {
	var lines []string
	for _, d := range s.directives() {
		switch d.name {
		case suppressPath:
			lines = append(lines, dumpArray(suppressPath, s.arrays[suppressPath])...)
		case "apparmor_hat": // forgotten by fpm_conf_dump
		default:
			lines = append(lines, "\t"+d.name+" = "+d.show(s))
		}
	}
	return lines
}

// dumpArray shows the last entry first, as php-fpm's list has it.
func dumpArray(name string, pairs []pair) []string {
	var lines []string
	for i := len(pairs) - 1; i >= 0; i-- {
		lines = append(lines, fmt.Sprintf("\t%s[%s] = %s", name, pairs[i].key, pairs[i].value))
	}
	return lines
}

// show is the value of a directive as fpm_conf_dump prints it.
func (d directive) show(s *section) string {
	n := s.num(d.name)
	switch d.form {
	case secondsForm:
		if d.name == "pm.process_idle_timeout" {
			return strconv.Itoa(n)
		}
		return strconv.Itoa(n) + "s"
	case booleanForm:
		if n == 1 {
			return "yes"
		}
		return "no"
	case levelForm:
		if word := levels[s.str(d.name)]; word != "" {
			return word
		}
		return "unknown value"
	case managerForm:
		return s.str(d.name)
	case textForm:
		if word := s.str(d.name); word != "" || s.has(d.name) && !s.dropped(d.name) {
			return word
		}
		return "undefined"
	}
	if d.name == "process.priority" && n == unset {
		return "undefined"
	}
	return strconv.Itoa(n)
}

// dropped reports whether php-fpm forgets what was given: ping.response without ping.path.
func (s *section) dropped(name string) bool {
	return name == "ping.response" && !s.set("ping.path")
}

// Has reports whether the configuration gives a directive ("pm.max_children", "php_value") in the pool; pool "" is [global].
func (g Given) Has(pool, directive string) bool {
	s := g.tree.global
	if pool != "" {
		s = nil
		for _, p := range g.tree.pools {
			if strings.EqualFold(p.name, pool) {
				s = p
			}
		}
	}
	return s != nil && (s.has(directive) || len(s.arrays[directive]) > 0)
}
