package worker

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheProbeTellsWhetherHostCallsWork(t *testing.T) {
	asUsers(t, func(t *testing.T, u *User) {
		dir := site(t, map[string]string{
			"page.php":    `<?php echo function_exists('fastcgi_finish_request') ? 'there' : 'missing', ' ', defined('SITE') ? 'site' : '';`,
			"preload.php": `<?php namespace Site; const PRELOADED = 1; class Thing {} function thing() {}`,
			"thing.php":   `<?php echo class_exists('Site\Thing', false) ? 'preloaded' : 'not', ' ', function_exists('Site\thing') ? 'f' : '';`,
			"before.php":  `<?php define('SITE', 1); if (basename($_SERVER['SCRIPT_FILENAME']) == 'probe.php') { exit('get out'); }`,
		})
		none := openDir(t)
		for _, test := range []struct {
			name   string
			change func(*ZygoteSpec)
			off    string // what CallsOff says, or the probe
			page   string
		}{
			{"opcache", nil, "", "there "},
			{"opcache off", func(s *ZygoteSpec) { s.Values = []Setting{{"opcache.enable", "0"}} }, "", "there "},
			{"file_cache_only", func(s *ZygoteSpec) {
				s.AdminValues = []Setting{{"opcache.file_cache", none}, {"opcache.file_cache_only", "1"}}
			}, "", "there "},
			{"open_basedir", func(s *ZygoteSpec) { s.AdminValues = []Setting{{"open_basedir", dir}} }, "", "there "},
			{"a file before each script", func(s *ZygoteSpec) { s.Values = []Setting{{"auto_prepend_file", dir + "/before.php"}} }, "", "there site"},
			{"the same, opcache off", func(s *ZygoteSpec) {
				s.AdminValues = []Setting{{"auto_prepend_file", dir + "/before.php"}, {"opcache.enable", "0"}}
			}, "the probe was answered with", "there site"},
			{"opcache off and open_basedir", func(s *ZygoteSpec) {
				s.AdminValues = []Setting{{"opcache.enable", "off"}, {"open_basedir", dir}}
			}, "open_basedir", "missing "},
			{"not asked for", func(s *ZygoteSpec) { s.PreloadFile = "" }, "not asked for", "missing "},
			{"error_log disabled", func(s *ZygoteSpec) { s.AdminValues = []Setting{{"disable_functions", "error_log,exec"}} }, "error_log", "missing "},
			{"fwrite disabled", func(s *ZygoteSpec) { s.AdminValues = []Setting{{"disable_functions", "fwrite"}} }, "fwrite", "there "},
			{"a preload file of the site's", func(s *ZygoteSpec) { s.AdminValues = []Setting{{"opcache.preload", dir + "/preload.php"}} }, "", "there "},
		} {
			t.Run(test.name, func(t *testing.T) {
				z := startZygote(t, u, test.change)
				c := dial(t, z)
				why := z.CallsOff()
				if script := z.Probe(); script != "" {
					a := c.get(script)
					if err := ParseProbe([]byte(a.body())); err != nil {
						why = err.Error()
					} else if got := messages(t, z); len(got) != 1 {
						t.Errorf("the probe's message: %v", got)
					} else if call, err := ParseHostCall([]byte(got[0].text), z.Token()); err != nil || call.Kind != "ready" {
						t.Errorf("the probe's call: %+v, %v", call, err)
					}
				}
				if (why == "") != (test.off == "") || !strings.Contains(why, test.off) {
					t.Errorf("host calls off: %q, want %q", why, test.off)
				}
				z.Seal()
				if got := c.get(dir + "/page.php").body(); got != test.page {
					t.Errorf("a page says %q, want %q", got, test.page)
				}
				if strings.Contains(test.name, "preload file") {
					if got := c.get(dir + "/thing.php").body(); got != "preloaded f" {
						t.Errorf("of the site's preload file: %q", got)
					}
				}
			})
		}
	})
}

func TestAPreloadFileOfPHPIniIsRequiredFromOurs(t *testing.T) {
	asUsers(t, func(t *testing.T, u *User) {
		dir := site(t, map[string]string{
			"preload.php": `<?php function from_php_ini() {}`,
			"page.php":    `<?php echo function_exists('from_php_ini') ? 'theirs ' : '', function_exists('fastcgi_finish_request') ? 'ours' : '';`,
		})
		ini := filepath.Join(openDir(t), "php.ini")
		if err := os.WriteFile(ini, []byte("opcache.preload="+dir+"/preload.php\nopcache.preload_user=www-data\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		z := startZygote(t, u, func(s *ZygoteSpec) { s.PHPIni = ini })
		if got := dial(t, z).get(dir + "/page.php").body(); got != "theirs ours" {
			t.Errorf("there are %q; PHP said %q", got, z.LastLine())
		}
	})
}

func TestAProbesAnswerIsReadAmongOtherOutput(t *testing.T) {
	for body, want := range map[string]string{
		"\nhowdah-probe 8.2.36 ok\n":                                   "",
		"<br>Deprecated\nhowdah-probe 8.5.0 ok\n<!-- -->":              "",
		"\nhowdah-probe 8.2.36 disabled by disable_functions: flush\n": "PHP 8.2.36: disabled by disable_functions: flush",
		"No input file specified.\n":                                   `the probe was answered with "No input file specified.\n"`,
		"":                                                             `the probe was answered with ""`,
	} {
		got := ""
		if err := ParseProbe([]byte(body)); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%q: %q, want %q", body, got, want)
		}
	}
}
