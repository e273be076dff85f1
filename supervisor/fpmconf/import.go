package fpmconf

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"

	"howdah/supervisor/config"
)

// Import is the pool.toml with the same settings as the php-fpm.conf at path. Its comments say what it does not have. The problems are
// those that php-fpm would have with the file.
func Import(path string, o Options) (string, []Problem) {
	o = o.withDebiansPHP(path)
	loaded, problems := Load(path, o)
	if loaded.foreign > 0 {
		return "", append(problems[:loaded.foreign:loaded.foreign], problems[len(problems)-1])
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# Made of %s by howdah import-fpm.\n", path)
	var gone, refused []string
	for _, left := range loaded.left {
		if !left.refused {
			gone = append(gone, Problem{File: left.at.file, Line: left.at.line, Text: left.text}.String())
		}
	}
	for _, p := range problems {
		if p.File != "" {
			refused = append(refused, p.String())
		}
	}
	comment(&b, "Not needed:", gone)
	comment(&b, "Could not be carried over, or will be refused as it stands:", refused)
	comment(&b, "php-fpm warns:", loaded.Warnings)
	comment(&b, "Differs:", loaded.differences())
	b.WriteString("\n" + loaded.document.TOML())
	return b.String(), nil
}

// comment writes a heading and its lines, if there are any.
func comment(b *strings.Builder, heading string, lines []string) {
	if len(lines) == 0 {
		return
	}
	b.WriteString("#\n# " + heading + "\n")
	for _, line := range lines {
		b.WriteString("#   " + strings.ReplaceAll(line, "\n", " ") + "\n")
	}
}

// differences are the defaults of php-fpm that do harm, and that are others here unless the file gives them.
func (l *Loaded) differences() []string {
	if l.Given.Has("", "process_control_timeout") {
		return nil
	}
	return []string{"process_control_timeout is not set: requests that run at a reload or stop have 30 s to end, not 0 as in php-fpm"}
}

var debiansPath = regexp.MustCompile(`^/etc/php/(\d+\.\d+)/fpm/`)

// withDebiansPHP adds the php-cgi and the ini files that belong to a php-fpm.conf of Debian's. What is not there is left out.
func (o Options) withDebiansPHP(path string) Options {
	full, err := filepath.Abs(path)
	m := debiansPath.FindStringSubmatch(full)
	if err != nil || m == nil {
		return o
	}
	sys := o.System
	if sys.Stat == nil {
		sys = config.Here()
	}
	if o.PHPBinary == "" {
		if program, err := sys.FindProgram("php-cgi" + m[1]); err == nil {
			o.PHPBinary = program
		}
	}
	ini := "/etc/php/" + m[1] + "/fpm/php.ini"
	if f, err := sys.Stat(ini); err == nil && !f.Dir && o.PHPIni == "" {
		o.PHPIni = ini
	}
	scan := "/etc/php/" + m[1] + "/fpm/conf.d"
	if f, err := sys.Stat(scan); err == nil && f.Dir && o.PHPIniScanDir == "" {
		o.PHPIniScanDir = scan
	}
	return o
}
