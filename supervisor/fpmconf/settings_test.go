package fpmconf

import (
	"slices"
	"strings"
	"testing"

	"howdah/supervisor/config"
)

func TestOfSeveralSettingsTheFirstCountsAndOfSeveralScalarsTheLast(t *testing.T) {
	p := wantLoaded(t, minimal+`
pm.max_children = 3
pm.max_children = 4
php_value[a] = first
php_flag[a] = on
php_value[a] = last
php_flag[b] = off
php_value[b] = last
env[E] = first
env[E] = last
php_admin_value[disable_functions] = exec
php_admin_value[disable_functions] = system,popen
`).Config.Pools[0]
	if p.PMMaxChildren != 4 {
		t.Errorf("pm.max_children %d, want the last, 4", p.PMMaxChildren)
	}
	for _, c := range []struct{ got, want []config.Setting }{
		{p.PHPValue, []config.Setting{{Name: "a", Value: "first"}}},
		{p.PHPFlag, []config.Setting{{Name: "b", Value: "0"}}},
		{p.Env, []config.Setting{{Name: "E", Value: "first"}}},
		{p.PHPAdminValue, []config.Setting{{Name: "disable_functions", Value: "exec,system,popen"}}},
	} {
		if !slices.Equal(c.got, c.want) {
			t.Errorf("got %v, want %v", c.got, c.want)
		}
	}
}

func TestThePoolsNameTakesThePlaceOfDollarPoolInEveryString(t *testing.T) {
	p := wantLoaded(t, strings.Replace(minimal, "/run/x.sock", "/run/$pool.sock", 1)+`
chdir = /srv/$pool/$pool
env[POOL] = is $pool
php_admin_value[x] = $pool
`).Config.Pools[0]
	if p.Listen != "/run/www.sock" || p.Chdir != "/srv/www/www" || p.Env[0].Value != "is www" || p.PHPAdminValue[0].Value != "www" {
		t.Errorf("%s %s %v %v", p.Listen, p.Chdir, p.Env, p.PHPAdminValue)
	}
	wantProblems(t, "[global]\npid = /run/$pool.pid\n"+minimal,
		"[php-fpm.conf:2] unable to parse value for entry 'pid': Can't use '$pool' when the pool is not defined")
}

func TestUnitsOfTimeAreThoseOfPHPFPM(t *testing.T) {
	for text, want := range map[string]int{"5": 5, "5s": 5, "2m": 120, "1h": 3600, "1d": 86400, "m": 0, "1.5s": 1, "0": 0, "007": 7} {
		if v, fault := readSeconds(text); fault != "" || v.num != want {
			t.Errorf("%s is %d %s, want %d", text, v.num, fault, want)
		}
	}
}

func TestAnAbsentGraceIsHowdahsAndAnExplicitZeroIsObeyed(t *testing.T) {
	absent := wantLoaded(t, minimal)
	if absent.Config.Global.ProcessControlTimeout.Seconds() != 30 || absent.Given.Has("", "process_control_timeout") {
		t.Errorf("absent: %v", absent.Config.Global.ProcessControlTimeout)
	}
	explicit := wantLoaded(t, "[global]\nprocess_control_timeout = 0\n"+minimal)
	if explicit.Config.Global.ProcessControlTimeout != 0 || !explicit.Given.Has("", "process_control_timeout") {
		t.Errorf("explicit: %v", explicit.Config.Global.ProcessControlTimeout)
	}
	if !explicit.Given.Has("www", "pm") || explicit.Given.Has("www", "chdir") || explicit.Given.Has("gone", "pm") {
		t.Error("Given does not know what the file has")
	}
}

