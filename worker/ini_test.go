package worker

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// oddValues are what ini files make something else of, unless they are quoted well.
var oddValues = []string{
	"", " ", "plain", "off", "null", "none", "1;2", "#x", "a=b", "[x]", "E_ALL & ~E_NOTICE", "!1", "5|2", "2^1", "(a)", "~0",
	`"`, `""`, `\`, `\\`, `a\`, `\"`, `\n`, "'", "''", "it's", `'"'`, `"'"`, `'''a''b`, `'${HOME}'`, `a'`, "$x", "${HOME}", "%HOME%", "line\nbreak", "tab\tx", "é",
	"-d", "/srv/x:/tmp", "user@host", "{$a}", "*?", "a,b", "\x01", "M_PI", "PHP_VERSION",
}

func TestAnyValueReachesPHPUnchanged(t *testing.T) {
	asUsers(t, func(t *testing.T, u *User) {
		info, err := InspectPHP(t.Context(), ZygoteSpec{Binary: phpCGI})
		if err != nil {
			t.Fatal(err)
		}
		dir := site(t, map[string]string{"show.php": `<?php echo json_encode([ini_get('error_prepend_string'), ini_get('error_append_string')]);`})
		for i := 0; i < len(oddValues); i += 2 {
			value, admin := oddValues[i], oddValues[min(i+1, len(oddValues)-1)]
			if u != nil && i%8 != 0 {
				continue // once for each value is enough
			}
			z := startZygote(t, u, func(s *ZygoteSpec) {
				s.Values = []Setting{{"error_prepend_string", value}}
				s.AdminValues = []Setting{{"error_append_string", admin}}
				s.PHP = info
			})
			var got [2]string
			body := dial(t, z).get(dir + "/show.php").body()
			if err := json.Unmarshal([]byte(body), &got); err != nil || got[0] != value || got[1] != admin {
				t.Errorf("%q as php_value and %q as php_admin_value arrive as %s", value, admin, body)
			}
			z.KillGroup()
		}
	})
}

func TestAnAdminValueCannotBeChangedAndAValueCan(t *testing.T) {
	asUsers(t, func(t *testing.T, u *User) {
		dir := site(t, map[string]string{
			".user.ini": "memory_limit=1111M\nprecision=5\nupload_max_filesize=1M\n",
			"show.php": `<?php echo json_encode(['set' => [ini_set('memory_limit', '2222M'), ini_set('precision', '6'), @ini_alter('open_basedir', '/')],
				'restored' => [ini_restore('memory_limit'), ini_get('memory_limit')],
				'is' => [ini_get('memory_limit'), ini_get('precision'), ini_get('upload_max_filesize'), ini_get('display_errors'), ini_get('error_reporting')]]);`,
		})
		z := startZygote(t, u, func(s *ZygoteSpec) {
			s.Values = []Setting{{"precision", "9"}, {"display_errors", "1"}}
			s.AdminValues = []Setting{
				{"memory_limit", "99M"}, {"upload_max_filesize", "7M"}, {"open_basedir", dir}, {"error_reporting", "E_ALL & ~E_NOTICE"},
			}
		})
		c := dial(t, z)
		want := `{"set":[false,"5",false],"restored":[null,"99M"],"is":["99M","6","7M","1","32759"]}`
		for range 3 { // what a request changed is forgotten at the next
			if got := c.get(dir+"/show.php", "DOCUMENT_ROOT", dir).body(); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		}
	})
}

func TestAnAdminValueHoldsWhenPHPReadsTheRequestBody(t *testing.T) {
	needPHP(t)
	dir := site(t, map[string]string{"post.php": `<?php echo strlen($_POST['a'] ?? ''), ' ', ini_get('post_max_size');`})
	z := startZygote(t, nil, func(s *ZygoteSpec) {
		s.AdminValues = []Setting{{"post_max_size", "20M"}} // Debian's php.ini says 8M
	})
	body := "a=" + strings.Repeat("x", 9<<20)
	a := dial(t, z).do("POST", dir+"/post.php", body, "CONTENT_TYPE", "application/x-www-form-urlencoded")
	if got := a.body(); got != "9437184 20M" {
		t.Errorf("got %q, stderr %q", got, a.stderr)
	}
}

func TestOddPathsAreNotGuarded(t *testing.T) {
	needPHP(t)
	z := startZygote(t, nil, func(s *ZygoteSpec) { s.AdminValues = []Setting{{"memory_limit", "99M"}} })
	for path, want := range map[string]bool{
		"/var/www/x.php": true, "/tmp/x": true, "/proc/self/root/srv/x.php": true, // /proc is a directory in / like any other
		"//tmp/x.php": false, "/x.php": false, "x.php": false, "": false, "/": false, "/./tmp/x.php": false, "/../tmp/x.php": false, "/nowhere/x.php": false,
	} {
		if got := z.Guarded(path); got != want {
			t.Errorf("Guarded(%q) = %v", path, got)
		}
	}
	if z := startZygote(t, nil, nil); !z.Guarded("/x.php") {
		t.Error("without php_admin_value there is nothing to guard")
	}
}

