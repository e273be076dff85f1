package worker

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// fake writes a program that says what a php-cgi would.
func fake(t *testing.T, script string) string {
	t.Helper()
	path := filepath.Join(openDir(t), "php-cgi")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// fakePHP speaks as PHP does to -v and -i.
const fakePHP = `case "$*" in
*-v) echo "PHP 7.4.33 (cgi-fcgi) (built: x)";;
*) echo '<tr><td class="e">PHP Version </td><td class="v">7.4.33 </td></tr>
<tr><td class="e">Opcode Caching </td><td class="v">Up and Running </td></tr>
<tr><td class="e">opcache.enable</td><td class="v">On</td><td class="v">On</td></tr>';;
esac`

func TestPreflightFindsWhatMakesPHPFail(t *testing.T) {
	needPHP(t)
	dir := site(t, map[string]string{
		"syntax.ini": "precision=10\n[broken\n",
		"off.ini":    "opcache.enable=0\n",
		"not-php":    "#!/bin/sh\n",
	})
	none := openDir(t)
	for _, test := range []struct {
		name   string
		change func(*ZygoteSpec)
		fatal  bool
		want   []string // in one of the problems
	}{
		{"no such program", func(s *ZygoteSpec) { s.Binary = "/nowhere/php-cgi" }, true, []string{"/nowhere/php-cgi does not exist", "apt install php-cgi"}},
		{"not executable", func(s *ZygoteSpec) { s.Binary = dir + "/not-php" }, true, []string{"not an executable file", "chmod +x"}},
		{"a directory", func(s *ZygoteSpec) { s.Binary = dir }, true, []string{"not an executable file"}},
		{"a program that fails", func(s *ZygoteSpec) { s.Binary = fake(t, "exit 1\n") }, true, []string{"exit status 1"}},
		{"another program", func(s *ZygoteSpec) { s.Binary = fake(t, "echo hello") }, true, []string{`is not php-cgi, it says "hello"`, "/usr/bin/php-cgi"}},
		{"the command line's PHP", func(s *ZygoteSpec) { s.Binary = fake(t, `echo "PHP 8.2.36 (cli) (built: x)"`) }, true, []string{"PHP 8.2.36 (cli)", "php-cgi"}},
		{"an old PHP", func(s *ZygoteSpec) { s.Binary = fake(t, fakePHP) }, false, []string{"PHP 7.4.33 is older than 8.1", "host calls"}},
		{"opcache off in php.ini", func(s *ZygoteSpec) { s.PHPIni = dir + "/off.ini" }, false, []string{"opcache is off", "opcache.enable=1"}},
		{"opcache off in the pool", func(s *ZygoteSpec) { s.AdminValues = []Setting{{"opcache.enable", "0"}} }, false, []string{"opcache is off"}},
		{"no opcache", func(s *ZygoteSpec) {
			s.Binary = fake(t, strings.ReplaceAll(strings.ReplaceAll(fakePHP, "Opcode", "No"), "7.4.33", "8.3.1"))
		}, false, []string{"opcache is not loaded", "apt install php-opcache"}},
		{"an extension that is not there", func(s *ZygoteSpec) { s.AdminValues = []Setting{{"extension", "nowhere.so"}} }, false, []string{"Unable to load dynamic library 'nowhere.so'", "install the extension"}},
		{"a syntax error", func(s *ZygoteSpec) { s.PHPIni = dir + "/syntax.ini" }, false, []string{"syntax error", "syntax.ini", "correct it"}},
		{"no such php.ini", func(s *ZygoteSpec) { s.PHPIni = "/nowhere/php.ini" }, true, []string{"/nowhere/php.ini", "php_ini"}},
		{"no such scan directory", func(s *ZygoteSpec) { s.PHPIniScanDir = ":/nowhere/conf.d" }, true, []string{"/nowhere/conf.d", "php_ini_scan_dir"}},
		{"extensions named twice", func(s *ZygoteSpec) { s.PHPIniScanDir = ":/etc/php/8.2/cgi/conf.d" }, false, []string{"already loaded", "twice"}},
		{"a setting that is none", func(s *ZygoteSpec) { s.Values = []Setting{{"a b", "1"}} }, true, []string{`"a b"`}},
		{"no such chdir", func(s *ZygoteSpec) { s.Chdir = "/nowhere" }, true, []string{"/nowhere", "chdir"}},
		{"all is well", nil, false, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			spec := ZygoteSpec{Pool: "www", Binary: phpCGI, ClearEnv: true, PreloadFile: BuiltinPreload, Dir: none}
			if test.change != nil {
				test.change(&spec)
			}
			problems := Preflight(t.Context(), spec)
			if test.want == nil {
				if len(problems) > 0 {
					t.Errorf("problems: %v", problems)
				}
				return
			}
			for _, p := range problems {
				if line := p.String(); p.Fatal == test.fatal && containsAll(line, test.want) && !strings.Contains(line, "\n") && p.Remedy != "" {
					return
				}
			}
			t.Errorf("no problem with fatal %v says %q: %v", test.fatal, test.want, problems)
		})
	}
	if left, _ := os.ReadDir(none); len(left) > 0 {
		t.Errorf("preflight left files: %v", left)
	}
}

