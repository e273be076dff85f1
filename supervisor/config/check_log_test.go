package config

import "testing"

func TestLogBufferingCanNotBeTurnedOff(t *testing.T) {
	c := wantConfig(t, machine(), minimal+"[global]\nlog_buffering = false\n")
	if len(c.Notices) != 1 || c.Notices[0] != "[global] log_buffering = false has no effect: each line is always written at once" {
		t.Errorf("notices %q", c.Notices)
	}
}

func TestLogLimitAndSyslogAreCheckedAsInPhpFpm(t *testing.T) {
	wantProblems(t, machine(), minimal+"[global]\nlog_limit = 511\n", "6: global.log_limit: 511 is less than 512")
	wantProblems(t, machine(), minimal+"[global]\nsyslog_facility = \"locl0\"\n",
		`6: global.syslog_facility: "locl0" is none of "auth", "authpriv", "cron", "daemon", "ftp", "kern", "lpr", "mail", "news", "syslog", "user", "uucp", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7" (did you mean "local0"?)`)
	wantProblems(t, machine(), minimal+"[global]\nsyslog_ident = \"a b\"\n",
		`6: global.syslog_ident: "a b" has a space, ':', '[' or ']', by which syslog finds the end of the name`)
}

func TestAccessFormatAndSuppressPathsAreCheckedInTheWordsOfPHPFPM(t *testing.T) {
	wantProblems(t, machine(), minimal+`access_format = "%{x}d"`,
		`5: pool.www.access_format: wrong format for access.format "%{x}d": only 'seconds', 'milli', 'milliseconds', 'micro' or 'microseconds' are allowed as a modifier for %d ('x')`)
	wantProblems(t, machine(), minimal+`access_suppress_path = ["/a", "b"]`,
		"5: pool.www.access_suppress_path: Values provided to field 'access.suppress_path' must begin with '/'")
}
