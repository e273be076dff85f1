package worker

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// PHPInfo is what a php-cgi says of itself with its own ini files and a pool's extensions, before the pool's other settings.
// Pools with the same InspectKey can share one.
type PHPInfo struct {
	Version  string   // "8.2.36"
	INIDir   string   // where PHP looks for php.ini
	Opcache  bool     // the extension is loaded
	Startup  []string // what PHP complained about on stderr
	Files    []string // ini files that it has read
	ScanDirs []string // where it looks for more
	settings map[string]string
}

// Setting is the value of an ini directive, "" if PHP does not know it.
func (p *PHPInfo) Setting(name string) string {
	if p == nil {
		return ""
	}
	return p.settings[name]
}

// AtLeast reports whether PHP's version is major.minor or later.
func (p *PHPInfo) AtLeast(major, minor int) bool {
	a, b, _ := strings.Cut(p.Version, ".")
	b, _, _ = strings.Cut(b, ".")
	x, _ := strconv.Atoi(a)
	y, _ := strconv.Atoi(b)
	return x > major || x == major && y >= minor
}

// InspectKey is equal for the specs that InspectPHP would answer alike.
func (s *ZygoteSpec) InspectKey() string {
	user := ""
	if s.User != nil {
		user = fmt.Sprint(*s.User)
	}
	return fmt.Sprintf("%q", []any{s.Binary, s.NoIni, s.PHPIni, s.PHPIniScanDir, user, s.Env, s.ClearEnv, s.Defines, s.extensions()})
}

// extensions are the -d arguments for the extensions that the pool loads.
func (s *ZygoteSpec) extensions() (args []string) {
	for _, v := range slices.Concat(s.Values, s.AdminValues) {
		if v.Name == "extension" || v.Name == "zend_extension" {
			args = append(args, "-d", iniLine(v))
		}
	}
	return args
}

// InspectPHP runs php-cgi -i: some 50 ms. The error quotes what PHP said.
func InspectPHP(ctx context.Context, spec ZygoteSpec) (*PHPInfo, error) {
	// A preload file of php.ini would run now. To leave it out, its name is first hidden and then looked for in the ini files.
	info, files, err := inspect(ctx, &spec, "-d", "opcache.preload=")
	if err != nil {
		return nil, err
	}
	if mentionsPreload(files) {
		masked, _, err := inspect(ctx, &spec, "-d", "opcache.enable=0") // which disables preloading, too
		if err != nil {
			return nil, err
		}
		for _, name := range []string{"opcache.preload", "opcache.preload_user"} {
			info.settings[name] = masked.settings[name]
		}
	}
	return info, nil
}

func inspect(ctx context.Context, spec *ZygoteSpec, more ...string) (*PHPInfo, []string, error) {
	args := spec.iniFileArgs(nil)
	for _, d := range spec.Defines {
		args = append(args, "-d", d)
	}
	args = append(args, spec.extensions()...)
	args = append(args, "-d", "display_startup_errors=0", "-d", "log_errors=1", "-d", "error_log=")
	args = append(args, more...)
	stdout, stderr, err := runPHP(ctx, spec, append(args, "-i")...)
	if err != nil {
		return nil, nil, err
	}
	info, files := parsePHPInfo(stdout)
	for line := range strings.Lines(stderr) {
		if line = strings.TrimSpace(line); line != "" {
			info.Startup = append(info.Startup, line)
		}
	}
	return info, files, nil
}

// runPHP runs spec's binary as spec's user would run it.
func runPHP(ctx context.Context, spec *ZygoteSpec, args ...string) (stdout, stderr string, err error) {
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(ctx, spec.Binary, args...)
	cmd.Dir = "/"
	cmd.Env = append(spec.Environment(), spec.iniEnv("")...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: spec.credential()}
	cmd.WaitDelay = time.Second
	err = cmd.Run()
	if err != nil {
		if cause := context.Cause(ctx); cause != nil {
			err = cause
		}
		said := lastLine(errs.String())
		if said == "" {
			said = lastLine(out.String())
		}
		if said != "" {
			err = fmt.Errorf("%w: %s", err, said)
		}
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			return "", "", fmt.Errorf("cannot run %s: %w", spec.Binary, err)
		}
		return out.String(), errs.String(), fmt.Errorf("%s %s: %w", spec.Binary, args[len(args)-1], err)
	}
	return out.String(), errs.String(), nil
}

func lastLine(s string) string {
	lines := strings.FieldsFunc(s, func(r rune) bool { return r == '\n' || r == '\r' })
	for i := len(lines) - 1; i >= 0; i-- {
		if l := strings.TrimSpace(lines[i]); l != "" {
			return l
		}
	}
	return ""
}

// iniFileArgs are -c and its value, or -n. php-cgi also looks for php.ini in its working directory, as php-fpm does not; from a
// chdir with such a file it is told to look in its own place only.
func (s *ZygoteSpec) iniFileArgs(php *PHPInfo) []string {
	if s.NoIni {
		return []string{"-n"}
	}
	if s.PHPIni != "" {
		return []string{"-c", s.PHPIni}
	}
	if php == nil || php.INIDir == "" || s.Chdir == "" {
		return nil
	}
	for _, name := range []string{"php.ini", "php-cgi-fcgi.ini"} {
		if _, err := os.Stat(s.Chdir + "/" + name); err == nil || !errors.Is(err, fs.ErrNotExist) {
			return []string{"-c", php.INIDir}
		}
	}
	return nil
}

var (
	// A row of phpinfo(): <tr><td class="e">name</td><td class="v">local</td><td class="v">master</td></tr>.
	infoRow = regexp.MustCompile(`(?s)<tr><td class="e">(.*?) ?</td><td class="v">(.*?) ?</td>(?:<td class="v">(.*?) ?</td>)?</tr>`)
	infoTag = regexp.MustCompile(`<[^>]*>`)
)

// parsePHPInfo reads the output of php-cgi -i. files are the ini files that PHP has read.
func parsePHPInfo(page string) (info *PHPInfo, files []string) {
	info = &PHPInfo{settings: make(map[string]string)}
	for _, m := range infoRow.FindAllStringSubmatch(page, -1) {
		name, value := html.UnescapeString(m[1]), infoText(m[2])
		switch name {
		case "PHP Version":
			info.Version = value
		case "Configuration File (php.ini) Path":
			info.INIDir = value
		case "Loaded Configuration File", "Additional .ini files parsed":
			for _, f := range strings.Split(value, ",") {
				if f = strings.TrimSpace(f); strings.HasPrefix(f, "/") {
					files = append(files, f)
				}
			}
		case "Scan this dir for additional .ini files":
			for _, dir := range filepath.SplitList(value) {
				if filepath.IsAbs(dir) {
					info.ScanDirs = append(info.ScanDirs, dir)
				}
			}
		case "Opcode Caching":
			info.Opcache = true
		default:
			if m[3] != "" {
				info.settings[name] = infoText(m[3])
			}
		}
	}
	info.Files = files
	return info, files
}

func infoText(cell string) string {
	if cell == "<i>no value</i>" {
		return ""
	}
	return html.UnescapeString(infoTag.ReplaceAllString(cell, ""))
}

var preloadLine = regexp.MustCompile(`(?m)^\s*opcache\.preload\s*=\s*\S`)

func mentionsPreload(files []string) bool {
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil || preloadLine.Match(b) {
			return true // one that we cannot read might
		}
	}
	return false
}
