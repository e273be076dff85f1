package main

import (
	"io"

	"github.com/spf13/cobra"

	"howdah/cmd/howdah/phpfpm"
)

// exitError is an exit code of a command that has already said why.
type exitError struct{ code int }

func (e *exitError) Error() string { return "" }

// fpmCommand is php-fpm's command line. Its flags are php-fpm's, and so is what it says about a wrong one.
func fpmCommand(e engine, stdout, stderr io.Writer) *cobra.Command {
	return &cobra.Command{
		Use:   "fpm [php-fpm's options]",
		Short: "Be php-fpm: its options, its configuration, its log lines",
		Long: `fpm takes php-fpm's command line and reads php-fpm's configuration. A link to howdah that is named php-fpm, php-fpm8.2 or
php-fpm-anything does the same; php-fpm8.2 runs php-cgi8.2 with the ini files of /etc/php/8.2/fpm.

  -y, --fpm-config FILE       configuration file (default: where the distribution has php-fpm.conf)
  -p, --prefix DIR            prefix of relative paths
  -g, --pid FILE              pid file
  -t, --test                  test the configuration; twice: show every directive first
  -D, --daemonize             go to the background; the command ends when clients are answered
  -F, --nodaemonize           stay in the foreground
  -O, --force-stderr          in the foreground, log to stderr and not to error_log
  -R, --allow-to-run-as-root  let workers run as root
  -c, --php-ini PATH          php.ini, or the directory where it is
  -n, --no-php-ini            no ini files; host calls such as fastcgi_finish_request() are off
  -d, --define NAME[=VALUE]   a PHP setting
  -e, --profile-info          no effect: php-cgi has it only without FastCGI
  -i, --info                  phpinfo() as text
  -m, --modules               PHP's modules
  -v, --version               PHP's version
  -h, --help                  php-fpm's help

Signals:
  QUIT       stop when running requests are done, within process_control_timeout (30 s unless the file says otherwise)
  TERM       the same; a second signal stops at once
  INT        stop at once
  HUP, USR2  load the configuration again; no request is lost and no socket closes
  USR1       open the log files again

Exit codes: 0; 64 for a wrong command line; 78 for a configuration that can't be run; 70 for anything else, and for whatever goes
wrong once it is on its way to the background.`,
		Example: `  howdah fpm -t -y /etc/php/8.2/fpm/php-fpm.conf
  ln -s /usr/bin/howdah /usr/local/sbin/php-fpm8.2 && php-fpm8.2 --nodaemonize`,
		DisableFlagParsing: true,
		RunE: func(_ *cobra.Command, args []string) error {
			if code := runFPM(phpfpm.Call{Name: "php-fpm", Args: args}, stdout, stderr, e); code != 0 {
				return &exitError{code}
			}
			return nil
		},
	}
}

// runFPM carries out a command line of php-fpm and returns the exit code.
func runFPM(call phpfpm.Call, stdout, stderr io.Writer, e engine) int {
	p := phpfpm.Program{Call: call, Stdout: stdout, Stderr: stderr, Version: versionText(), Serve: e.serve, Check: e.check, ExitCode: e.exitCode}
	return p.Run()
}
