package config

import (
	"fmt"
	"math"
	"reflect"
	"testing"
	"time"
)

func TestValuesOfTheWrongTypeOrRangeSayWhatToWrite(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{`pm_max_children = "5"`, `pm_max_children: "5" is a string, not a whole number (write 5 without quotes)`},
		{`pm_max_children = 1.5`, `pm_max_children: 1.5 is a number with a fraction, not a whole number`},
		{`pm_max_requests = -1`, `pm_max_requests: -1 is less than 0`},
		{`queue_max = 1000001`, `queue_max: 1000001 is more than 1000000`},
		{`clear_env = "yes"`, `clear_env: "yes" is a string, not true or false (write true or false without quotes)`},
		{`clear_env = 1`, `clear_env: 1 is a whole number, not true or false (write true or false without quotes)`},
		{`queue_timeout = "30"`, `queue_timeout: "30" has no unit (write for example "500ms", "30s", "5m", "2h" or "1d")`},
		{`queue_timeout = "soon"`, `queue_timeout: "soon" is not a duration (write for example "500ms", "30s", "5m", "2h" or "1d")`},
		{`queue_timeout = "-5s"`, `queue_timeout: "-5s" is less than "1ms"`},
		{`queue_timeout = "off"`, `queue_timeout: "off" is not a duration (write for example "500ms", "30s", "5m", "2h" or "1d")`},
		{`queue_timeout = true`, `queue_timeout: true is not a duration (write for example "30s")`},
		{`recycle_age = "200000000d"`, `recycle_age: "200000000d" is too long (write for example "500ms", "30s", "5m", "2h" or "1d")`},
		{`recycle_age = 1979-05-27`, `recycle_age: is a date, not a duration (write for example "30s")`},
		{`body_buffer = 1024`, `body_buffer: 1024 has no unit (write "1024B" if you mean bytes)`},
		{`body_buffer = "1MB"`, `body_buffer: "1MB" is not a size (write for example "512B", "256K", "1M" or "2G")`},
		{`body_buffer = "99999999999G"`, `body_buffer: "99999999999G" is too large (write for example "512B", "256K", "1M" or "2G")`},
		{`response_buffer = "1K"`, `response_buffer: "1K" is less than "64K"`},
		{`listen_mode = 660`, `listen_mode: 660 is a whole number, not an octal string (write for example "0660")`},
		{`listen_mode = "0888"`, `listen_mode: "0888" is not an octal mode (write for example "0660")`},
		{`listen_mode = "4660"`, `listen_mode: "4660" is not an octal mode (write for example "0660")`},
		{`listen_group = "ghosts"`, `listen_group: there is no group "ghosts" (write its number if it is not in /etc/group)`},
		{`listen_acl_users = "www-data"`, `listen_acl_users: "www-data" is a string, not a list (write ["www-data"])`},
		{`listen_acl_users = ["ghost"]`, `listen_acl_users: there is no user "ghost" (write its number if it is not in /etc/passwd)`},
		{`listen_acl_users = [33]`, `listen_acl_users: 33 is a whole number, not a string`},
		{`listen_allowed_clients = ["unix"]`, `listen_allowed_clients: "unix" is not an IP address or network`},
		{`listen_allowed_clients = ["localhost"]`, `listen_allowed_clients: "localhost" is not an IP address or network (write for example "10.0.0.7" or "10.0.0.0/8")`},
		{`process_priority = 20`, `process_priority: 20 is more than 19`},
		{`rlimit_core = "lots"`, `rlimit_core: "lots" is a string, not a whole number or "unlimited"`},
		{`chdir = "www"`, `chdir: "www" is not an absolute path`},
		{`chdir = "/missing"`, `chdir: directory /missing: file does not exist`},
		{`chdir = "/etc/passwd.txt"`, `chdir: /etc/passwd.txt is not a directory`},
		{`php_ini = "/missing/php.ini"`, `php_ini: /missing/php.ini: file does not exist`},
		{`php_ini = ""`, `php_ini: is empty (leave the key out, or give it a value)`},
		{`php_ini_scan_dir = "/etc/x.d:/missing"`, `php_ini_scan_dir: directory /missing: file does not exist`},
		{`php_binary = "bin/php-cgi"`, `php_binary: "bin/php-cgi" is not an absolute path`},
		{`php_binary = "a\nb"`, `php_binary: "a\nb" holds a control character`},
		{`warmup = ["index.php"]`, `warmup: "index.php" is not a path on the site (write for example "/index.php")`},
		{`security_limit_extensions = ["php"]`, `security_limit_extensions: "php" does not start with '.' (write for example [".php"])`},
		{`env.A = ""`, `env.A: is empty (as in php-fpm, a variable needs a value: leave the line out)`},
		{`env.A = true`, `env.A: true is not a string`},
		{`env."A=B" = "x"`, `env."A=B": is not the name of an environment variable`},
		{`php_flag.log_errors = "maybe"`, `php_flag.log_errors: "maybe" is a string, not a flag (write true or false)`},
		{`php_value."a b" = 1`, `php_value."a b": is not the name of a PHP setting`},
		{`php_value.a = "1\n2"`, `php_value.a: "1\n2" holds a control character`},
		{`php_value.a = [1]`, `php_value.a: is a list, not a value for PHP (write for example "128M")`},
		{`php_value = { a.b = 1, "a.b" = 2 }`, `php_value."a.b": is set twice`},
	} {
		wantProblems(t, machine(), minimal+c.line, "5: pool.www."+c.want)
	}
}

