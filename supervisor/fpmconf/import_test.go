package fpmconf

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// full is a configuration with most directives that have a key, in odd spellings.
const full = `[Global]
pid = run/fpm.pid
error_log = /var/log/fpm.log
log_level = WARN
emergency_restart_threshold = 10
emergency_restart_interval = 1m
process_control_timeout = 0
process.max = 100
process.priority = -19
daemonize = no
rlimit_files = 4096
rlimit_core = unlimited
events.mechanism = EPOLL
systemd_interval = 0
[www]
user = www-data
group = www-data
listen = 127.0.0.1:9000
listen.backlog = -5
listen.allowed_clients = 127.0.0.1, 10.0.0.1
process.priority = 20
pm = Dynamic
pm.max_children = 20
pm.min_spare_servers = 2
pm.max_spare_servers = 9
pm.max_requests = -1
request_terminate_timeout = 2m
request_terminate_timeout_track_finished = yes
rlimit_files = 1024
rlimit_core = 0
chdir = srv/$pool
catch_workers_output = on
decorate_workers_output = off
clear_env = none
security.limit_extensions = .php .php5	.phtml
env[HOME_OF_ROOT] = $HOME
env[weird] = "a \"b\" \\ c"
php_value[session.save_path] = "5;/tmp"
php_flag[display_errors] = off
php_admin_value[error_log] = e.log
php_admin_value[empty] =
php_admin_flag[log_errors] = on
[a.b]
user = alice
listen = /run/$pool.sock
listen.owner = www-data
listen.mode = 0600
listen.acl_users = www-data,alice
pm = ondemand
pm.max_children = 3
pm.process_idle_timeout = 3m
security.limit_extensions =
`

func TestAnImportedPoolFileGivesTheSameSettingsAsItsOrigin(t *testing.T) {
	loaded, problems, dir := loadText(t, Options{}, map[string]string{"php-fpm.conf": full})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	text, problems := Import(filepath.Join(dir, "php-fpm.conf"), Options{System: machine()})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	again, err := machine().Parse("pool.toml", []byte(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if want, got := loaded.Config.Effective(), again.Effective(); got != want {
		t.Errorf("the imported file gives\n%s\nwant\n%s\nfrom\n%s", got, want, text)
	}
	for _, comment := range []string{":10] daemonize:", ":13] events.mechanism:"} {
		if !strings.Contains(text, comment) {
			t.Errorf("no comment %s in\n%s", comment, text)
		}
	}
	if strings.Contains(text, "Differs:") {
		t.Errorf("process_control_timeout is given, and yet a difference is told:\n%s", text)
	}
}

func TestImportSaysWhatItCouldNotCarryOver(t *testing.T) {
	path := filepath.Join(t.TempDir(), "php-fpm.conf")
	if err := os.WriteFile(path, []byte(minimal+"security.limit_extensions = php\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	text, problems := Import(path, Options{System: machine()})
	if len(problems) > 0 || !strings.Contains(text, "# Could not be carried over, or will be refused as it stands:\n#   ["+path+":6] [pool www] security.limit_extensions") {
		t.Errorf("%v\n%s", problems, text)
	}
	if !strings.Contains(text, "#   process_control_timeout is not set") {
		t.Errorf("the other default is not told:\n%s", text)
	}
}
