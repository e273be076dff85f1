package worker

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// A Problem is something that will keep PHP from working as the pool's configuration means it.
type Problem struct {
	Fatal  bool   // PHP will not start
	Text   string // what is wrong, one line
	Remedy string // what to do about it
}

func (p Problem) String() string { return p.Text + ": " + p.Remedy }

// preflightTimeout bounds each run of php-cgi.
const preflightTimeout = 10 * time.Second

// Preflight looks at what makes php-cgi fail, before it is needed. It runs php-cgi up to three times, as the pool's user, and
// starts no zygote. It leaves out a preload file, so that the site's code does not run.
func Preflight(ctx context.Context, spec ZygoteSpec) []Problem {
	ctx, cancel := context.WithTimeoutCause(ctx, 3*preflightTimeout, fmt.Errorf("no answer within %v", 3*preflightTimeout))
	defer cancel()
	problems := checkFiles(&spec)
	if len(problems) > 0 {
		return problems
	}
	if err := checkSettings(spec.Values, spec.AdminValues); err != nil {
		return []Problem{{true, err.Error(), "correct php_value and php_admin_value"}}
	}
	version, _, err := runPHP(ctx, &spec, "-n", "-v")
	if err != nil {
		return []Problem{{true, err.Error(), "php_binary must be a php-cgi that user " + spec.userName() + " can run"}}
	}
	version, _, _ = strings.Cut(version, "\n")
	if !strings.Contains(version, "(cgi-fcgi)") {
		return []Problem{{true, fmt.Sprintf("php_binary %s is not php-cgi, it says %q", spec.Binary, version),
			"name the php-cgi program (Debian: apt install php-cgi, then /usr/bin/php-cgi)"}}
	}
	info, err := inspectForPool(ctx, &spec)
	if err != nil {
		return []Problem{{true, err.Error(), "PHP stops when it starts; see what it says, and php.ini"}}
	}
	return append(complaints(info), weaknesses(&spec, info)...)
}

func checkFiles(spec *ZygoteSpec) (problems []Problem) {
	fatal := func(remedy, format string, args ...any) {
		problems = append(problems, Problem{true, fmt.Sprintf(format, args...), remedy})
	}
	st, err := os.Stat(spec.Binary)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		fatal("install it (Debian: apt install php-cgi) or set php_binary", "php_binary %s does not exist", spec.Binary)
	case err != nil:
		fatal("set php_binary", "php_binary: %v", err)
	case !st.Mode().IsRegular() || st.Mode()&0o111 == 0:
		fatal("chmod +x it or set php_binary", "php_binary %s is not an executable file", spec.Binary)
	}
	if spec.PHPIni != "" {
		if _, err := os.Stat(spec.PHPIni); err != nil {
			fatal("correct php_ini; PHP itself would go on without", "php_ini: %v", err)
		}
	}
	for dir := range strings.SplitSeq(spec.PHPIniScanDir, ":") {
		if dir == "" {
			continue
		}
		if st, err := os.Stat(dir); err != nil {
			fatal("correct php_ini_scan_dir; PHP itself would go on without", "php_ini_scan_dir: %v", err)
		} else if !st.IsDir() {
			fatal("correct php_ini_scan_dir; PHP itself would go on without", "php_ini_scan_dir: %s is not a directory", dir)
		}
	}
	if chdir := cmp.Or(spec.Chdir, "/"); unix.Access(chdir, unix.X_OK) != nil {
		fatal("correct chdir", "chdir: %s cannot be entered", chdir)
	}
	return problems
}

// inspectForPool is InspectPHP with the pool's own settings in force, so that an extension that it names is loaded.
func inspectForPool(ctx context.Context, spec *ZygoteSpec) (*PHPInfo, error) {
	info, err := InspectPHP(ctx, *spec)
	if err != nil {
		return nil, err
	}
	own := *spec
	own.Defines, own.Values, own.AdminValues = nil, nil, nil
	args := spec.defines(info)
	for i := 1; i < len(args); i += 2 { // -d, define, …
		own.Defines = append(own.Defines, args[i])
	}
	started, _, err := inspect(ctx, &own, "-d", "opcache.preload=")
	if err != nil {
		return nil, err
	}
	info.Startup = started.Startup
	return info, nil
}

// complaints turns what PHP said on stderr into problems: it goes on, but without what it complains of.
func complaints(info *PHPInfo) (problems []Problem) {
	for _, line := range info.Startup {
		remedy := "correct php.ini or the pool's php_admin_value"
		switch {
		case strings.Contains(line, "Unable to load dynamic library"), strings.Contains(line, "Failed loading Zend extension"):
			remedy = "install the extension for this PHP, or take its line out of the ini file"
			line, _, _ = strings.Cut(line, " (tried:")
		case strings.Contains(line, "is already loaded"):
			remedy = "php_ini_scan_dir or php.ini names the extension twice"
		case strings.Contains(line, "syntax error"):
			remedy = "PHP ignores that file from there on; correct it"
		}
		problems = append(problems, Problem{false, "PHP says at start: " + line, remedy})
	}
	return problems
}

// weaknesses are settings with which PHP works, but less well than it could.
func weaknesses(spec *ZygoteSpec, info *PHPInfo) (problems []Problem) {
	add := func(text, remedy string) { problems = append(problems, Problem{false, text, remedy}) }
	if !info.AtLeast(8, 1) {
		add(fmt.Sprintf("PHP %s is older than 8.1, so host calls such as fastcgi_finish_request() are off", info.Version), "use PHP 8.1 or later")
	}
	if spec.NoIni {
		return problems // it was asked for
	}
	switch {
	case !info.Opcache:
		add("opcache is not loaded, so every request compiles its scripts again",
			"install it (Debian: apt install php-opcache) or add zend_extension=opcache to php.ini")
	case !spec.opcacheOn(info):
		add("opcache is off, so every request compiles its scripts again", "set opcache.enable=1")
	case iniBool(spec.effective(info, "opcache.file_cache_only")):
		add("opcache.file_cache_only is on, so workers share no compiled scripts", "set opcache.file_cache_only=0")
	}
	if spec.PreloadFile != "" && info.AtLeast(8, 1) {
		if _, why := spec.howToCall(info); why != "" {
			add("host calls such as fastcgi_finish_request() are off: "+why, "turn opcache on")
		}
	}
	return problems
}

func (s *ZygoteSpec) userName() string {
	if s.User == nil {
		return "of howdah"
	}
	return s.User.Name
}