func TestAddressesFollowPhpFpm(t *testing.T) {
	for text, want := range map[string]string{
		"9000": "9000", ":9000": "9000", "*:9000": "9000", "127.0.0.1:9000": "127.0.0.1:9000", "[::1]:9000": "[::1]:9000",
		"localhost:9000": "localhost:9000", "/run/../run/x.sock": "/run/x.sock", "/run/a:b.sock": "/run/a:b.sock",
	} {
		if got, err := cleanAddress(text); err != nil || got != want {
			t.Errorf("%q becomes %q (%v), want %q", text, got, err, want)
		}
	}
	for _, text := range []string{"www", "./x.sock", "127.0.0.1:", "127.0.0.1:99999", "::1:9000", "[zz:]:9000", "unix:/run/x.sock", "http://x:80", "70000"} {
		if got, err := cleanAddress(text); err == nil {
			t.Errorf("%q is accepted as %q", text, got)
		}
	}
	if network, addr := SplitAddress("9000"); network != "tcp" || addr != ":9000" {
		t.Errorf("9000 is %s %s", network, addr)
	}
}

func TestSettingsKeepTheOrderOfTheFile(t *testing.T) {
	p, _ := wantPool(t, `php_admin_flag.log_errors = "on"`, `[pool.www.php_value]`, `z = 1`, `session.save_path = "/x"`, `a = ""`, `"session.name" = "id"`,
		`pi = 3.5`, `on = true`, `[pool.www.env]`, `PATH = "$PATH"`, `"A.B" = 7`)
	if want := []Setting{{"z", "1"}, {"session.save_path", "/x"}, {"a", ""}, {"session.name", "id"}, {"pi", "3.5"}, {"on", "1"}}; !reflect.DeepEqual(p.PHPValue, want) {
		t.Errorf("php_value is %v, want %v", p.PHPValue, want)
	}
	if want := []Setting{{"PATH", "/usr/bin:/bin"}, {"A.B", "7"}}; !reflect.DeepEqual(p.Env, want) {
		t.Errorf("env is %v, want %v", p.Env, want)
	}
	if want := []Setting{{"log_errors", "1"}}; !reflect.DeepEqual(p.PHPAdminFlag, want) {
		t.Errorf("php_admin_flag is %v, want %v", p.PHPAdminFlag, want)
	}
}

func TestZeroAndOffNeedNoUnit(t *testing.T) {
	p, _ := wantPool(t, `request_terminate_timeout = 0`, `recycle_age = "off"`, `recycle_memory = 0`, `keepalive_timeout = "0"`, `rlimit_files = 0`, `rlimit_core = "unlimited"`)
	if p.RequestTerminateTimeout != 0 || p.RecycleAge != 0 || p.RecycleMemory != 0 || p.KeepaliveTimeout != 0 || p.RlimitFiles != nil || *p.RlimitCore != Unlimited {
		t.Errorf("not all is off: %+v", p)
	}
}

func TestDurationsAndSizesAreWrittenAsTheyAreRead(t *testing.T) {
	for _, d := range []time.Duration{0, time.Millisecond, 1500 * time.Millisecond, 90 * time.Second, 5 * time.Minute, time.Hour, 36 * time.Hour, 7 * day} {
		if got, err := parseDuration(formatDuration(d)); err != nil || got != d {
			t.Errorf("%s is read back as %s (%v)", formatDuration(d), got, err)
		}
	}
	for _, b := range []ByteSize{0, 1, 1000, KiB, 1500 * KiB, MiB, 3 * GiB, math.MaxInt64} {
		if got, err := parseByteSize(b.String()); err != nil || got != b {
			t.Errorf("%s is read back as %s (%v)", b, got, err)
		}
	}
}

func TestProgramThatIsNotInPathStaysAName(t *testing.T) {
	s := machine()
	s.FindProgram = func(string) (string, error) { return "", fmt.Errorf("not found") }
	if got := wantConfig(t, s, minimal).Pools[0].PHPBinary; got != "php-cgi" {
		t.Errorf("php_binary is %s", got)
	}
}