func TestDisabledFunctionsAreAddedToThoseOfPHPIni(t *testing.T) {
	asUsers(t, func(t *testing.T, u *User) {
		dir := site(t, map[string]string{
			"php.ini":  "disable_functions=system,passthru\ndisable_classes=SplStack\nmemory_limit=111M\n",
			"show.php": `<?php echo json_encode([function_exists('system'), function_exists('exec'), function_exists('popen'), ini_get('disable_functions'), ini_get('disable_classes'), ini_get('memory_limit')]);`,
		})
		z := startZygote(t, u, func(s *ZygoteSpec) {
			s.PHPIni = filepath.Join(dir, "php.ini")
			s.Values = []Setting{{"disable_functions", "popen"}}
			s.AdminValues = []Setting{{"disable_functions", "exec, shell_exec"}, {"disable_classes", "SplQueue"}}
		})
		want := `[false,false,false,"system,passthru,popen,exec, shell_exec","SplStack,SplQueue","111M"]`
		if got := strings.ReplaceAll(dial(t, z).get(dir+"/show.php").body(), `\/`, "/"); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	})
}

func TestForcedSettingsWinAndExtensionsAreLoaded(t *testing.T) {
	needPHP(t)
	dir := site(t, map[string]string{"show.php": `<?php echo json_encode([ini_get('fastcgi.logging'), ini_get('cgi.fix_pathinfo'), extension_loaded('posix')]);`})
	none := openDir(t)
	z := startZygote(t, nil, func(s *ZygoteSpec) {
		s.PHPIniScanDir = none // Debian loads posix by a file in the scan directory
		s.Values = []Setting{{"fastcgi.logging", "0"}, {"extension", "posix"}}
		s.AdminValues = []Setting{{"fastcgi.logging", "0"}, {"cgi.fix_pathinfo", "0"}}
	})
	if got := dial(t, z).get(dir + "/show.php").body(); got != `["1","1",true]` {
		t.Errorf("got %s; PHP said %s", got, z.LastLine())
	}
}

func TestTheAdminFileHasASectionForEachDirectory(t *testing.T) {
	got := adminINI([]Setting{{"memory_limit", "64M"}, {"disable_functions", "exec"}, {"sendmail_path", "/bin/it's -t"}}, []string{"/srv", "/home"})
	want := `; php_admin_value of the pool, written by howdah at each start
[PATH=/srv]
memory_limit='64M'
sendmail_path='/bin/it'"'"'s -t'
[PATH=/home]
memory_limit='64M'
sendmail_path='/bin/it'"'"'s -t'
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := adminINI([]Setting{{"extension", "x"}, {"opcache.preload", "y"}, {"fastcgi.logging", "0"}}, []string{"/srv"}); got != "" {
		t.Errorf("a file for settings of the start only:\n%s", got)
	}
}

func TestErrorReportingMayBeAnExpression(t *testing.T) {
	for value, bare := range map[string]bool{
		"E_ALL": true, "E_ALL & ~E_NOTICE": true, "E_ALL&~(E_DEPRECATED|E_STRICT)": true, "32767": true, "-1": false,
		"E_ALL\nauto_prepend_file=x": false, "E_ALL;": false, "${HOME}": false, "PHP_VERSION": false, "": false, "E_ALL E_ALL": false,
	} {
		if got := iniLine(Setting{"error_reporting", value}) == "error_reporting="+value; got != bare {
			t.Errorf("%q is left unquoted: %v", value, got)
		}
	}
}

func TestBooleansAreReadAsPHPReadsThem(t *testing.T) {
	for value, want := range map[string]bool{
		"1": true, "on": true, "On": true, "YES": true, "true": true, "2": true, "0": false, "": false, "off": false, "no": false, "none": false, "00": false, "abc": false,
	} {
		if got := iniBool(value); got != want {
			t.Errorf("%q is %v", value, got)
		}
	}
}

func TestPhpIniScanDirReplacesPHPsOwnAndTakesOurs(t *testing.T) {
	for _, test := range []struct{ scan, more, want string }{
		{"", "", ""}, {"", "/run/x/ini", "PHP_INI_SCAN_DIR=:/run/x/ini"}, {"/etc/php/fpm", "", "PHP_INI_SCAN_DIR=/etc/php/fpm"},
		{":/etc/more", "/run/x/ini", "PHP_INI_SCAN_DIR=:/etc/more:/run/x/ini"},
	} {
		spec := ZygoteSpec{PHPIniScanDir: test.scan}
		if got := strings.Join(spec.iniEnv(test.more), "|"); got != test.want {
			t.Errorf("scan dir %q and %q: %s", test.scan, test.more, got)
		}
	}
}

func TestPHPSaysNothingWhenItStartsWithAnAdminFile(t *testing.T) {
	needPHP(t)
	z := startZygote(t, nil, func(s *ZygoteSpec) { s.AdminValues = []Setting{{"memory_limit", "99M"}} })
	dial(t, z)
	if got := z.LastLine(); got != "" {
		t.Errorf("it said %q", got)
	}
	if _, err := os.Stat(z.file("ini/howdah.ini")); err != nil {
		t.Error(err)
	}
}
