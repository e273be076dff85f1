package worker

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Three ways lead a setting into PHP, and php_admin_value needs two of them (measured on 8.2):
//
//	-d NAME=VALUE       in force from PHP's start; a script can change it like any value of php.ini
//	[PATH=/top]         in force for scripts below /top; neither ini_set nor .user.ini can change it, but PHP reads it only
//	                    after it has read a posted form, too late for post_max_size, and too late for whatever acts at start
//
// So php_value goes by -d, and php_admin_value by both.

// forced are the settings that Howdah does not work without.
var forced = []Setting{
	{"fastcgi.logging", "1"}, // the mark of fastcgi_finish_request travels as FastCGI's STDERR
	{"cgi.fix_pathinfo", "1"},
}

// startupOnly reports whether PHP reads a setting only when it starts; nothing can change it afterwards.
func startupOnly(name string) bool {
	switch name {
	case "extension", "zend_extension", "extension_dir", "disable_functions", "disable_classes":
		return true
	}
	return strings.HasPrefix(name, "opcache.preload") ||
		slices.ContainsFunc(forced, func(f Setting) bool { return f.Name == name })
}

var (
	iniName = regexp.MustCompile(`^[A-Za-z0-9_.-]+$`)
	// errorLevel is an expression of PHP's E_ constants, which only the ini parser can evaluate.
	errorLevel = regexp.MustCompile(`^[~!(\s]*(E_[A-Z_]+|[0-9]+)([\s)]*[|&^][~!(\s]*(E_[A-Z_]+|[0-9]+))*[\s)]*$`)
)

func checkSettings(settings ...[]Setting) error {
	for _, list := range settings {
		for _, s := range list {
			if !iniName.MatchString(s.Name) {
				return fmt.Errorf("setting %q: a name has only letters, digits, '.', '_' and '-'", s.Name)
			}
			if strings.ContainsRune(s.Value, 0) {
				return fmt.Errorf("setting %s: the value holds a NUL byte", s.Name)
			}
		}
	}
	return nil
}

// iniLine is NAME=VALUE such that PHP's ini parser finds exactly the value: no constant, ${NAME}, comment or operator in it
// has a meaning. The one exception is error_reporting, where php-fpm's users write E_ALL & ~E_NOTICE.
func iniLine(s Setting) string {
	if s.Name == "error_reporting" && errorLevel.MatchString(s.Value) {
		return s.Name + "=" + s.Value
	}
	return s.Name + "=" + iniQuote(s.Value)
}

// iniQuote quotes as a shell does: nothing has a meaning between single quotes, single quotes stand between double quotes, and
// adjacent strings are joined. An empty string may not be adjacent to another.
func iniQuote(v string) string {
	if v == "" {
		return "''"
	}
	var b strings.Builder
	for v != "" {
		mark, n := byte('\''), strings.IndexByte(v, '\'')
		if n == 0 {
			mark, n = '"', len(v)-len(strings.TrimLeft(v, "'"))
		}
		if n < 0 {
			n = len(v)
		}
		b.WriteByte(mark)
		b.WriteString(v[:n])
		b.WriteByte(mark)
		v = v[n:]
	}
	return b.String()
}

// adminINI is an ini file that gives scripts below each of the directories the settings that they cannot change.
func adminINI(admin []Setting, directories []string) string {
	var lines []string
	for _, s := range admin {
		if !startupOnly(s.Name) {
			lines = append(lines, iniLine(s))
		}
	}
	if len(lines) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("; php_admin_value of the pool, written by howdah at each start\n")
	for _, dir := range directories {
		fmt.Fprintf(&b, "[PATH=%s]\n%s\n", dir, strings.Join(lines, "\n"))
	}
	return b.String()
}

// probeINI is the section that lets our own scripts in dir run under any open_basedir, and without the site's files before
// and after. It is empty where none is set. effective tells what is.
func probeINI(dir string, how calling, effective func(name string) string) string {
	names := []string{"open_basedir", "auto_append_file"}
	if how == byPreload {
		names = append(names, "auto_prepend_file")
	}
	section := ""
	for _, name := range names {
		if effective(name) != "" {
			section += name + "=\n"
		}
	}
	if section == "" {
		return ""
	}
	return "[PATH=" + dir + "]\n" + section
}

// defines are the -d arguments: further defines, php_value, php_admin_value and what Howdah forces, the later winning.
func (s *ZygoteSpec) defines(php *PHPInfo, last ...Setting) []string {
	var args []string
	add := func(line string) { args = append(args, "-d", line) }
	for _, d := range s.Defines {
		add(d)
	}
	disabled := map[string]string{}
	for _, v := range slices.Concat(s.Values, s.AdminValues) {
		if v.Name == "disable_functions" || v.Name == "disable_classes" {
			// -d replaces; php-fpm adds to php.ini's list.
			if _, ok := disabled[v.Name]; !ok {
				disabled[v.Name] = s.defined(php, v.Name)
			}
			v.Value = joinList(disabled[v.Name], v.Value)
			disabled[v.Name] = v.Value
		}
		add(iniLine(v))
	}
	for _, v := range append(slices.Clone(forced), last...) {
		add(iniLine(v))
	}
	return args
}

func joinList(a, b string) string {
	if strings.TrimSpace(a) == "" {
		return b
	}
	if strings.TrimSpace(b) == "" {
		return a
	}
	return a + "," + b
}

// effective is the value that a setting has when PHP has started.
func (s *ZygoteSpec) effective(php *PHPInfo, name string) string {
	value := s.defined(php, name)
	for _, v := range slices.Concat(s.Values, s.AdminValues) {
		if v.Name == name {
			value = v.Value
		}
	}
	return value
}

// defined is the value that a setting has without the pool's own: php.ini's, or that of a further -d.
func (s *ZygoteSpec) defined(php *PHPInfo, name string) string {
	value := php.Setting(name)
	for _, d := range s.Defines {
		if k, v, _ := strings.Cut(d, "="); strings.TrimSpace(k) == name {
			value = strings.Trim(strings.TrimSpace(v), `"'`)
		}
	}
	return value
}

// iniBool reads a boolean as PHP does: true, yes and on in any case, else a number that is not 0.
func iniBool(v string) bool {
	switch strings.ToLower(v) {
	case "true", "yes", "on":
		return true
	}
	return strings.TrimLeft(v, " +-0") != "" && v[0] >= '0' && v[0] <= '9'
}
