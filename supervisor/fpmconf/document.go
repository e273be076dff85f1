package fpmconf

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"howdah/supervisor/config"
)

// A leftOut is a directive that has no place in pool.toml.
type leftOut struct {
	pool    string // "": [global]
	at      place
	text    string
	refused bool // Howdah can't do what it asks; otherwise there is nothing to do
}

// toDocument says by keys of pool.toml what the directives say. Keys know which directive they mirror.
func (l *loader) toDocument() (config.Document, []leftOut) {
	d := config.Document{File: l.tree.global.at.file}
	var left []leftOut
	g := l.tree.global
	d.Global, left = l.entries(g, config.GlobalDirectives(), left)
	if l.o.RuntimeDir != "" {
		d.Global = append(d.Global, config.Entry{Key: "runtime_dir", Value: l.o.RuntimeDir})
	}
	for _, p := range l.tree.pools {
		entries, more := l.entries(p, config.PoolDirectives(), left)
		left = more
		for _, extra := range [][2]string{{"php_binary", l.o.PHPBinary}, {"php_ini", l.o.PHPIni}, {"php_ini_scan_dir", l.o.PHPIniScanDir}} {
			if extra[1] != "" {
				entries = append(entries, config.Entry{Key: extra[0], Value: extra[1], File: p.at.file, Line: p.at.line})
			}
		}
		entries = append(entries, settings(p)...)
		d.Pools = append(d.Pools, config.PoolEntries{Name: p.name, File: p.at.file, Line: p.at.line, Entries: entries})
	}
	return d, left
}

// entries are the directives of a section that ask for something.
func (l *loader) entries(s *section, mirrors []config.Directive, left []leftOut) ([]config.Entry, []leftOut) {
	var entries []config.Entry
	for _, d := range s.directives() {
		at := s.where(d.name)
		if d.name == suppressPath {
			if len(s.arrays[suppressPath]) == 0 {
				continue
			}
			at = s.arrays[suppressPath][0].at
		} else if !s.has(d.name) && !always(s, d.name) {
			continue
		}
		mirror := slices.IndexFunc(mirrors, func(m config.Directive) bool { return m.Name == d.name || m.Name == d.name+"[]" })
		value, asks := l.asked(s, d)
		switch {
		case !s.sound(d.name) && mirror >= 0:
			entries = append(entries, config.Entry{Key: mirrors[mirror].Key, File: at.file, Line: at.line, Wrong: true})
		case !s.sound(d.name) || !asks:
		case mirror >= 0:
			entries = append(entries, config.Entry{Key: mirrors[mirror].Key, Value: mirrors[mirror].Value(value), File: at.file, Line: at.line})
		case d.name == "daemonize" || d.name == "events.mechanism" || d.name == "prefix":
			left = append(left, leftOut{pool: s.name, at: at, text: ownWords[d.name]})
		case d.name == "process.dumpable":
			left = append(left, leftOut{pool: s.name, at: at, text: ownWords[d.name]})
		case refusals[d.name] != "":
			left = append(left, leftOut{s.name, at, d.name + " is refused: " + refusals[d.name], true})
		case d.isDefault(s):
		default:
			left = append(left, leftOut{s.name, at, fmt.Sprintf("%s is a directive that this version of Howdah does not have", d.name), true})
		}
	}
	return entries, left
}

// isDefault reports whether a section says of a directive what php-fpm does anyway.
func (d directive) isDefault(s *section) bool {
	if d.form == textForm {
		return s.str(d.name) == d.text
	}
	return d.form != levelForm && d.form != managerForm && s.num(d.name) == d.num
}

// ownWords say why a directive has no key.
var ownWords = map[string]string{
	"daemonize":        "daemonize: Howdah serves in the foreground; systemd keeps it in the background",
	"events.mechanism": "events.mechanism: Howdah always uses epoll",
	"prefix":           "prefix: paths are absolute here",
	"process.dumpable": "process.dumpable: php-cgi is dumpable anyway",
}

// refusals say why a directive can't hold on php-cgi.
var refusals = map[string]string{
	"chroot":       config.WhyNoChroot,
	"apparmor_hat": config.WhyNoHat,
}

