package phpfpm

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// ask runs php-cgi with one of -v, -m and -i, and with the ini files and definitions that its workers get.
func (p *Program) ask(a *arguments, flag string) (string, error) {
	php := p.installed
	var args []string
	switch {
	case a.noIni:
		args = append(args, "-n")
	case a.ini != "":
		args = append(args, "-c", a.ini)
	case php.ini != "":
		args = append(args, "-c", php.ini)
	}
	for _, d := range a.defines {
		args = append(args, "-d", d)
	}
	var stdout, stderr bytes.Buffer
	cmd := exec.Command(php.binary, append(args, flag)...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	for _, v := range os.Environ() {
		if !asRequest(v) {
			cmd.Env = append(cmd.Env, v)
		}
	}
	if php.scanDir != "" && os.Getenv("PHP_INI_SCAN_DIR") == "" {
		cmd.Env = append(cmd.Env, "PHP_INI_SCAN_DIR="+php.scanDir)
	}
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("cannot ask %s: %w%s", php.binary, err, bytes.TrimRight(stderr.Bytes(), "\n"))
	}
	_, err := p.Stderr.Write(stderr.Bytes()) // what PHP complains about when it starts
	return stdout.String(), err
}

// asRequest reports whether a variable would make php-cgi take its command line for a request.
func asRequest(variable string) bool {
	for _, name := range []string{"SERVER_SOFTWARE=", "SERVER_NAME=", "GATEWAY_INTERFACE=", "REQUEST_METHOD="} {
		if strings.HasPrefix(variable, name) {
			return true
		}
	}
	return false
}

// sayVersion is -v: php-cgi's answer under php-fpm's name, which tools parse.
func sayVersion(out io.Writer, answer string) error {
	_, err := io.WriteString(out, strings.Replace(answer, "(cgi-fcgi)", "(fpm-fcgi)", 1))
	return err
}

// sayInfo is -i: phpinfo() as text, as php-fpm prints it. php-cgi makes HTML of it.
func (p *Program) sayInfo(answer string) error {
	text := infoText(answer)
	text = replaceRow(text, "Server API", "FPM/FastCGI")
	if dir := p.installed.ini; dir != "" {
		if filepath.Ext(dir) == ".ini" {
			dir = filepath.Dir(dir)
		}
		text = replaceRow(text, "Configuration File (php.ini) Path", dir)
	}
	text = strings.Replace(text, "\ncgi-fcgi\n\n", "\ncgi-fcgi\n\nphp-fpm => active\n\n", 1)
	_, err := io.WriteString(p.Stdout, text)
	return err
}

// replaceRow puts a value into the first row of that name.
func replaceRow(text, name, value string) string {
	before, rest, found := strings.Cut(text, "\n"+name+" => ")
	if !found {
		return text
	}
	_, after, _ := strings.Cut(rest, "\n")
	return before + "\n" + name + " => " + value + "\n" + after
}
