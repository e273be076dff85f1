package config

import "time"

// globalKeys declares [global].
func globalKeys() []group[Global] {
	return []group[Global]{
		{"Log", []key[Global]{
			{
				name: "error_log", fpm: "error_log", def: `"stderr"`, sample: `"/var/log/howdah.log"`,
				doc:   `Where the log goes: a file, "stderr" (under systemd: the journal) or "syslog". SIGUSR1 reopens the file.`,
				field: in(func(g *Global) *string { return &g.ErrorLog }, newFile("stderr", "syslog")),
			}, {
				name: "log_level", fpm: "log_level", def: `"notice"`, sample: `"debug"`,
				doc:   "What is logged: this level and the more urgent ones.",
				field: in(func(g *Global) *string { return &g.LogLevel }, oneOf("alert", "error", "warning", "notice", "debug")),
			}, {
				name: "log_format", def: `"text"`, sample: `"json"`,
				doc:   `Lines as php-fpm prints them, or one JSON object for each line.`,
				field: in(func(g *Global) *string { return &g.LogFormat }, oneOf("text", "json")),
			}, {
				name: "log_limit", fpm: "log_limit", def: "1024", sample: "8192",
				doc:   "Longest line of worker output in the text format, in bytes: a longer one goes on in the next line. JSON has it whole.",
				field: in(func(g *Global) *int { return &g.LogLimit }, whole(512, 1<<24)),
			}, {
				name: "log_buffering", fpm: "log_buffering", def: "true", sample: "false",
				doc:   "Write each line at once. Howdah always does; false is accepted, as php-fpm has it, and ignored with a notice.",
				field: in(func(g *Global) *bool { return &g.LogBuffering }, toggle()),
			}, {
				name: "syslog_ident", fpm: "syslog.ident", def: `"howdah"`, sample: `"php-fpm"`,
				doc:   "What Howdah's lines in syslog are called.",
				field: in(func(g *Global) *string { return &g.SyslogIdent }, syslogIdent()),
			}, {
				name: "syslog_facility", fpm: "syslog.facility", def: `"daemon"`, sample: `"local0"`,
				doc: "The facility of Howdah's lines in syslog.",
				field: in(func(g *Global) *string { return &g.SyslogFacility }, oneOf("auth", "authpriv", "cron", "daemon", "ftp", "kern", "lpr", "mail",
					"news", "syslog", "user", "uucp", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7")),
			},
		}},
		{"Process", []key[Global]{
			{
				name: "pid", fpm: "pid", auto: "none", sample: `"/run/howdah.pid"`, atBoot: true,
				doc:   "A file that holds Howdah's process number while it runs.",
				field: in(func(g *Global) *string { return &g.Pid }, newFile()),
			}, {
				name: "runtime_dir", auto: "/run/howdah; without root a private directory", sample: `"/run/howdah"`, atBoot: true,
				doc:   "Directory for sockets and records, created if missing. One Howdah for each: a second one refuses to start.",
				field: in(func(g *Global) *string { return &g.RuntimeDir }, absolute()),
			}, {
				name: "process_control_timeout", fpm: "process_control_timeout", def: `"30s"`, sample: `"2m"`,
				doc:   "How long running requests may go on after a reload or stop, before their workers are killed.",
				field: in(func(g *Global) *time.Duration { return &g.ProcessControlTimeout }, duration(0)),
			}, {
				name: "process_max", fpm: "process.max", def: "0", sample: "512",
				doc:   "Most workers over all pools: the sum of all pm_max_children may not be more. 0 = no limit.",
				field: in(func(g *Global) *int { return &g.ProcessMax }, whole(0, maxWorkers)),
			}, {
				name: "process_priority", fpm: "process.priority", auto: "unchanged", sample: "-5", atBoot: true,
				doc:   "Nice value of Howdah, and of workers whose pool has no process_priority, -20 (first) to 19 (last). Only as root.",
				field: in(func(g *Global) **int { return &g.ProcessPriority }, nice()),
			}, {
				name: "rlimit_files", fpm: "rlimit_files", def: "0", sample: "65536", atBoot: true,
				doc:   "Descriptor limit of Howdah itself. 0 = unchanged.",
				field: in(func(g *Global) **uint64 { return &g.RlimitFiles }, rlimit()),
			}, {
				name: "rlimit_core", fpm: "rlimit_core", def: "0", sample: `"unlimited"`, atBoot: true,
				doc:   `Core file limit of Howdah itself, in bytes or "unlimited". 0 = unchanged.`,
				field: in(func(g *Global) **uint64 { return &g.RlimitCore }, rlimit()),
			}, {
				name: "systemd_interval", fpm: "systemd_interval", def: `"10s"`, sample: `"1m"`,
				doc:   `Time between two status lines for "systemctl status". "off" = none.`,
				field: in(func(g *Global) *time.Duration { return &g.SystemdInterval }, duration(0)),
			},
		}},
		{"Control", []key[Global]{
			{
				name: "control_listen", auto: "RUNTIME_DIR/control.sock", sample: `"/run/howdah/admin.sock"`, atBoot: true,
				doc:   `Unix socket for "howdah status", "howdah reload" and the other commands; "off" = none.`,
				field: in(func(g *Global) *string { return &g.ControlListen }, unixPath("off")),
			}, {
				name: "control_group", auto: "Howdah's own group", sample: `"adm"`, atBoot: true,
				doc:   "Group whose members may use control_listen, besides root and Howdah's user.",
				field: in(func(g *Global) *string { return &g.ControlGroup }, team()),
			}, {
				name: "metrics_listen", auto: "none", sample: `"127.0.0.1:9253"`, atBoot: true,
				doc:   `Where Prometheus finds /metrics: "ADDRESS:PORT" or the path of a Unix socket.`,
				field: in(func(g *Global) *string { return &g.MetricsListen }, address()),
			},
		}},
		{"Crashes", []key[Global]{
			{
				name: "emergency_restart_threshold", fpm: "emergency_restart_threshold", def: "0", sample: "10",
				doc:   "So many workers crashed within emergency_restart_interval make Howdah start all of PHP afresh. 0 = never.",
				field: in(func(g *Global) *int { return &g.EmergencyRestartThreshold }, whole(0, 1_000_000)),
			}, {
				name: "emergency_restart_interval", fpm: "emergency_restart_interval", def: `"0s"`, sample: `"1m"`,
				doc:   "The time in which emergency_restart_threshold counts.",
				field: in(func(g *Global) *time.Duration { return &g.EmergencyRestartInterval }, duration(0)),
			},
		}},
	}
}
