package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// phpSettings are php_value and php_admin_value for both sides of a pair: TOML keys here, php-fpm's lines there.
var phpSettings = []struct{ table, fpm, key, value string }{
	{"php_value", "php_value", "memory_limit", "200M"},
	{"php_value", "php_value", "precision", "5"},
	{"php_flag", "php_flag", "html_errors", "off"},
	{"php_admin_value", "php_admin_value", "upload_max_filesize", "7M"},
	{"php_admin_value", "php_admin_value", "max_execution_time", "17"},
	{"php_admin_value", "php_admin_value", "disable_functions", "shell_exec,exec"},
	{"php_admin_flag", "php_admin_flag", "display_errors", "on"},
}

func TestPHPSettingsMeanWhatTheyMeanToPHPFPM(t *testing.T) {
	t.Parallel()
	var fpm, ours []string
	for _, s := range phpSettings {
		fpm = append(fpm, fmt.Sprintf("%s[%s] = %s", s.fpm, s.key, s.value))
		value := strconv.Quote(s.value)
		if strings.HasSuffix(s.table, "flag") {
			value = fmt.Sprint(s.value == "on")
		}
		ours = append(ours, fmt.Sprintf("%s.%q = %s", s.table, s.key, value))
	}
	p := startPair(t, fpm, ours)
	p.compare(t, "plain", get("/report.php"), 200, "memory_limit")
	for _, s := range phpSettings {
		t.Run(s.key, func(t *testing.T) { p.compare(t, "plain", get("/ini.php?key="+s.key+"&value=1"), 200, "") })
	}
	for _, call := range []string{"shell_exec", "exec", "strlen"} {
		p.sb.page(t, "call-"+call+".php", "<?php var_dump(function_exists('"+call+"')); try { "+call+"('true'); echo 'called'; } catch (Error $e) { echo get_class($e), $e->getMessage(); }")
		p.compare(t, "plain", get("/call-"+call+".php"), 200, "")
	}
}

// What the administrator sets can't be changed by ini_set, by .user.ini, nor by a path that is written differently.
func TestAdminSettingsCanNotBeChanged(t *testing.T) {
	t.Parallel()
	sb := newSandbox(t)
	fixed := "/tmp:" + sb.dir
	h := startHowdah(t, sb, `php_admin_value = { open_basedir = "`+fixed+`", memory_limit = "99M" }`)
	sb.page(t, "tight/.user.ini", "memory_limit = 500M\nopen_basedir = /\n")
	sb.page(t, "tight/ini.php", read(t, sb.path("site", "ini.php")))
	site := sb.path("site")
	if err := os.Symlink(site, sb.path("scratch", "link")); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{
		site + "/ini.php", site + "/tight/ini.php", "/" + site + "/ini.php", "/." + site + "/ini.php", "/proc/self/root" + site + "/ini.php",
		site + "/./ini.php", site + "//ini.php", sb.path("scratch", "link") + "/tight/ini.php", site + "/tight/../ini.php", "ini.php",
		"/dev/fd/../.." + site + "/ini.php", "proxy:fcgi://localhost/" + site + "/ini.php", "proxy:fcgi://localhost" + site + "/tight/ini.php",
	} {
		for key, want := range map[string]string{"memory_limit": "'99M'", "open_basedir": "'" + fixed + "'"} {
			params := changed(sb.script("GET", "ini.php", param{"QUERY_STRING", "key=" + key + "&value=/"}), []param{{"SCRIPT_FILENAME", path}}, site)
			r := dialFastCGI(t, h.socket).ask(0, "", params...)
			_, body, _ := strings.Cut(r.stdout, "\r\n\r\n")
			refused := strings.HasPrefix(r.stdout, "Status: 40")
			if !refused && body != want+" false "+want {
				t.Errorf("%s through %s: %q, want it to stay %s or be refused", key, path, body, want)
			}
		}
	}
}

func TestSettingsOfOneRequestAreGoneInTheNext(t *testing.T) {
	t.Parallel()
	s := serve(t, `pm_max_children = 1`)
	s.plain.wantPage("/ini.php?key=memory_limit&value=300M", 200, "'128M' '128M' '300M'")
	s.plain.wantPage("/ini.php?key=memory_limit&value=300M", 200, "'128M' '128M' '300M'")
	s.plain.wantPage("/userini/", 200, "prepended 77M 3K 1")
	s.plain.wantPage("/ini.php?key=memory_limit&value=300M", 200, "'128M' '128M' '300M'")
}

