package config

import (
	"slices"
	"strings"
	"testing"
)

func TestUnknownKeysComeWithWhatWasMeant(t *testing.T) {
	for _, c := range []struct{ lines, want string }{
		{"pm_max_childs = 5", "5: pool.www.pm_max_childs: unknown key (did you mean pm_max_children?)"},
		{"PM = \"static\"", "5: pool.www.PM: unknown key (did you mean pm?)"},
		{"max_children = 5", "5: pool.www.max_children: unknown key (did you mean pm_max_children?)"},
		{"process_idle_timeout = \"5s\"", "5: pool.www.process_idle_timeout: unknown key (did you mean pm_process_idle_timeout?)"},
		{"pm.max_children = 5", "5: pool.www.pm.max_children: unknown key (write pm_max_children: TOML makes tables at dots, so '_' stands for the '.' of php-fpm)"},
		{"\"pm.max_children\" = 5", "5: pool.www.\"pm.max_children\": unknown key (write pm_max_children: TOML makes tables at dots, so '_' stands for the '.' of php-fpm)"},
		{"security.limit_extensions = []", "5: pool.www.security.limit_extensions: unknown key (write security_limit_extensions: TOML makes tables at dots, so '_' stands for the '.' of php-fpm)"},
		{"runtime_dir = \"/run/x\"", "5: pool.www.runtime_dir: unknown key (it belongs in [global])"},
		{"trusted_proxies = []", "5: pool.www.trusted_proxies: unknown key (it belongs in [pool.NAME.http])"},
		{"chroot = \"/srv\"", "5: pool.www.chroot: unknown key (" + WhyNoChroot + ")"},
		{"access.log = \"/var/log/a\"", "5: pool.www.access.log: unknown key (write access_log: TOML makes tables at dots, so '_' stands for the '.' of php-fpm)"},
		{"daemonize = true", "5: pool.www.daemonize: unknown key (Howdah stays in the foreground; systemd keeps it in the background)"},
		{"zzzzzzzzzz = 1", "5: pool.www.zzzzzzzzzz: unknown key"},
		{"[pool.www.site]\nlisten = \"9000\"", "5: pool.www.site: unknown table (a pool with a dot in its name is [pool.\"www.site\"])"},
		{"[pool.www.htp]\nlisten = \"9000\"", "5: pool.www.htp: unknown key (did you mean http?)"},
		{"[pool.www.http]\nlisten = \"9000\"\nroot = \"/srv\"\npm = \"static\"", "8: pool.www.http.pm: unknown key (it belongs in [pool.NAME])"},
		{"[www2]\nlisten = \"9000\"", "5: www2: unknown table (did you mean [pool.www2]?)"},
		{"[Global]\npid = \"/run/x.pid\"", "5: Global: unknown table (did you mean [global]?)"},
		{"[pools.www]\nlisten = \"9000\"", "5: pools: unknown table (did you mean [pool.NAME]?)"},
		{"[other]\nx = 1", "5: other: unknown table (the tables are [global], [pool.NAME], [pool.NAME.http] and [pool.NAME.websocket])"},
		{"[pool.www.env]\npm_max_children = 5", "6: pool.www.env.pm_max_children: is a key of the pool (write it above the header of this table)"},
	} {
		wantProblems(t, machine(), minimal+c.lines, c.want)
	}
}

func TestKeysOutsideOfTablesAreSentHome(t *testing.T) {
	wantProblems(t, machine(), "log_level = \"debug\"\npm_max_children = 5\nlisten.owner = \"x\"\nroot = \"/srv\"\nwww = 1\n"+minimal,
		"1: log_level: unknown key (it belongs in [global])",
		"2: pm_max_children: unknown key (it belongs in [pool.NAME])",
		"3: listen.owner: unknown key (write listen_owner, in [pool.NAME])",
		"4: root: unknown key (it belongs in [pool.NAME.http])",
		"5: www: unknown key (the tables are [global], [pool.NAME], [pool.NAME.http] and [pool.NAME.websocket])")
}

