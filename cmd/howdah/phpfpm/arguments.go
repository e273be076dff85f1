package phpfpm

import "strings"

// option is one of php-fpm's. Source: OPTIONS in fpm_main.c.
type option struct {
	letter byte
	value  bool
	long   string
}

var options = []option{
	{'c', true, "php-ini"}, {'d', true, "define"}, {'e', false, "profile-info"}, {'h', false, "help"}, {'i', false, "info"},
	{'m', false, "modules"}, {'n', false, "no-php-ini"}, {'?', false, "usage"}, {'v', false, "version"}, {'y', true, "fpm-config"},
	{'t', false, "test"}, {'p', true, "prefix"}, {'g', true, "pid"}, {'R', false, "allow-to-run-as-root"},
	{'D', false, "daemonize"}, {'F', false, "nodaemonize"}, {'O', false, "force-stderr"},
}

// action is what a command line asks for.
type action int

const (
	run     action = iota
	test           // -t
	help           // -h
	wrong          // what php-fpm answers with its usage and exit code 64
	version        // -v
	modules        // -m
	info           // -i
)

// arguments are a command line of php-fpm, taken apart.
type arguments struct {
	action    action
	config    string // -y
	prefix    string // -p
	pid       string // -g
	dump      bool   // -tt
	asRoot    bool   // -R
	daemonize *bool  // -D, -F; the last one counts
	stderr    bool   // -O
	ini       string // -c
	noIni     bool   // -n
	defines   []string
	extended  bool // -e
}

// parse takes args apart as php_getopt does: -y FILE, -yFILE, -y=FILE, --fpm-config FILE, --fpm-config=FILE, and letters
// without a value together. The first of -h, -v, -m or a mistake decides, whatever follows.
func parse(args []string) (a arguments) {
	rest := scanner{args: args}
	tests := 0
	for {
		letter, value, ok := rest.next()
		if !ok {
			break
		}
		switch letter {
		case 'c':
			a.ini = value
		case 'd':
			a.defines = append(a.defines, value)
		case 'e':
			a.extended = true
		case 'n':
			a.noIni = true
		case 'y':
			a.config = value
		case 'p':
			a.prefix = value
		case 'g':
			a.pid = value
		case 't':
			tests++
		case 'R':
			a.asRoot = true
		case 'D', 'F':
			background := letter == 'D'
			a.daemonize = &background
		case 'O':
			a.stderr = true
		case 'i':
			a.action = info
		case 'h', '?':
			a.action = help
			return a
		case 'v':
			a.action = version
			return a
		case 'm':
			a.action = modules
			return a
		default:
			a.action = wrong
			return a
		}
	}
	switch {
	case a.action == info:
	case len(rest.args) > 0:
		a.action = wrong
	case tests > 0:
		a.action, a.dump = test, tests > 1
	}
	return a
}

// scanner is php_getopt.
type scanner struct {
	args   []string // what is left
	letter int      // the next letter of args[0]; 0: it is not begun
}

// next returns the next option; its letter is 0 if there is none such, or its value is missing. ok is false when there are no more.
func (s *scanner) next() (letter byte, value string, ok bool) {
	if len(s.args) == 0 {
		return 0, "", false
	}
	arg := s.args[0]
	if s.letter == 0 {
		if len(arg) < 2 || arg[0] != '-' {
			return 0, "", false
		}
		if arg == "--" {
			s.args = s.args[1:]
			return 0, "", false
		}
		if name, isLong := strings.CutPrefix(arg, "--"); isLong {
			return s.long(name)
		}
		s.letter = 1
	}
	o := find(func(o option) bool { return o.letter == arg[s.letter] })
	s.letter++
	switch {
	case o == nil:
		s.args = s.args[1:]
		return 0, "", true
	case o.value:
		value := arg[s.letter:]
		s.args, s.letter = s.args[1:], 0
		return s.valued(o, value, value != "")
	case s.letter == len(arg):
		s.args, s.letter = s.args[1:], 0
	}
	return o.letter, "", true
}

func (s *scanner) long(name string) (letter byte, value string, ok bool) {
	s.args = s.args[1:]
	name, value, given := strings.Cut(name, "=")
	o := find(func(o option) bool { return o.long == name })
	switch {
	case o == nil:
		return 0, "", true
	case !o.value:
		return o.letter, "", true
	case given:
		return o.letter, value, true
	}
	return s.valued(o, "", false)
}

// valued finds the value of o: the rest of its argument, less an equals sign, or the next argument.
func (s *scanner) valued(o *option, value string, given bool) (letter byte, _ string, ok bool) {
	if given {
		return o.letter, strings.TrimPrefix(value, "="), true
	}
	if len(s.args) == 0 {
		return 0, "", true
	}
	value, s.args = s.args[0], s.args[1:]
	return o.letter, value, true
}

func find(match func(option) bool) *option {
	for i := range options {
		if match(options[i]) {
			return &options[i]
		}
	}
	return nil
}
