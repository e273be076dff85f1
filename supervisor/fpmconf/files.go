package fpmconf

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

const (
	maxIncludes = 5        // files within each other, the first one too (ini_recursion)
	maxText     = 64 << 20 // of all files together: php-fpm has no limit, and reads /dev/zero until its memory ends
)

// loader reads a configuration and the files that it includes.
type loader struct {
	o        Options
	tree     *tree
	left     int64 // of maxText
	depth    int
	problems []Problem // php-fpm would not start either
	refused  []Problem // it would, but Howdah can't do what is asked
	warnings []string
	notices  []string
	stop     bool // nothing more is read
}

func (l *loader) fail(at place, format string, args ...any) {
	l.problems = append(l.problems, Problem{"ERROR", at.file, at.line, fmt.Sprintf(format, args...)})
}

// file is fpm_conf_load_ini_file: it reads path line by line. It reports whether that went without a problem.
func (l *loader) file(path string) bool {
	before := len(l.problems)
	f, err := os.Open(path)
	if err != nil {
		l.fail(place{}, "failed to open configuration file '%s': %s", path, sysError(err))
		return false
	}
	defer f.Close()
	if l.depth >= maxIncludes {
		l.fail(place{}, "failed to include more than %d files recursively", maxIncludes)
		l.stop = true
		return false
	}
	l.depth++
	defer func() { l.depth-- }()
	in := bufio.NewReader(f)
	at := place{file: path}
	for !l.stop {
		at.line++
		text, err := readLine(in, l.left)
		l.left -= int64(len(text))
		if l.left <= 0 {
			l.fail(at, "the configuration has more than %d MiB", maxText>>20)
			l.stop = true
			break
		}
		if text != "" {
			l.line(at, text+"\n")
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			l.fail(place{}, "failed to read configuration file '%s': %s", path, sysError(err))
			break
		}
	}
	return len(l.problems) == before
}

// readLine reads up to the next newline, which it leaves out, but not much more than limit.
func readLine(in *bufio.Reader, limit int64) (string, error) {
	var line []byte
	for {
		part, err := in.ReadSlice('\n')
		line = append(line, part...)
		if errors.Is(err, bufio.ErrBufferFull) && int64(len(line)) <= limit {
			continue
		}
		return strings.TrimSuffix(string(line), "\n"), err
	}
}

// line hands the statements of a line to the tree, and follows its include.
func (l *loader) line(at place, text string) {
	statements, broken := parseLine(text, scope{
		lookup: func(name string) (string, bool) { return l.variable(at, name) },
		unknown: func(name string) {
			l.fail(at, "the value of PHP's constant %s is not known here: write it as a number or in quotes", name)
		},
	})
	include := ""
	for _, s := range statements {
		switch {
		case s.kind != entryStatement || s.name != "include":
			l.tree.take(l, at, s)
		case include != "":
			l.fail(at, "two includes at the same time !")
		default:
			include = s.value
		}
	}
	if broken != "" {
		l.fail(at, "%s", broken)
		return
	}
	if include != "" {
		l.include(at, l.absolute(include, nil, phpPrefix))
	}
}

// variable is ${NAME}: of php.ini if the caller knows it, else of the environment.
func (l *loader) variable(at place, name string) (string, bool) {
	if l.o.IniValue != nil {
		if text, ok := l.o.IniValue(name); ok {
			return text, true
		}
	}
	text, ok := l.o.LookupEnv(name)
	if !ok {
		l.warnings = append(l.warnings, fmt.Sprintf("[%s:%d] ${%s} is not set, it stands for nothing", at.file, at.line, name))
	}
	return text, ok
}

// include is fpm_conf_ini_parser_include.
func (l *loader) include(at place, pattern string) {
	paths, err := glob(pattern)
	if err != nil {
		l.fail(place{}, "Unable to globalize '%s' (ret=2) from %s at line %d.", pattern, at.file, at.line)
		return
	}
	if len(paths) == 0 {
		l.warnings = append(l.warnings, fmt.Sprintf("Nothing matches the include pattern '%s' from %s at line %d.", pattern, at.file, at.line))
		return
	}
	for _, path := range paths {
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			continue
		}
		if l.stop {
			return
		}
		if !l.file(path) {
			l.fail(place{}, "Unable to include %s from %s at line %d", path, at.file, at.line)
		}
	}
}

// glob is glob(3) with GLOB_ERR: sorted by bytes, '*' leaves names with a leading dot out, and [!a] is "not a".
func glob(pattern string) ([]string, error) {
	if dir := filepath.Dir(pattern); !strings.ContainsAny(dir, `*?[\`) {
		if f, err := os.Open(dir); err != nil && !errors.Is(err, os.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) {
			return nil, err
		} else if err == nil {
			f.Close()
		}
	}
	paths, err := filepath.Glob(strings.ReplaceAll(pattern, "[!", "[^"))
	if err != nil { // a '[' that is never closed stands for itself
		paths = nil
		if _, err := os.Lstat(pattern); err == nil {
			paths = []string{pattern}
		}
	}
	paths = slices.DeleteFunc(paths, func(path string) bool { return showsHidden(pattern, path) })
	slices.Sort(paths)
	return paths, nil
}

// showsHidden reports whether a part of path begins with a dot that the pattern does not name.
func showsHidden(pattern, path string) bool {
	wanted, got := strings.Split(filepath.Clean(pattern), "/"), strings.Split(filepath.Clean(path), "/")
	for i := range min(len(wanted), len(got)) {
		if strings.HasPrefix(got[i], ".") && !strings.HasPrefix(wanted[i], ".") {
			return true
		}
	}
	return false
}

// sysError is zlog's ZLOG_SYSERROR: "No such file or directory (2)".
func sysError(err error) string {
	var number syscall.Errno
	if !errors.As(err, &number) {
		return err.Error()
	}
	text := number.Error()
	return fmt.Sprintf("%s%s (%d)", strings.ToUpper(text[:1]), text[1:], int(number))
}