func TestEnvironmentIsThatOfPHPFPM(t *testing.T) {
	t.Setenv("E2E_INHERITED", "from outside")
	for name, c := range map[string]struct{ fpm, ours []string }{
		"cleared":     {[]string{"env[ONE] = 1", "env[COPIED] = $E2E_INHERITED"}, []string{`env = { ONE = "1", COPIED = "$E2E_INHERITED" }`}},
		"not cleared": {[]string{"clear_env = no"}, []string{`clear_env = false`}},
	} {
		t.Run(name, func(t *testing.T) {
			p := startPairInEnvironment(t, c.fpm, c.ours)
			p.compare(t, "plain", get("/report.php"), 200, "from%20outside")
		})
	}
}

// startPairInEnvironment gives both sides the test's own environment, and nothing else.
func startPairInEnvironment(t *testing.T, fpmLines, ourLines []string) *pair {
	t.Helper()
	sb := newSandbox(t)
	p := &pair{t: t, sb: sb, fpm: startFPM(t, sb, fpmLines...), ours: prepareHowdah(t, sb, ourLines...)}
	cmd := p.ours.command()
	cmd.Env = nil // as php-fpm: inherited
	p.ours.start(cmd)
	p.nginx = startNginx(t, sb,
		server{name: "fpm-plain", backend: p.fpm.socket, location: plainLocation},
		server{name: "our-plain", backend: p.ours.socket, location: plainLocation})
	return p
}

func TestPoolsRunAsTheirUsersAndDoNotShare(t *testing.T) {
	t.Parallel()
	sb := newSandbox(t)
	games, nobody := sb.path("games.sock"), sb.path("nobody.sock")
	startHowdah(t, sb,
		"[pool.games]", `user = "games"`, `listen = "`+games+`"`, `pm = "static"`, `pm_max_children = 2`, `env = { MARK = "games" }`,
		"[pool.nobody]", `user = "nobody"`, `group = "www-data"`, `listen = "`+nobody+`"`, `listen_mode = "0600"`, `pm = "ondemand"`, `pm_max_children = 2`)
	for name, socket := range map[string]string{"www-data": sb.path("howdah.sock"), "games": games, "nobody": nobody} {
		account, err := user.Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		r := dialFastCGI(t, socket).ask(0, "", sb.script("GET", "where.php")...)
		if !strings.Contains(r.stdout, `"user":`+account.Uid+`,`) {
			t.Errorf("pool of %s: %q", name, r.stdout)
		}
	}
	r := dialFastCGI(t, games).ask(0, "", sb.script("GET", "report.php")...)
	if !strings.Contains(r.stdout, "SERVER[MARK] = games") || !strings.Contains(r.stdout, "SERVER[HOME] = %2Fusr%2Fgames") || !strings.Contains(r.stdout, "SERVER[USER] = games") {
		t.Errorf("pool games has not its own environment: %q", r.stdout)
	}
	r = dialFastCGI(t, nobody).ask(0, "", sb.script("GET", "report.php")...)
	if strings.Contains(r.stdout, "MARK") || !strings.Contains(r.stdout, "group 33 groups 33\n") {
		t.Errorf("pool nobody: %.1500q", r.stdout)
	}
	if info, err := os.Stat(nobody); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode of the socket: %v, %v", info.Mode(), err)
	}
}

// A worker must not reach the sockets of its manager or of another pool's workers.
func TestWorkersCanNotReachOtherPoolsWorkers(t *testing.T) {
	t.Parallel()
	sb := newSandbox(t)
	games := sb.path("games.sock")
	h := startHowdah(t, sb, "[pool.games]", `user = "games"`, `listen = "`+games+`"`, `pm = "static"`, `pm_max_children = 2`)
	sb.page(t, "probe.php", `<?php
		$open = [];
		foreach (explode("\n", $_SERVER['HTTP_PATHS']) as $path) {
			if (@stream_socket_client('unix://' . $path, $code, $text, 1)) {
				$open[] = $path;
			}
		}
		echo "open: ", implode(' ', $open);`)
	var foreign []string // sockets of php-cgi processes of the other pool
	for _, p := range processesOf(h.run) {
		if i := strings.Index(p.command, " -b "); i >= 0 && userOf(p.pid) != 5 {
			foreign = append(foreign, strings.Fields(p.command[i+4:])[0])
		}
	}
	if len(foreign) == 0 {
		t.Fatal("no php-cgi -b SOCKET of the other pool found")
	}
	r := dialFastCGI(t, games).ask(0, "", sb.script("GET", "probe.php", param{"HTTP_PATHS", strings.Join(foreign, "\n")})...)
	if !strings.HasSuffix(r.stdout, "open: ") {
		t.Errorf("pool games reaches other workers: %q", r.stdout)
	}
}

