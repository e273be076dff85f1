package fcgiserver

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// verdict is what became of the search for a script.
type verdict uint8

const (
	found verdict = iota
	notFound
	unreadable // for the workers' user
	irregular  // it is there and no file: a directory, mostly
	denied     // its suffix is not among security.limit_extensions
)

// script is the result of looking for the file that a request names.
type script struct {
	verdict verdict
	file    string // the script itself; SCRIPT_FILENAME without path info
}

// findScript looks for the script of SCRIPT_FILENAME name as php-fpm's init_request_info does with cgi.fix_pathinfo=1: the
// file itself, or the longest leading part, up to a slash, that is a regular file. PHP itself never searches: it gets the
// script's own name, so that what was checked here is what runs (fact 20).
func findScript(name string, suffixes []string) script {
	if name == "" { // nothing to look for, and no suffix that is allowed
		return script{verdict: denied}
	}
	file := name
	fi, err := os.Stat(name)
	regular := err == nil && fi.Mode().IsRegular()
	if err != nil || strings.HasSuffix(name, "/") {
		file = walkUp(name)
		regular = file != ""
	}
	if file == "" || hasDotDot(file) {
		return script{verdict: notFound}
	}
	if !suffixAllowed(file, suffixes) {
		return script{verdict: denied, file: file}
	}
	if !regular {
		return script{verdict: irregular, file: file}
	}
	if !readable(file) {
		return script{verdict: unreadable, file: file}
	}
	return script{file: file}
}

// readable tells whether PHP may read file. Only a refusal counts: what else can go wrong PHP shall see and say itself.
func readable(file string) bool {
	f, err := os.OpenFile(file, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return !errors.Is(err, fs.ErrPermission)
	}
	_ = f.Close()
	return true
}

// walkUp returns the longest part of name before a slash that is a regular file; "" if none is.
func walkUp(name string) string {
	for i := strings.LastIndexByte(name, '/'); i > 0; i = strings.LastIndexByte(name[:i], '/') {
		if fi, err := os.Stat(name[:i]); err == nil && fi.Mode().IsRegular() {
			return name[:i]
		}
	}
	return ""
}

// hasDotDot tells whether a segment of name is "..". Source: is_valid_path in fpm_main.c.
func hasDotDot(name string) bool {
	return name == ".." || strings.HasPrefix(name, "../") || strings.HasSuffix(name, "/..") || strings.Contains(name, "/../")
}

// suffixAllowed tells whether PHP may run file. No list allows all. Source: php-fpm key security.limit_extensions.
func suffixAllowed(file string, suffixes []string) bool {
	if len(suffixes) == 0 {
		return true
	}
	for _, s := range suffixes {
		if len(file) > len(s) && strings.HasSuffix(file, s) {
			return true
		}
	}
	return false
}

// clean tells whether file begins with a slash and a name, and goes back nowhere: PHP compares it letter by letter with the
// sections of the top directories, which hold php_admin_value (fact 21). What follows the first name may be written as it likes.
func clean(file string) bool {
	return len(file) > 1 && file[0] == '/' && file[1] != '/' && !strings.HasPrefix(file, "/./") && !hasDotDot(file)
}

var proxySchemes = [][]byte{[]byte("proxy:fcgi://"), []byte("proxy:balancer://")}

// unproxied strips what Apache's mod_proxy_fcgi puts before the path, and the query behind it: the host goes up to the next
// slash. apache reports whether it did. Source: init_request_info, apache_was_here.
func unproxied(name []byte) (path []byte, apache bool) {
	for _, scheme := range proxySchemes {
		if len(name) < len(scheme) || !bytes.EqualFold(name[:len(scheme)], scheme) {
			continue
		}
		if i := bytes.IndexByte(name[len(scheme):], '/'); i >= 0 {
			name, apache = name[len(scheme)+i:], true
		}
		if i := bytes.IndexByte(name, '?'); i >= 0 {
			name = name[:i]
		}
		return name, apache
	}
	return name, false
}