// always reports whether php-fpm's own value counts even if the files don't give it: it is another than the key's default, and not
// one that harms.
func always(s *section, name string) bool {
	if s.directives()[0].name == "pid" {
		return name == "error_log" || name == "pid" && s.set("pid")
	}
	return name == "pm.status_path" && s.set(name) // of a status listener
}

// asked is the value of a directive for its key, and whether it asks for anything.
func (l *loader) asked(s *section, d directive) (value any, asks bool) {
	n := int64(s.num(d.name))
	if d.name == suppressPath {
		var paths []any
		for _, p := range s.arrays[suppressPath] {
			paths = append(paths, p.value)
		}
		return paths, true
	}
	if inactive(s, d.name) {
		return nil, false
	}
	switch d.form {
	case secondsForm:
		return time.Duration(n) * time.Second, d.name != "pm.process_idle_timeout" || n > 0
	case booleanForm:
		return n == 1, true
	case coreForm:
		if n == -1 {
			return "unlimited", true
		}
		return n, true
	case integerForm:
		return integerFor(d.name, n), d.name != "process.priority" || n != unset
	}
	text := s.str(d.name)
	switch {
	case d.name == "security.limit_extensions":
		return text, true
	case d.name == "pm.status_listen" && isUnix(text):
		text = l.absolute(text, s, phpPrefix)
	case d.name == "error_log" && strings.EqualFold(text, "syslog"):
		text = "syslog"
	}
	return text, text != ""
}

// integerFor is the number that means in pool.toml what n means in php-fpm.conf.
func integerFor(name string, n int64) int64 {
	switch name {
	case "listen.backlog": // the kernel takes all negative numbers for its largest
		return max(n, -1)
	case "pm.max_requests", "emergency_restart_threshold": // php-fpm takes less than 1 for "never"
		return max(n, 0)
	case "process.priority": // setpriority(2) takes 20 for 19
		return min(n, 19)
	}
	return n
}

// inactive reports whether php-fpm does not look at a number of the process manager in this mode, though the file gives it.
func inactive(s *section, name string) bool {
	switch name {
	case "pm.start_servers", "pm.min_spare_servers", "pm.max_spare_servers", "pm.max_spawn_rate":
		return s.str("pm") != "dynamic"
	case "pm.process_idle_timeout":
		return s.str("pm") == "static"
	}
	return false
}

// joined are the settings of which php-fpm takes all values, and not only the first.
var joined = []string{"extension", "disable_functions", "disable_classes"}

// settings are env and the PHP settings. Of several values the first counts, but for those that are joined.
func settings(p *section) []config.Entry {
	var entries []config.Entry
	for _, list := range []string{"env", "php_value", "php_admin_value"} {
		seen := map[string]int{}
		for _, s := range p.arrays[list] {
			key := list
			if s.flag {
				key = strings.Replace(list, "_value", "_flag", 1)
			}
			if i, twice := seen[s.key]; twice {
				if slices.Contains(joined, s.key) {
					entries[i].Value = fmt.Sprint(entries[i].Value, ",", s.value)
				}
				continue
			}
			seen[s.key] = len(entries)
			entries = append(entries, config.Entry{Key: key, Setting: s.key, Value: s.value, File: s.at.file, Line: s.at.line})
		}
	}
	return entries
}

var keyWord = regexp.MustCompile(`[a-z]+(_[a-z]+)+`)

// phpNames puts php-fpm's names in the place of keys.
func phpNames(text string) string {
	names := map[string]string{}
	for _, d := range append(config.GlobalDirectives(), config.PoolDirectives()...) {
		names[d.Key] = d.Name
	}
	return keyWord.ReplaceAllStringFunc(text, func(word string) string {
		if name, ok := names[word]; ok {
			return name
		}
		return word
	})
}

// phpText is a problem of supervisor/config as php-fpm would begin it.
func phpText(pool, key, text string) string {
	line := phpNames(text)
	if key != "" {
		line = phpNames(key) + ": " + line
	}
	if pool != "" {
		line = "[pool " + pool + "] " + line
	}
	return line
}
