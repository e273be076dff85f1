package e2e

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"howdah/internal/fcgi"
)

// phpValues are PHP_VALUE and PHP_ADMIN_VALUE of requests, with a setting that shows whether they are in force.
var phpValues = []struct{ name, value, admin, key string }{
	{"a value", "memory_limit=64M", "", "memory_limit"},
	{"an admin value", "", "memory_limit=64M", "memory_limit"},
	{"several lines", "precision = 7 \n  memory_limit = 65M\n", "upload_max_filesize=3M\nmemory_limit=66M", "memory_limit"},
	{"the last of several", "precision=7\nprecision=8", "", "precision"},
	{"quotes and comments", "; a comment\nuser_agent=\"a; b\" ; another\n", "", "user_agent"},
	{"a flag", "html_errors=off\nlog_errors=On", "", "log_errors"},
	{"a value over the pool's value", "arg_separator.output=;", "", "arg_separator.output"},
	{"a value over the pool's admin value", "max_execution_time=11", "", "max_execution_time"},
	{"an admin value over the pool's", "", "max_execution_time=12", "max_execution_time"},
	{"an expression", "error_reporting=E_ALL & ~E_NOTICE", "", "error_reporting"},
	{"a variable", "", "open_basedir=${HOME}/x:${SITES}:/", "open_basedir"},
	{"a variable between quotes", "user_agent=\"of ${USER}, ${SITES}\"", "", "user_agent"},
	{"nothing", " \n", "", "precision"},
	{"what PHP does not know", "no.such=1", "", "no.such"},
	{"no classic entry", "[x]\n", "", "precision"},
}

func TestPHPValueOfTheWebServerMeansWhatItMeansToPHPFPM(t *testing.T) {
	t.Parallel()
	ours := startHowdah(t, newSandbox(t), `php_value = { precision = "5", "arg_separator.output" = "&" }`, `php_admin_value = { max_execution_time = "10" }`, `env = { SITES = "/srv/sites" }`)
	for _, c := range phpValues {
		t.Run(c.name, func(t *testing.T) {
			// php-fpm's workers keep what a request has set: each case gets one of its own.
			sb := newSandbox(t)
			fpm := startFPM(t, sb, "pm.max_children = 1", "php_value[precision] = 5", `php_value[arg_separator.output] = "&"`, "php_admin_value[max_execution_time] = 10", "env[SITES] = /srv/sites")
			var answers []string
			for _, side := range []struct {
				socket string
				sb     *sandbox
			}{{fpm.socket, sb}, {ours.socket, ours.sb}} {
				params := side.sb.script("GET", "ini.php", param{"PHP_VALUE", c.value}, param{"PHP_ADMIN_VALUE", c.admin})
				params = changed(params, []param{{"QUERY_STRING", "key=" + c.key + "&value=1"}}, "")
				answers = append(answers, askOnce(t, side.socket, params...).stdout)
			}
			if answers[0] != answers[1] {
				t.Errorf("%q\nphp-fpm: %q", answers[1], answers[0])
			}
			sb.page(t, "server.php", "<?php var_dump($_SERVER['PHP_VALUE'], getenv('PHP_ADMIN_VALUE'));")
			ours.sb.page(t, "server.php", read(t, sb.path("site", "server.php")))
			want := askOnce(t, fpm.socket, sb.script("GET", "server.php", param{"PHP_VALUE", c.value}, param{"PHP_ADMIN_VALUE", c.admin})...).stdout
			got := askOnce(t, ours.socket, ours.sb.script("GET", "server.php", param{"PHP_VALUE", c.value}, param{"PHP_ADMIN_VALUE", c.admin})...).stdout
			if got != want {
				t.Errorf("the script sees %q\nphp-fpm: %q", got, want)
			}
		})
	}
}

// A script that is to be fenced in must not run without its fence.
func TestAScriptWhosePHPAdminValueCannotBeInForceDoesNotRun(t *testing.T) {
	t.Parallel()
	sb := newSandbox(t)
	h := startHowdah(t, sb)
	ran := sb.path("scratch", "ran")
	sb.page(t, "ran.php", "<?php touch('"+ran+"'); echo 'ran';")
	for _, admin := range []string{"open_basedir=${NOWHERE}/x", "open_basedir=/srv/(a)", "memory_limit=64M\nopen_basedir=/srv|/tmp", "[x]\nopen_basedir=/srv", "zend_extension=x.so"} {
		r := askOnce(t, h.socket, sb.script("GET", "ran.php", param{"PHP_ADMIN_VALUE", admin})...)
		if !strings.HasPrefix(r.stdout, "Status: 500 ") || exists(ran) {
			t.Errorf("%q: %q", admin, r.stdout)
		}
	}
	if r := askOnce(t, h.socket, sb.script("GET", "ran.php", param{"PHP_VALUE", "user_agent=${NOWHERE}"})...); !strings.HasSuffix(r.stdout, "ran") {
		t.Errorf("with a PHP_VALUE that is left out: %q", r.stdout)
	}
	h.wantLogged(0, 5*time.Second, "ERROR", "[pool www] Passing INI directive through FastCGI: unable to set 'user_agent'")
	if lines := h.logged(0, "ERROR", "no script runs, since its PHP_ADMIN_VALUE cannot be in force: "); len(lines) != 5 {
		t.Errorf("log lines: %q", lines)
	}
}

