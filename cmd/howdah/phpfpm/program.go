package phpfpm

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"howdah/supervisor"
)

// Exit codes. Source: fpm.h; the words are those of sysexits.h.
const (
	exitOK       = 0
	exitUsage    = 64
	exitSoftware = 70
	exitConfig   = 78
)

// Named reports whether a program is called by a name of php-fpm: php-fpm, php-fpm8.2, php-fpm-anything.
func Named(name string) bool { return strings.HasPrefix(filepath.Base(name), "php-fpm") }

// Program is one run of php-fpm's command line.
type Program struct {
	Call
	Stdout, Stderr io.Writer
	Version        string
	Serve          func(supervisor.Options) error
	ExitCode       func(error) int
	Check          func(supervisor.Options, io.Writer) error

	installed installed
	addresses []string // where the configuration listens
}

// Run carries the command line out and returns the exit code.
func (p *Program) Run() int {
	a := parse(p.Args)
	p.installed = findInstalled(p.Name, "/")
	switch a.action {
	case help, wrong:
		usage(p.Stdout, p.Name)
		if a.action == wrong {
			return exitUsage
		}
		return exitOK
	case version, modules, info:
		return p.answer(&a)
	case test:
		return p.test(&a)
	}
	return p.launch(&a)
}

// answer is -v, -m and -i.
func (p *Program) answer(a *arguments) int {
	flag := map[action]string{version: "-v", modules: "-m", info: "-i"}[a.action]
	said, err := p.ask(a, flag)
	if err == nil {
		switch a.action {
		case version:
			err = sayVersion(p.Stdout, said)
		case modules:
			_, err = io.WriteString(p.Stdout, said)
		case info:
			err = p.sayInfo(said)
		}
	}
	if err != nil {
		fmt.Fprintln(p.Stderr, err)
		return exitSoftware
	}
	return exitOK
}