func containsAll(s string, parts []string) bool {
	for _, part := range parts {
		if !strings.Contains(s, part) {
			return false
		}
	}
	return true
}

func TestPreflightAsThePoolsUser(t *testing.T) {
	needPHP(t)
	u := wwwData(t)
	private := openDir(t)
	if err := os.Chmod(private, 0o700); err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(private, "php-cgi")
	if err := os.Link(phpCGI, binary); err != nil {
		if err := os.Symlink(phpCGI, binary); err != nil {
			t.Fatal(err)
		}
	}
	problems := Preflight(t.Context(), ZygoteSpec{Binary: binary, User: u, PreloadFile: BuiltinPreload})
	if len(problems) != 1 || !problems[0].Fatal || !strings.Contains(problems[0].String(), "user www-data can run") {
		t.Errorf("problems: %v", problems)
	}
	if problems := Preflight(t.Context(), ZygoteSpec{Binary: phpCGI, User: u, PreloadFile: BuiltinPreload}); len(problems) > 0 {
		t.Errorf("problems: %v", problems)
	}
}

func TestPreflightDoesNotWaitForEverAndLeavesNoProcess(t *testing.T) {
	binary := fake(t, "echo waiting >&2; exec sleep 1000")
	ctx, cancel := context.WithTimeoutCause(t.Context(), 50*time.Millisecond, errors.New("no answer within 50ms"))
	defer cancel()
	problems := Preflight(ctx, ZygoteSpec{Binary: binary})
	if len(problems) != 1 || !problems[0].Fatal || !strings.Contains(problems[0].Text, "no answer within 50ms") {
		t.Errorf("problems: %v", problems)
	}
}

func TestPreflightDoesNotRunASitesPreloadFile(t *testing.T) {
	needPHP(t)
	dir := site(t, map[string]string{"preload.php": `<?php touch(__DIR__ . '/was-run');`})
	ini := filepath.Join(dir, "php.ini")
	if err := os.WriteFile(ini, []byte("opcache.preload="+dir+"/preload.php\nopcache.preload_user=root\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	spec := ZygoteSpec{Binary: phpCGI, PHPIni: ini, PreloadFile: BuiltinPreload}
	if problems := Preflight(t.Context(), spec); len(problems) > 0 {
		t.Errorf("problems: %v", problems)
	}
	info, err := InspectPHP(t.Context(), spec)
	if err != nil || info.Setting("opcache.preload") != dir+"/preload.php" || info.Setting("opcache.preload_user") != "root" || !info.AtLeast(8, 1) || info.AtLeast(99, 0) {
		t.Errorf("%+v, %v", info, err)
	}
	if _, err := os.Stat(dir + "/was-run"); err == nil {
		t.Error("it was run")
	}
}

func TestPoolsShareAnAnswerOnlyIfPHPWouldGiveTheSame(t *testing.T) {
	base := func() ZygoteSpec { return ZygoteSpec{Binary: "/usr/bin/php-cgi", User: &User{Name: "a", UID: 1}} }
	one, two := base(), base()
	two.Pool, two.Children, two.Dir, two.Values = "other", 9, "/run/x", []Setting{{"memory_limit", "1G"}}
	if one.InspectKey() != two.InspectKey() {
		t.Errorf("%s\n%s", one.InspectKey(), two.InspectKey())
	}
	for name, change := range map[string]func(*ZygoteSpec){
		"binary":    func(s *ZygoteSpec) { s.Binary = "/opt/php-cgi" },
		"php.ini":   func(s *ZygoteSpec) { s.PHPIni = "/etc/php.ini" },
		"user":      func(s *ZygoteSpec) { s.User = &User{Name: "b", UID: 2} },
		"env":       func(s *ZygoteSpec) { s.Env = []Setting{{"A", "1"}} },
		"extension": func(s *ZygoteSpec) { s.AdminValues = []Setting{{"extension", "redis"}} },
	} {
		other := base()
		change(&other)
		if one.InspectKey() == other.InspectKey() {
			t.Errorf("another %s, but the key stays %s", name, one.InspectKey())
		}
	}
}
