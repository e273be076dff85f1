package e2e

import (
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// confLab tries configurations on php-fpm -tt and howdah import-fpm side by side.
type confLab struct {
	t  *testing.T
	sb *sandbox
}

func newConfLab(t *testing.T) *confLab {
	t.Helper()
	return &confLab{t, newSandbox(t)}
}

// head and pool are what every tried configuration begins with, unless it says otherwise; DIR is the sandbox.
const (
	confHead = "[global]\nerror_log = DIR/log/fpm.log\ndaemonize = no\n"
	confPool = "[www]\nuser = www-data\nlisten = DIR/www.sock\npm = static\npm.max_children = 2\n"
)

// try gives both programs the same file. Both answer with their lines without time stamps.
func (l *confLab) try(text string, files map[string]string) (fpm, howdah string, fpmTakes, howdahTakes bool) {
	l.t.Helper()
	put := func(name, text string) {
		write(l.t, l.sb.path(name), strings.ReplaceAll(text, "DIR", l.sb.dir))
	}
	for name, text := range files {
		put(name, text)
	}
	put("php-fpm.conf", text)
	run := func(name string, args ...string) (string, bool) {
		cmd := exec.Command(name, args...)
		cmd.Env = []string{"HOME=/root", "PATH=/usr/bin:/bin"}
		out, err := cmd.CombinedOutput()
		return string(out), err == nil
	}
	fpm, fpmTakes = run("php-fpm8.2", "-n", "-tt", "-y", l.sb.path("php-fpm.conf"))
	howdah, howdahTakes = run(binary, "import-fpm", l.sb.path("php-fpm.conf"))
	return fpmStamp.ReplaceAllString(fpm, ""), howdah, fpmTakes, howdahTakes
}

var (
	fpmStamp   = regexp.MustCompile(`(?m)^\[\d\d-\w{3}-\d{4} [\d:.]+\] `)
	fpmTrouble = regexp.MustCompile(`(?m)^(?:ERROR|ALERT): (.*)$`)
	fpmSyntax  = regexp.MustCompile(`(?m)^PHP:  (.*) in Unknown on line \d+$`)
	fpmSlips   = regexp.MustCompile(`: Success \(0\)$| at line \d+$`) // it forgets its own line while it includes
)

// fpmProblems are the texts of php-fpm's problems. Which line of what it expected the parser names too; that is left out.
func fpmProblems(out string) []string {
	var all []string
	for _, m := range fpmSyntax.FindAllStringSubmatch(out, -1) {
		text, _, _ := strings.Cut(m[1], ", expecting")
		all = append(all, text)
	}
	for _, m := range fpmTrouble.FindAllStringSubmatch(out, -1) {
		if m[1] != "FPM initialization failed" {
			all = append(all, fpmSlips.ReplaceAllString(m[1], ""))
		}
	}
	return all
}

func TestEveryErrorOfAConfigurationIsThatOfPHPFPM(t *testing.T) {
	l := newConfLab(t)
	pool := confHead + confPool
	for _, text := range []string{
		// the dialect
		pool + "foo = 1\n", pool + "foo[x] = 1\n", pool + "PHP_VALUE[a] = 1\n", pool + "INCLUDE = /x\n", pool + "listen.setfib = 1\n", pool + "pm.max_children\n",
		pool + "env[A] = a=b\n", pool + "env[A] = yes x\n", pool + "env[A] = \"abc\n", pool + "env[A] = (1\n", pool + "[open\n", pool + "  [www]\n", pool + "=\n",
		"[global]\nfoo = 1\n" + confPool, "[global]\nenv[A] = 1\n" + confPool, "[global]\npm = static\n" + confPool, "[global]\npid = /run/$pool\n" + confPool,
		// values
		pool + "pm.max_children = x\n", pool + "pm.max_children = 1.5\n", pool + "pm.max_children = 5M\n", pool + "pm = none\n", pool + "pm = sometimes\n",
		pool + "request_terminate_timeout = 5x\n", pool + "request_terminate_timeout =\n", pool + "clear_env = maybe\n", pool + "clear_env = 00\n", pool + "clear_env = 2\n",
		pool + "rlimit_core = -4\n", pool + "rlimit_files = many\n", pool + "php_flag[x] = maybe\n", pool + "php_admin_flag[x] = 5\n",
		pool + "env[A] =\n", pool + "env[] = x\n", pool + "php_value[] = x\n", pool + "access.suppress_path[a] = /x\n", pool + "access.suppress_path[] = x\n",
		confHead + "log_level = loud\n" + confPool, confHead + "syslog.facility = HERE\n" + confPool, confHead + "log_buffering = maybe\n" + confPool,
		confHead + "log_limit = x\n" + confPool, confHead + "process.max = x\n" + confPool, confHead + "emergency_restart_interval = 5y\n" + confPool,
		confHead + "emergency_restart_threshold = x\n" + confPool, confHead + "process_control_timeout = x\n" + confPool, confHead + "systemd_interval = x\n" + confPool,
		confHead + "process.priority = x\n" + confPool, confHead + "daemonize = perhaps\n" + confPool, confHead + "rlimit_files = x\n" + confPool,
		confHead + "rlimit_core = x\n" + confPool,
		// rules
		confHead + "log_limit = 511\n" + confPool, confHead + "process.max = -1\n" + confPool, confHead + "process.priority = 21\n" + confPool,
		confHead + "process.priority = -20\n" + confPool, confHead + "events.mechanism = kqueue\n" + confPool, confHead,
		confHead + "events.mechanism = poll\n" + strings.Replace(confPool, "static", "ondemand", 1),
		confHead + "[www]\nlisten = DIR/x.sock\npm = static\npm.max_children = 1\n", confHead + "[www]\nuser = www-data\npm = static\npm.max_children = 1\n",
		confHead + "[www]\nuser = www-data\nlisten = DIR/x.sock\npm.max_children = 1\n", confHead + "[www]\nuser = www-data\nlisten = DIR/x.sock\npm = static\n",
		pool + "pm = dynamic\n", pool + "pm = dynamic\npm.min_spare_servers = 1\n", pool + "pm = dynamic\npm.min_spare_servers = 3\npm.max_spare_servers = 3\n",
		pool + "pm = dynamic\npm.min_spare_servers = 2\npm.max_spare_servers = 1\n", pool + "pm = dynamic\npm.min_spare_servers = 1\npm.max_spare_servers = 9\n",
		pool + "pm = dynamic\npm.min_spare_servers = 1\npm.max_spare_servers = 1\npm.start_servers = 2\n",
		pool + "pm = dynamic\npm.min_spare_servers = 1\npm.max_spare_servers = 1\npm.max_spawn_rate = 0\n", pool + "pm = ondemand\npm.process_idle_timeout = 0\n",
		pool + "prefix = /nosuch\n", pool + "process.priority = 21\n", pool + "user = nosuch\n", pool + "group = nosuch\n", pool + "listen.owner = nosuch\n", pool + "listen.group = nosuch\n",
		pool + "pm.status_path = status\n", pool + "pm.status_path = /\n", pool + "pm.status_path = \"/a b\"\n", pool + "pm.status_listen =\n",
		pool + "ping.path = ping\n", pool + "ping.path = /\n", pool + "ping.path = /p%\n", pool + "ping.path = /p\nping.response =\n",
		pool + "request_slowlog_timeout = 1\n", pool + "request_slowlog_trace_depth = 3\n", pool + "slowlog = DIR/slow\nrequest_slowlog_trace_depth = -3\n",
		pool + "slowlog = DIR/slow\nrequest_slowlog_timeout = 3\nrequest_terminate_timeout = 2\n",
		pool + "chroot = /nosuch\n", pool + "chroot = $prefix/nosuch\n", pool + "chroot = a$prefix\n", pool + "chdir = /nosuch\n", pool + "chdir = nosuch\n", pool + "chroot = DIR\nchdir = /nosuch\n",
		pool + strings.Replace(confPool, "www", "two", 1), pool + "pm.status_listen = DIR/www.sock\n",
		// files
		pool + "include = DIR/bad.conf\n", pool + "include = DIR/php-fpm.conf\n",
	} {
		fpm, howdah, taken, mine := l.try(text, map[string]string{"bad.conf": "foo = 1\n"})
		if taken || mine {
			t.Errorf("php-fpm takes it: %v, howdah takes it: %v\n%s\nphp-fpm:\n%s\nhowdah:\n%s", taken, mine, text, fpm, howdah)
			continue
		}
		for _, problem := range fpmProblems(fpm) {
			if !strings.Contains(howdah, problem) {
				t.Errorf("howdah does not say %q of\n%s\nphp-fpm:\n%s\nhowdah:\n%s", problem, text, fpm, howdah)
			}
		}
	}
}

var (
	fpmSetting = regexp.MustCompile(`(?m)^NOTICE: \tphp_value\[(.*?)\] = (.*)$`)
	ourSetting = regexp.MustCompile(`(?m)^php_value\.([\w-]+) = (".*")$`)
)

func TestLinesMeanWhatTheyMeanToPHPFPM(t *testing.T) {
	l := newConfLab(t)
	values := []string{
		"foo bar ; c", "'a b;c'", `"x${HOME}y"`, "${HOME}/x", "${ HOME }", `"$HOME"`, `"\${HOME}"`, `"\$x"`, `a"b"c`, `a  "b"`, "a  'b'", `"a" "b"`, "yes", "ON;", "true ; x", "none", "null",
		"E_ALL", "E_ALL.foo", "foo E_ALL", "E_ALL & ~E_NOTICE ; x", "1|2", "1|2&4", "(1|2)&3", "1 | 2 x", "~1|4", "!x", "!!1", "0x1F|0", `"a\"b"`, `"a\\b\n"`, `"x\"`, "it's", `""x`, "'x'y",
		`a\b`, "a$b", "x$;y", "a{b}", "a#b", "00012", "1 2", "", "; y", "${NOSUCH:-d}x", "http://a.b/?x", "E_STRICT", "E_ALL ^ E_DEPRECATED", "a,b", "/p/$pool/x", ".5", "-5a", "2M",
	}
	text := confHead + confPool
	for i, value := range values {
		text += fmt.Sprintf("php_value[k%03d] = %s\n", i, value)
	}
	fpm, howdah, taken, mine := l.try(text, nil)
	if !taken || !mine {
		t.Fatalf("php-fpm takes it: %v, howdah takes it: %v\n%s\n%s", taken, mine, fpm, howdah)
	}
	theirs, ours := map[string]string{}, map[string]string{}
	for _, m := range fpmSetting.FindAllStringSubmatch(fpm, -1) {
		theirs[m[1]] = m[2]
	}
	for _, m := range ourSetting.FindAllStringSubmatch(howdah, -1) {
		var err error
		if ours[m[1]], err = strconv.Unquote(m[2]); err != nil {
			t.Errorf("%s: %v", m[0], err)
		}
	}
	for i, value := range values {
		key := fmt.Sprintf("k%03d", i)
		got, there := ours[key]
		want, asked := theirs[key]
		if !there || !asked || got != want {
			t.Errorf("%s is %q to howdah (%v), %q to php-fpm (%v)", value, got, there, want, asked)
		}
	}
}

// What a directive comes to is compared with what php-fpm -tt says of it: key is its name in pool.toml.
func TestDirectivesThatPHPFPMTakesAreTakenWithTheSameValue(t *testing.T) {
	l := newConfLab(t)
	for _, c := range []struct{ line, shown, key string }{
		{"clear_env = 0", "clear_env = no", "clear_env = false"},
		{"clear_env = NO", "clear_env = no", "clear_env = false"},
		{"catch_workers_output = yes", "catch_workers_output = yes", "catch_workers_output = true"},
		{"decorate_workers_output = null", "decorate_workers_output = no", "decorate_workers_output = false"},
		{"request_terminate_timeout = 1h", "request_terminate_timeout = 3600s", `request_terminate_timeout = "1h"`},
		{"request_terminate_timeout = m", "request_terminate_timeout = 0s", `request_terminate_timeout = "0s"`},
		{"request_terminate_timeout_track_finished = on", "request_terminate_timeout_track_finished = yes", "request_terminate_timeout_track_finished = true"},
		{"pm.max_requests = 007", "pm.max_requests = 7", "pm_max_requests = 7"},
		{"PM.Max_Requests = 7", "pm.max_requests = 7", "pm_max_requests = 7"},
		{"pm.max_children = 3\npm.max_children = 9", "pm.max_children = 9", "pm_max_children = 9"},
		{"rlimit_files = 2048", "rlimit_files = 2048", "rlimit_files = 2048"},
		{"rlimit_core = Unlimited", "rlimit_core = -1", `rlimit_core = "unlimited"`},
		{"process.priority = 20", "process.priority = 20", "process_priority = 19"},
		{"listen = 9123", "listen = 9123", `listen = "9123"`},
		{"listen = 127.0.0.1:9123", "listen = 127.0.0.1:9123", `listen = "127.0.0.1:9123"`},
		{"prefix = DIR\nlisten = $pool.sock", "listen = DIR/www.sock", `listen = "DIR/www.sock"`},
		{"listen.backlog = -7", "listen.backlog = -7", "listen_backlog = -1"},
		{"listen.owner = www-data\nlisten.group = www-data\nlisten.mode = 0600", "listen.mode = 0600", `listen_mode = "0600"`},
		{"listen.acl_users = www-data, root", "listen.acl_users = www-data, root", `listen_acl_users = ["www-data", "root"]`},
		{"listen.acl_groups = www-data", "listen.acl_groups = www-data", `listen_acl_groups = ["www-data"]`},
		{"listen.allowed_clients = 127.0.0.1,::1", "listen.allowed_clients = 127.0.0.1,::1", `listen_allowed_clients = ["127.0.0.1", "::1"]`},
		{"security.limit_extensions = .php .inc", "security.limit_extensions = .php .inc", `security_limit_extensions = [".php", ".inc"]`},
		{"security.limit_extensions =", "security.limit_extensions = ", "security_limit_extensions = []"},
		{"chdir = DIR/site", "chdir = DIR/site", `chdir = "DIR/site"`},
		{"group = 33", "group = 33", `group = "33"`},
		{"env[A] = 1\nenv[A] = 2", "env[A] = 2", `env.A = "1"`},
		{"env[A] = $HOME", "env[A] = $HOME", `env.A = "$HOME"`},
		{"php_flag[a] = on", "php_value[a] = 1", `php_flag.a = "1"`},
		{"php_admin_flag[a] = 0", "php_admin_value[a] = 0", `php_admin_flag.a = "0"`},
		{"php_admin_value[error_log] = e.log", "php_admin_value[error_log] = /usr/e.log", `php_admin_value.error_log = "/usr/e.log"`},
		{"[global]\nlog_level = Debug", "log_level = DEBUG", `log_level = "debug"`},
		{"[global]\nlog_limit = 4096", "log_limit = 4096", `log_limit = `},
		{"[global]\nlog_buffering = no", "log_buffering = no", `log_buffering = false`},
		{"[global]\nsyslog.ident = me", "syslog.ident = me", `syslog_ident = "me"`},
		{"[global]\nsyslog.facility = Local3", "syslog.facility = 152", `syslog_facility = "local3"`},
		{"[GLOBAL]\nprocess_control_timeout = 10", "process_control_timeout = 10s", `process_control_timeout = "10s"`},
		{"[global]\nprocess.max = 99", "process.max = 99", "process_max = 99"},
		{"[global]\nprocess.priority = -5", "process.priority = -5", "process_priority = -5"},
		{"[global]\nrlimit_files = 8192", "rlimit_files = 8192", "rlimit_files = 8192"},
		{"[global]\nrlimit_core = 5", "rlimit_core = 5", "rlimit_core = 5"},
		{"[global]\nemergency_restart_threshold = 3", "emergency_restart_threshold = 3", "emergency_restart_threshold = 3"},
		{"[global]\nemergency_restart_interval = 1m", "emergency_restart_interval = 60s", `emergency_restart_interval = "1m"`},
		{"[global]\nsystemd_interval = 30", "systemd_interval = 30s", `systemd_interval = "30s"`},
		{"[global]\npid = x.pid", "pid = /var/x.pid", `pid = "/var/x.pid"`},
		{"[global]\nevents.mechanism = Poll", "events.mechanism = poll", "events.mechanism: Howdah always uses epoll"},
		{"pm = ondemand\npm.process_idle_timeout = 5m", "pm.process_idle_timeout = 300", `pm_process_idle_timeout = "5m"`},
		{"pm = DYNAMIC\npm.min_spare_servers = 1\npm.max_spare_servers = 2", "pm.start_servers = 1", "pm_max_spare_servers = 2"},
		{"include = DIR/more.conf", "pm.max_requests = 5", "pm_max_requests = 5"},
		{`include = "DIR/mo[!x]e.c*"`, "pm.max_requests = 5", "pm_max_requests = 5"},
		{"include = DIR/none*.conf", "WARNING: Nothing matches the include pattern", "Nothing matches the include pattern"},
	} {
		text := confHead + confPool + c.line + "\n"
		fpm, howdah, taken, mine := l.try(text, map[string]string{"more.conf": "pm.max_requests = 5\n"})
		fpm, howdah = strings.ReplaceAll(fpm, l.sb.dir, "DIR"), strings.ReplaceAll(howdah, l.sb.dir, "DIR")
		if !taken || !mine || !strings.Contains(fpm, c.shown) || !strings.Contains(howdah, c.key) {
			t.Errorf("%s: php-fpm takes it: %v, and shows %q: %v; howdah takes it: %v, and says %q: %v\nphp-fpm:\n%s\nhowdah:\n%s",
				c.line, taken, c.shown, strings.Contains(fpm, c.shown), mine, c.key, strings.Contains(howdah, c.key), fpm, howdah)
		}
	}
}

func TestDebiansOwnConfigurationIsTakenAsItStands(t *testing.T) {
	noteRun(t)
	const stock = "/etc/php/8.2/fpm/php-fpm.conf"
	if out, err := exec.Command("php-fpm8.2", "-t", "-y", stock).CombinedOutput(); err != nil {
		t.Fatalf("php-fpm does not take %s: %v\n%s", stock, err, out)
	}
	out, err := exec.Command(binary, "import-fpm", stock).CombinedOutput()
	if err != nil || strings.Contains(string(out), "carried over") {
		t.Fatalf("howdah does not take %s as it stands: %v\n%s", stock, err, out)
	}
	file := newSandbox(t).path("pool.toml")
	write(t, file, string(out))
	shown, err := exec.Command(binary, "check", "--effective", "-c", file).CombinedOutput()
	if err != nil {
		t.Fatalf("howdah check: %v\n%s", err, shown)
	}
	for _, line := range []string{"pm_max_children = 5", `php_ini = "/etc/php/8.2/fpm/php.ini"`, `listen = "/run/php/php8.2-fpm.sock"`, `process_control_timeout = "30s"`} {
		if !strings.Contains(string(shown), line+"\n") {
			t.Errorf("no %s in\n%s", line, shown)
		}
	}
}