func TestAReloadGivesVariablesInPHPAdminValueTheirNewValue(t *testing.T) {
	t.Parallel()
	h := startHowdah(t, newSandbox(t), `env = { SITES = "first" }`)
	h.sb.page(t, "agent.php", "<?php echo ini_get('user_agent');")
	ask := func() string {
		r := askOnce(t, h.socket, h.sb.script("GET", "agent.php", param{"PHP_ADMIN_VALUE", "user_agent=${SITES}"})...)
		_, body, _ := strings.Cut(r.stdout, "\r\n\r\n")
		return body
	}
	if got := ask(); got != "first" {
		t.Fatalf("at first %q", got)
	}
	h.rewrite(`env = { SITES = "second" }`)
	h.reload()
	got := ask()
	for begun := time.Now(); got == "first" && time.Since(begun) < 15*time.Second; got = ask() { // PHP with the old value serves until the new one is ready
		time.Sleep(10 * time.Millisecond)
	}
	if got != "second" {
		t.Errorf("after the reload %q", got)
	}
}

// Two sites with settings of their own and one without share a pool. Each request finds its own site's settings, which in php-fpm
// stay with the worker that had them last.
func TestSettingsOfTwoSitesNeverMixInTenThousandRequests(t *testing.T) {
	t.Parallel()
	sb := newSandbox(t)
	h := startHowdah(t, sb, `pm_max_children = 4`)
	sites := []struct {
		values []param
		want   string
	}{
		{nil, "128M 14 300M"},
		{[]param{{"PHP_ADMIN_VALUE", "memory_limit=61M"}, {"PHP_VALUE", "precision=6"}}, "61M 6 61M"},
		{[]param{{"PHP_ADMIN_VALUE", "memory_limit=72M"}, {"PHP_VALUE", "precision=7"}}, "72M 7 72M"},
	}
	sb.page(t, "both.php", "<?php echo ini_get('memory_limit'), ' ', ini_get('precision'), ' '; @ini_set('memory_limit', '300M'); echo ini_get('memory_limit');")
	const clients, each = 8, 1250
	var all sync.WaitGroup
	wrong := make(chan string, clients)
	for client := range clients {
		all.Go(func() {
			c := dialFastCGI(t, h.socket)
			for i := range each {
				site := sites[(i*7+client+i/3)%len(sites)]
				c.send(requestBytes(t, 1, fcgi.FlagKeepConn, "", sb.script("GET", "both.php", site.values...)...))
				r, err := c.receive()
				if _, body, _ := strings.Cut(r.stdout, "\r\n\r\n"); err != nil || body != site.want {
					wrong <- fmt.Sprintf("request %d: %q (%v), want %q", i, r.stdout, err, site.want)
					return
				}
			}
		})
	}
	all.Wait()
	select {
	case text := <-wrong:
		t.Error(text)
	default:
	}
}

func TestTheSettingsLeastRecentlyUsedGiveWayToNewOnes(t *testing.T) {
	t.Parallel()
	sb := newSandbox(t)
	h := startHowdah(t, sb, `php_value_sets = 2`)
	for i := range 6 {
		params := changed(sb.script("GET", "ini.php", param{"PHP_VALUE", fmt.Sprintf("memory_limit=%dM", 60+i)}), []param{{"QUERY_STRING", "key=memory_limit&value=1G"}}, "")
		for range 2 {
			r := dialFastCGI(t, h.socket).ask(0, "", params...)
			if want := fmt.Sprintf("'%dM'", 60+i); !strings.Contains(r.stdout, want) {
				t.Fatalf("set %d: %q, want %s", i, r.stdout, want)
			}
		}
	}
	if n := len(h.logged(0, "starting a php-cgi for requests that set")); n != 6 {
		t.Errorf("%d php-cgi were started for 6 sets", n)
	}
	h.reload()
	r := dialFastCGI(t, h.socket).ask(0, "", changed(sb.script("GET", "ini.php", param{"PHP_VALUE", "memory_limit=65M"}), []param{{"QUERY_STRING", "key=memory_limit&value=1G"}}, "")...)
	if !strings.Contains(r.stdout, "'65M'") {
		t.Errorf("after a reload: %q", r.stdout)
	}
}

// Whatever settings they bring along, no more requests run at once than pm_max_children, and those that wait are served in turn.
func TestWorkersOfAllSettingsTogetherAreNoMoreThanThePoolMayHave(t *testing.T) {
	t.Parallel()
	sb := newSandbox(t)
	h := startHowdah(t, sb, `pm_max_children = 2`)
	journal := sb.path("scratch", "journal")
	sb.page(t, "slow.php", `<?php $f = fopen('`+journal+`', 'a'); fwrite($f, "+1\n"); usleep(20000); fwrite($f, "-1\n"); echo 'done ', ini_get('memory_limit');`)
	var all sync.WaitGroup
	for client := range 8 {
		all.Go(func() {
			limit := []string{"128M", "61M", "62M", "63M"}[client%4]
			params := sb.script("GET", "slow.php")
			if limit != "128M" {
				params = append(params, param{"PHP_ADMIN_VALUE", "memory_limit=" + limit})
			}
			for range 10 {
				if r := askOnce(t, h.socket, params...); !strings.HasSuffix(r.stdout, "done "+limit) {
					t.Errorf("%q, want done %s", r.stdout, limit)
				}
			}
		})
	}
	all.Wait()
	running, most := 0, 0
	for line := range strings.Lines(read(t, journal)) {
		if line == "+1\n" {
			running++
		} else {
			running--
		}
		most = max(most, running)
	}
	if most != 2 || running != 0 {
		t.Errorf("%d ran at once, and %d did not end; pm_max_children is 2", most, running)
	}
}
