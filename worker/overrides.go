package worker

import (
	"fmt"
	"slices"
	"strings"
)

// Overrides are the settings that a request brings along: PHP_VALUE, which scripts may change, and PHP_ADMIN_VALUE, which they
// may not. The web server's administrator writes them. Source: fastcgi_ini_parser in fpm_main.c.
type Overrides struct{ Values, AdminValues []Setting }

// parseOverrides reads the two variables, lines of an ini file each, with env for their ${NAME}. What cannot be in force is left
// out, with a line for the log that begins as php-fpm's. refusals are those of PHP_ADMIN_VALUE: without what fences it in, open_basedir
// perhaps, a script must not run.
func parseOverrides(values, admin string, env []string) (o Overrides, problems, refusals []string) {
	o.Values, problems = parseOverride(values, env)
	o.AdminValues, refusals = parseOverride(admin, env)
	return o, problems, refusals
}

func parseOverride(text string, env []string) ([]Setting, []string) {
	settings, problems := parseINI(text, env)
	settings = slices.DeleteFunc(settings, func(s Setting) bool {
		if !beforePHP(s.Name) {
			return false
		}
		problems = append(problems, fmt.Sprintf("unable to set '%s': it belongs in the pool's configuration", s.Name))
		return true
	})
	for i := range problems {
		problems[i] = "Passing INI directive through FastCGI: " + problems[i]
	}
	return settings, problems
}

// beforePHP reports whether a setting cannot come with a request: php-fpm's workers have read it before, and Howdah needs it.
func beforePHP(name string) bool {
	return name == "zend_extension" || strings.HasPrefix(name, "opcache.preload") ||
		slices.ContainsFunc(forced, func(f Setting) bool { return f.Name == name })
}

// Empty reports whether nothing is set.
func (o Overrides) Empty() bool { return len(o.Values)+len(o.AdminValues) == 0 }

// String names the settings in a log line.
func (o Overrides) String() string {
	var names []string
	for _, s := range slices.Concat(o.Values, o.AdminValues) {
		names = append(names, s.Name)
	}
	return strings.Join(names, ", ")
}

// Override puts o over the settings of the pool. As in php-fpm a value changes one that the pool's administrator has set, which
// then stays as fixed as it was; lists of what is disabled grow.
func (s *ZygoteSpec) Override(o Overrides) {
	s.Values, s.AdminValues = slices.Clone(s.Values), slices.Clone(s.AdminValues)
	for _, v := range o.Values {
		if i := indexOf(s.AdminValues, v.Name); i >= 0 && !isList(v.Name) {
			s.AdminValues[i].Value = v.Value
		} else {
			s.Values = append(s.Values, v)
		}
	}
	for _, v := range o.AdminValues {
		if i := indexOf(s.AdminValues, v.Name); i >= 0 && !isList(v.Name) {
			s.AdminValues[i].Value = v.Value
		} else {
			s.AdminValues = append(s.AdminValues, v)
		}
	}
	s.side = true
}

func indexOf(settings []Setting, name string) int {
	return slices.IndexFunc(settings, func(s Setting) bool { return s.Name == name })
}

// isList reports whether a setting may be given several times, and each counts.
func isList(name string) bool {
	return name == "extension" || name == "disable_functions" || name == "disable_classes"
}
