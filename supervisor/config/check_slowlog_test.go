package config

import "testing"

func TestTheSlowLogIsCheckedAsInPhpFpm(t *testing.T) {
	const slow, file = "request_slowlog_timeout = \"5s\"\n", "slowlog = \"/srv/slow.log\"\n"
	for _, c := range []struct {
		lines string
		want  []string
	}{
		{slow, []string{`5: pool.www.request_slowlog_timeout: needs slowlog, which is not set (write slowlog = "/var/log/www-slow.log")`}},
		{slow + file + `request_terminate_timeout = "4s"`, []string{`5: pool.www.request_slowlog_timeout: 5s is more than request_terminate_timeout (4s, line 7) (a request would be ended before it is slow)`}},
		{"request_slowlog_trace_depth = 0", []string{`5: pool.www.request_slowlog_trace_depth: 0 is less than 1`}},
		{`slowlog = "/missing/slow.log"`, []string{`5: pool.www.slowlog: directory /missing: file does not exist`}},
	} {
		wantProblems(t, machine(), minimal+c.lines, c.want...)
	}
	for _, lines := range []string{slow + file + `request_terminate_timeout = "5s"`, slow + file, file} {
		wantConfig(t, machine(), minimal+lines)
	}
}
