package fpmconf

import "strings"

// A form is how php-fpm reads and shows a directive.
type form int

const (
	textForm     form = iota // a string; "undefined" when there is none
	integerForm              // a C int
	secondsForm              // with s, m, h or d; shown with an s
	booleanForm              // yes or no
	levelForm                // log_level
	facilityForm             // syslog.facility
	coreForm                 // an integer or "unlimited", which is -1
	managerForm              // pm
)

// A directive is one of php-fpm's, with php-fpm's own default. What it means to Howdah is declared with the key of pool.toml that
// names it (config.GlobalDirectives, config.PoolDirectives).
type directive struct {
	name string
	form form
	text string // default of a text; "": undefined
	num  int    // default of everything else; a boolean is 0 or 1
}

// unset is the process.priority of nobody (fpm_conf.c).
const unset = 64

// globalDirectives are those of [global], as -tt shows them (fpm_conf_dump). Their order is its order.
var globalDirectives = []directive{
	{name: "pid"},
	{name: "error_log"},
	{name: "syslog.ident", text: "php-fpm"},
	{name: "syslog.facility", form: facilityForm, num: 24}, // LOG_DAEMON
	{name: "log_buffering", form: booleanForm, num: 1},
	{name: "log_level", form: levelForm},
	{name: "log_limit", form: integerForm, num: 1024},
	{name: "emergency_restart_interval", form: secondsForm},
	{name: "emergency_restart_threshold", form: integerForm},
	{name: "process_control_timeout", form: secondsForm},
	{name: "process.max", form: integerForm},
	{name: "process.priority", form: integerForm, num: unset},
	{name: "daemonize", form: booleanForm, num: 1},
	{name: "rlimit_files", form: integerForm},
	{name: "rlimit_core", form: coreForm},
	{name: "events.mechanism", text: "epoll"},
	{name: "systemd_interval", form: secondsForm, num: 10},
}

// poolDirectives are those of a pool, in the same way.
var poolDirectives = []directive{
	{name: "prefix"},
	{name: "user"},
	{name: "group"},
	{name: "listen"},
	{name: "listen.backlog", form: integerForm, num: -1},
	{name: "listen.acl_users"},
	{name: "listen.acl_groups"},
	{name: "listen.owner"},
	{name: "listen.group"},
	{name: "listen.mode"},
	{name: "listen.allowed_clients"},
	{name: "process.priority", form: integerForm, num: unset},
	{name: "process.dumpable", form: booleanForm},
	{name: "pm", form: managerForm},
	{name: "pm.max_children", form: integerForm},
	{name: "pm.start_servers", form: integerForm},
	{name: "pm.min_spare_servers", form: integerForm},
	{name: "pm.max_spare_servers", form: integerForm},
	{name: "pm.max_spawn_rate", form: integerForm, num: 32},
	{name: "pm.process_idle_timeout", form: secondsForm, num: 10},
	{name: "pm.max_requests", form: integerForm},
	{name: "pm.status_path"},
	{name: "pm.status_listen"},
	{name: "ping.path"},
	{name: "ping.response"},
	{name: "access.log"},
	{name: "access.format"},
	{name: suppressPath},
	{name: "slowlog"},
	{name: "request_slowlog_timeout", form: secondsForm},
	{name: "request_slowlog_trace_depth", form: integerForm, num: 20},
	{name: "request_terminate_timeout", form: secondsForm},
	{name: "request_terminate_timeout_track_finished", form: booleanForm},
	{name: "rlimit_files", form: integerForm},
	{name: "rlimit_core", form: coreForm},
	{name: "chroot"},
	{name: "chdir"},
	{name: "catch_workers_output", form: booleanForm},
	{name: "decorate_workers_output", form: booleanForm, num: 1},
	{name: "clear_env", form: booleanForm, num: 1},
	{name: "security.limit_extensions", text: ".php .phar"},
	{name: "apparmor_hat"}, // -tt does not show it
}

// suppressPath is the one list whose values have no key.
const suppressPath = "access.suppress_path"

// lookUp finds a directive by its name, in any case of its letters. A list is none.
func lookUp(all []directive, name string) (directive, bool) {
	for _, d := range all {
		if d.name != suppressPath && strings.EqualFold(d.name, name) {
			return d, true
		}
	}
	return directive{}, false
}

// facilities are the names that syslog.facility may have (syslog(3)), with their numbers shifted as in syslog.h.
var facilities = map[string]int{
	"kern": 0 << 3, "user": 1 << 3, "mail": 2 << 3, "daemon": 3 << 3, "auth": 4 << 3, "syslog": 5 << 3, "lpr": 6 << 3, "news": 7 << 3,
	"uucp": 8 << 3, "cron": 9 << 3, "authpriv": 10 << 3, "ftp": 11 << 3, "local0": 16 << 3, "local1": 17 << 3, "local2": 18 << 3,
	"local3": 19 << 3, "local4": 20 << 3, "local5": 21 << 3, "local6": 22 << 3, "local7": 23 << 3,
}

// levels are the values of log_level, with php-fpm's name for them.
var levels = map[string]string{
	"debug": "DEBUG", "notice": "NOTICE", "warning": "WARNING", "warn": "WARNING", "error": "ERROR", "alert": "ALERT",
}
