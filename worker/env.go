package worker

import (
	"os"
	"strconv"
	"strings"
)

// Environment is what php-fpm gives its workers: nothing of Howdah's own environment unless clear_env is off, HOME and USER of
// the pool's user, and env[], whose values win. A value that begins with $ names a variable of Howdah's environment.
func (s *ZygoteSpec) Environment() []string {
	var env []string
	set := func(name, value string) {
		prefix := name + "="
		for i, e := range env {
			if strings.HasPrefix(e, prefix) {
				env[i] = prefix + value
				return
			}
		}
		env = append(env, prefix+value)
	}
	if !s.ClearEnv {
		for _, e := range os.Environ() {
			if !strings.HasPrefix(e, "PHP_FCGI_") && !strings.HasPrefix(e, "FCGI_WEB_SERVER_ADDRS=") {
				env = append(env, e)
			}
		}
	}
	if s.User != nil {
		set("HOME", s.User.Home)
		set("USER", s.User.Name)
	}
	for _, e := range s.Env {
		value := e.Value
		if name, ok := strings.CutPrefix(value, "$"); ok {
			value = os.Getenv(name)
		}
		set(e.Name, value)
	}
	return env
}

// iniEnv tells PHP where to look for ini files. The name is set only when PHP's own places are not all: scripts see it, and
// so do the programs that they start. more is a further directory.
func (s *ZygoteSpec) iniEnv(more string) []string {
	switch {
	case s.PHPIniScanDir == "" && more == "", s.NoIni && more == "":
		return nil
	case s.NoIni: // our own file stands in for php.ini: see prepare
		return []string{"PHP_INI_SCAN_DIR="}
	}
	// An empty element stands for PHP's own directory.
	dirs := s.PHPIniScanDir
	if more != "" {
		dirs += ":" + more
	}
	return []string{"PHP_INI_SCAN_DIR=" + dirs}
}

// fcgiEnv is php-cgi's own configuration.
func (s *ZygoteSpec) fcgiEnv() []string {
	return []string{
		"PHP_FCGI_CHILDREN=" + strconv.Itoa(s.Children),
		"PHP_FCGI_MAX_REQUESTS=0", // the default is 500
		"PHP_FCGI_BACKLOG=4096",
	}
}