func TestPathsAreBelowThePrefixOfThePoolElseOfTheCommandLine(t *testing.T) {
	loaded, problems, _ := loadText(t, Options{Prefix: "/opt/p"}, map[string]string{"php-fpm.conf": "[global]\npid = run/x.pid\n" +
		strings.Replace(minimal, "/run/x.sock", "x.sock", 1) + "php_admin_value[error_log] = e.log\nphp_admin_value[x] = e.log\n" +
		"[two]\nprefix = /srv/two\nuser = www-data\nlisten = y.sock\npm = static\npm.max_children = 1\nphp_admin_value[error_log] = syslog\n"})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	c := loaded.Config
	got := []string{c.Global.Pid, c.Global.ErrorLog, c.Pools[0].Listen, c.Pools[1].Listen, c.Pools[1].PHPAdminValue[0].Value, c.Pools[1].PHPAdminValue[1].Value, c.Pools[0].PHPAdminValue[0].Value}
	want := []string{"/opt/p/run/x.pid", "/opt/p/log/php-fpm.log", "/srv/two/y.sock", "/opt/p/x.sock", "/opt/p/e.log", "e.log", "syslog"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestNumbersThatPHPFPMIgnoresInThisModeAreIgnored(t *testing.T) {
	c := wantLoaded(t, minimal+"pm.start_servers = 99\npm.max_spare_servers = -4\npm.max_spawn_rate = 0\npm.process_idle_timeout = 0\n").Config
	if c.Pools[0].PMStartServers != 2 {
		t.Errorf("static: %d workers at start, want pm.max_children", c.Pools[0].PMStartServers)
	}
}

func TestADirectiveWithoutAKeyIsRefusedUnlessItAsksForNothing(t *testing.T) {
	l := &loader{o: Options{System: machine()}, tree: newTree(), left: maxText}
	p := newSection("www", place{"a.conf", 1})
	for name, v := range map[string]value{
		"chroot": {text: "/x"}, "apparmor_hat": {text: "h"}, "process.dumpable": {num: 0}, "listen.mode": {}, "rlimit_files": {}, "clear_env": {num: 1}, "prefix": {text: "/x"},
	} {
		v.at = place{"a.conf", 2}
		p.given[name] = v
	}
	entries, left := l.entries(p, nil, nil) // as if no key mirrored any directive
	var refused []string
	for _, o := range left {
		if o.refused {
			refused = append(refused, o.text)
		}
	}
	want := []string{
		"chroot is refused: " + config.WhyNoChroot, "apparmor_hat is refused: " + config.WhyNoHat,
	}
	if len(entries) > 0 || !slices.Equal(refused, want) {
		t.Errorf("entries %v, refused %q, want %q", entries, refused, want)
	}
}

// Every key that says it mirrors a directive must name one that php-fpm has.
func TestKeysMirrorDirectivesThatPHPFPMHas(t *testing.T) {
	lists := []string{"env[]", "php_value[]", "php_flag[]", "php_admin_value[]", "php_admin_flag[]", suppressPath + "[]", suppressPath}
	for _, c := range []struct {
		keys []config.Directive
		all  []directive
	}{{config.GlobalDirectives(), globalDirectives}, {config.PoolDirectives(), poolDirectives}} {
		for _, k := range c.keys {
			if _, ok := lookUp(c.all, k.Name); !ok && !slices.Contains(lists, k.Name) {
				t.Errorf("%s mirrors %s, which php-fpm does not have", k.Key, k.Name)
			}
		}
	}
}

func TestAllProblemsAreToldAtOnceAtTheirPlaces(t *testing.T) {
	wantProblems(t, "[global]\nlog_limit = 5\nfoo = 1\n[www]\npm = dynamic\npm.max_children = 0\nenv[A] =\nlisten = /no/x.sock\nuser = www-data\n",
		"[php-fpm.conf:3] unknown entry 'foo'",
		"[php-fpm.conf:7] empty value",
		"[php-fpm.conf:2] log_limit must be greater than 512",
		"[php-fpm.conf:6] [pool www] pm.max_children must be a positive value",
		"[php-fpm.conf:4] [pool www] pm.min_spare_servers(0) must be a positive value",
		"[php-fpm.conf:4] [pool www] pm.max_spare_servers(0) must be a positive value",
		"[php-fpm.conf:8] [pool www] listen: directory /no: file does not exist")
	wantProblems(t, minimal+"php_value[e] = PHP_VERSION\n",
		"[php-fpm.conf:6] the value of PHP's constant PHP_VERSION is not known here: write it as a number or in quotes")
	wantProblems(t, minimal+"security.limit_extensions = php\n",
		`[php-fpm.conf:6] [pool www] security.limit_extensions: "php" does not start with '.'`)
}

func TestAFileThatIncludesItselfIsReadOnlySoDeep(t *testing.T) {
	_, problems, dir := loadText(t, Options{}, map[string]string{"php-fpm.conf": "include = DIR/*.conf\ninclude = DIR/*.conf\n" + minimal})
	if len(problems) < 2 || problems[0].Text != "failed to include more than 5 files recursively" {
		t.Errorf("problems %v", problems)
	}
	if last := problems[len(problems)-1].Text; last != "failed to load configuration file '"+dir+"/php-fpm.conf'" {
		t.Errorf("last line %s", last)
	}
}
