package phpfpm

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"howdah/supervisor/config"
	"howdah/supervisor/fpmconf"
)

// file is the configuration that a command line means.
func (p *Program) file(a *arguments) string {
	switch {
	case a.config != "":
		return a.config
	case a.ownConfig() != "":
		return a.ownConfig()
	case a.prefix != "":
		return strings.TrimSuffix(a.prefix, "/") + "/etc/php-fpm.conf"
	}
	return p.installed.config
}

// ownConfig is the ini setting fpm.config, if -d gives it.
func (a *arguments) ownConfig() string {
	file := ""
	for _, d := range a.defines {
		if name, value, _ := strings.Cut(d, "="); strings.TrimSpace(name) == "fpm.config" {
			file = strings.Trim(strings.TrimSpace(value), `"'`)
		}
	}
	return file
}

// load reads the configuration; the error is a *refusal. What the command line says of PHP holds for every pool.
func (p *Program) load(a *arguments) (*fpmconf.Loaded, error) {
	file := p.file(a)
	php := p.installed
	loaded, problems := fpmconf.Load(file, fpmconf.Options{
		Prefix: a.prefix, Pid: a.pid, Daemonize: a.daemonize, AllowRoot: a.asRoot,
		RuntimeDir: runtimeDir(file, a.prefix), PHPBinary: php.binary, PHPIni: php.ini, PHPIniScanDir: php.scanDir,
	})
	if len(problems) > 0 {
		return nil, &refusal{loaded, problems}
	}
	for i := range loaded.Config.Pools {
		pool := &loaded.Config.Pools[i]
		pool.PHPNoIni, pool.PHPDefines = a.noIni, a.defines
		switch {
		case a.noIni:
			pool.PHPIni, pool.PHPIniScanDir = "", ""
		case a.ini != "":
			if ini, err := filepath.Abs(a.ini); err == nil {
				pool.PHPIni = ini
			}
		}
	}
	if a.extended {
		loaded.Warnings = append(loaded.Warnings, "-e has no effect: php-cgi knows it only without FastCGI; a debugger that needs it asks PHP itself")
	}
	c := loaded.Config
	loaded.Notices = loaded.Notices[:max(0, len(loaded.Notices)-len(c.Notices))] // the last are Howdah's own
	c.Hints, c.Notices, c.Warnings = c.Notices, loaded.Notices, loaded.Warnings
	p.addresses = nil
	for _, pool := range c.Pools {
		p.addresses = append(p.addresses, pool.Listen)
	}
	if err := routeLog(loaded, a); err != nil {
		return nil, &refusal{loaded, []fpmconf.Problem{{Text: err.Error()}, {Text: "failed to post process the configuration"}}}
	}
	return loaded, nil
}

// runtimeDir is a directory for each configuration, because many php-fpm may run beside one another.
func runtimeDir(file, prefix string) string {
	if path, err := filepath.Abs(file); err == nil {
		file = path
	}
	sum := sha256.Sum256([]byte(file + "\x00" + prefix))
	return config.Here().RuntimeDir(fmt.Sprintf("howdah-fpm-%x", sum[:4]))
}

// console are the names under which a configuration asks for stderr as error_log, as containers do.
var console = []string{"/dev/stderr", "/proc/self/fd/2"}

// usesErrorLog is php-fpm's rule: a foreground process that somebody looks at, or that was told -O, logs to stderr.
func usesErrorLog(daemonize, force bool) bool {
	if daemonize {
		return true
	}
	_, err := unix.IoctlGetTermios(unix.Stderr, unix.TCGETS)
	return err != nil && !force
}

// routeLog decides where the log goes. The file is made in any case, as php-fpm makes it.
func routeLog(loaded *fpmconf.Loaded, a *arguments) error {
	g := &loaded.Config.Global
	switch {
	case slices.Contains(console, g.ErrorLog):
		g.ErrorLog = "stderr"
	case g.ErrorLog == "stderr" || strings.EqualFold(g.ErrorLog, "syslog"):
		if !usesErrorLog(loaded.Daemonize, a.stderr) {
			g.ErrorLog = "stderr"
		}
		return nil
	}
	if g.ErrorLog == "stderr" {
		return nil
	}
	f, err := os.OpenFile(g.ErrorLog, os.O_WRONLY|os.O_APPEND|os.O_CREATE|unix.O_NOCTTY, 0o600)
	if err != nil {
		return fmt.Errorf("failed to open error_log (%s): %w", g.ErrorLog, systemError(err))
	}
	f.Close()
	if !usesErrorLog(loaded.Daemonize, a.stderr) {
		g.ErrorLog = "stderr"
	}
	return nil
}

// systemError is an error as php-fpm's zlog prints it: "No such file or directory (2)".
func systemError(err error) error {
	var number unix.Errno
	if !errors.As(err, &number) {
		return err
	}
	text := number.Error()
	return fmt.Errorf("%s (%d)", strings.ToUpper(text[:1])+text[1:], int(number))
}