func TestFileWithoutAPoolIsRefused(t *testing.T) {
	none := `1: there is no pool (add [pool.www] with listen = "/run/howdah/www.sock" and a user)`
	wantProblems(t, machine(), "", none)
	wantProblems(t, machine(), "[global]\nlog_level = 3\n", none, `2: global.log_level: 3 is a whole number, not a string (one of "alert", "error", "warning", "notice", "debug")`)
	wantProblems(t, machine(), "[www]\nlisten = \"9000\"\n", "1: www: unknown table (did you mean [pool.www]?)")
}

func TestTablesThatAreNoTablesAreRefused(t *testing.T) {
	wantProblems(t, machine(), "global = 1\npool = []\n",
		"1: there is no pool (add [pool.www] with listen = \"/run/howdah/www.sock\" and a user)",
		"1: global: 1 is a whole number, not a table (write [global])",
		"2: pool: is a list, not a table (write [pool.NAME])")
	wantProblems(t, machine(), "[pool]\nlisten = \"9000\"\n", `2: pool.listen: "9000" is a string, not a table (it belongs in [pool.NAME])`)
	wantProblems(t, machine(), minimal+"http = \"8080\"\nenv = \"x\"\n",
		`5: pool.www.http: "8080" is a string, not a table (write [pool.www.http])`,
		`6: pool.www.env: "x" is a string, not a table (write env.NAME = "value")`)
	wantProblems(t, machine(), "[[pool.www]]\nlisten = \"9000\"\n", `1: pool.www: is a list, not a table (write [pool.NAME])`)
}

func TestPoolNamesAreNamesOfFiles(t *testing.T) {
	for _, name := range []string{`".."`, `"a/b"`, `"a b"`, `""`, `"käse"`} {
		want := "1: pool." + name + ": is not a name for a pool (letters, digits, '_', '-' and '.')"
		wantProblems(t, machine(), "[pool."+name+"]\nlisten = \"9000\"\n", want)
	}
}

func TestSyntaxErrorsHaveALineAndKnowPhpFpm(t *testing.T) {
	for _, c := range []struct{ lines, want string }{
		{"pm = dynamic", `5: expected value but found "dynamic" instead (text stands in quotes: "dynamic")`},
		{"queue_timeout = 30s", `5: expected a top-level item to end with a newline, comment, or EOF, but got 's' instead (text stands in quotes: "30s")`},
		{"; a comment", `5: expected '.' or '=', but got ';' instead (comments begin with '#')`},
		{"php_admin_value[memory_limit] = 128M", `5: expected '.' or '=', but got '[' instead (write php_admin_value.memory_limit = ...)`},
		{"pm = \"static\"\npm.max_children = 5", `6: Key 'pool.www.pm' has already been defined (write pm_max_children: TOML makes tables at dots, so '_' stands for the '.' of php-fpm)`},
		{"user = \"alice\"", `5: Key 'pool.www.user' has already been defined (in line 2)`},
		{"[pool.www]", `5: Key 'pool.www' has already been defined (in line 1)`},
		{"user = \"", `5: unexpected EOF; expected '"'`},
	} {
		wantProblems(t, machine(), minimal+c.lines, c.want)
	}
}

func TestNearestWordIsOneThatPeopleMistype(t *testing.T) {
	words := []string{"pm_max_children", "user", "http", "listen_owner"}
	for name, want := range map[string]string{
		"pm_max_childern": "pm_max_children", "User": "user", "usr": "user", "htttp": "http", "listenowner": "listen_owner", "whatever": "", "": "",
	} {
		if got := nearest(name, words); got != want {
			t.Errorf("nearest(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestNoKeyIsSaidToBeElsewhere(t *testing.T) {
	for name := range elsewhere() {
		for _, h := range homes() {
			if slices.Contains(h.names, strings.ReplaceAll(name, ".", "_")) {
				t.Errorf("%s is a key of %s", name, h.table)
			}
		}
	}
}