func TestLimitsAndPriorityOfWorkers(t *testing.T) {
	t.Parallel()
	s := serve(t, `rlimit_files = 777`, `process_priority = 5`, `chdir = "/usr"`)
	if w := s.plain.where(); fmt.Sprint(w.Files) != "777" {
		t.Errorf("descriptor limit %v", w.Files)
	}
	worker, _ := s.family()
	nice, err := syscall.Getpriority(syscall.PRIO_PROCESS, worker)
	if err != nil || 20-nice != 5 { // the system call returns 20 minus nice
		t.Errorf("nice %d, %v", 20-nice, err)
	}
}

func TestExtensionsThatMayRunAreThoseOfTheConfiguration(t *testing.T) {
	t.Parallel()
	p := startPair(t, []string{"security.limit_extensions = .phtml .txt"}, []string{`security_limit_extensions = [".phtml", ".txt"]`})
	p.compare(t, "walk", get("/other.phtml"), 200, "phtml ran")
	p.compare(t, "walk", get("/plain.txt"), 200, "plain text")
	p.compare(t, "walk", get("/hello.php"), 403, "Access denied.")
}

func TestAllExtensionsMayRunIfNoneIsSet(t *testing.T) {
	t.Parallel()
	p := startPair(t, []string{`security.limit_extensions = ""`}, []string{`security_limit_extensions = []`})
	p.compare(t, "walk", get("/plain.txt"), 200, "plain text")
	p.compare(t, "walk", get("/evil.jpg"), 200, "run as an image")
}

func TestCheckReportsAllMistakesWithTheirPlaces(t *testing.T) {
	t.Parallel()
	sb := newSandbox(t)
	config := sb.path("bad.toml")
	write(t, config, poolTOML(sb, `pm = "sometimes"`, `pm_max_childen = 5`, `queue_timeout = "soon"`))
	out, err := exec.Command(binary, "check", "-c", config).CombinedOutput()
	exit, ok := err.(*exec.ExitError)
	if !ok || exit.ExitCode() != 78 {
		t.Errorf("exit %v, want 78", err)
	}
	for _, words := range []string{"pm_max_childen", "did you mean pm_max_children", "queue_timeout", "bad.toml:", "static"} {
		if !strings.Contains(string(out), words) {
			t.Errorf("no %q in:\n%s", words, out)
		}
	}
	write(t, config, poolTOML(sb))
	if out, err := exec.Command(binary, "check", "-c", config).CombinedOutput(); err != nil {
		t.Errorf("check of a good file: %v\n%s", err, out)
	}
}

func TestStartWithoutUserAsRootIsRefused(t *testing.T) {
	t.Parallel()
	sb := newSandbox(t)
	h := prepareHowdah(t, sb, `user =`, `group =`)
	d := startDaemon(t, "howdah", syscall.SIGTERM, h.command())
	if code := d.wait(10 * time.Second); code != 78 {
		t.Errorf("exit code %d, want 78", code)
	}
	d.wantLogged(0, 5*time.Second, "user") // its output may arrive after the news of its end
}

// Without root everything runs as whoever started it, and a notice says so.
func TestHowdahRunsWithoutRoot(t *testing.T) {
	t.Parallel()
	sb := newSandbox(t)
	own := sb.path("own")
	mkdir(t, own, 0o755)
	if err := os.Chown(own, 33, 33); err != nil {
		t.Fatal(err)
	}
	h := prepareHowdah(t, sb, `listen = "`+own+`/www.sock"`, `listen_owner =`, `listen_group =`, "[global]", `runtime_dir = "`+own+`/run"`)
	h.socket, h.run = own+"/www.sock", own+"/run"
	cmd := h.command()
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 33, Gid: 33}}
	h.start(cmd)
	r := dialFastCGI(t, h.socket).ask(0, "", sb.script("GET", "where.php")...)
	if !strings.Contains(r.stdout, `"user":33,`) {
		t.Errorf("%q", r.stdout)
	}
	h.wantLogged(0, time.Second, "user")
}
