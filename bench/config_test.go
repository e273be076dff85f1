package main

import (
	"strings"
	"testing"
	"time"
)

func TestBothServersAreAskedForTheSamePool(t *testing.T) {
	for _, c := range []struct {
		pool        poolSpec
		fpm, howdah []string
	}{
		{staticPool(8), []string{"pm = static", "pm.max_children = 8"}, []string{`pm = "static"`, "pm_max_children = 8"}},
		{poolSpec{PM: "dynamic", Children: 50}, []string{"pm.min_spare_servers = 5"}, []string{"pm_min_spare_servers = 5"}},
		{poolSpec{PM: "ondemand", Children: 50, Idle: time.Second}, []string{"pm.process_idle_timeout = 1s"}, []string{`pm_process_idle_timeout = "1s"`}},
		{poolSpec{PM: "static", Children: 1, Grace: 10 * time.Second}, []string{"process_control_timeout = 10s"}, []string{`process_control_timeout = "10s"`}},
	} {
		wantLines(t, fpmConfig("/d", "www-data", c.pool), append(c.fpm, "user = www-data")...)
		wantLines(t, howdahConfig("/d", "www-data", c.pool), append(c.howdah, `user = "www-data"`)...)
	}
}

func TestWithoutRootNoUserIsNamed(t *testing.T) {
	for name, config := range map[string]string{
		"php-fpm": fpmConfig("/d", "", staticPool(1)),
		"Howdah":  howdahConfig("/d", "", staticPool(1)),
		"nginx":   nginxConfig("/d", "", "1", nil),
	} {
		if strings.Contains(config, "user ") {
			t.Errorf("%s would be told a user:\n%s", name, config)
		}
	}
}

func TestNginxKeepsConnectionsOnlyWhereTheRouteSaysSo(t *testing.T) {
	unchanged := nginxConfig("/d", "www-data", "auto", []route{{Port: 1, Socket: "/s", Style: full}})
	wantLines(t, unchanged, "fastcgi_pass unix:/s;", "include snippets/fastcgi-php.conf;")
	if strings.Contains(unchanged, "keep") {
		t.Errorf("keepalive in an unchanged nginx:\n%s", unchanged)
	}
	kept := nginxConfig("/d", "www-data", "auto", []route{{Port: 1, Socket: "/s", Style: plain, Keepalive: true}})
	wantLines(t, kept, "upstream kept0 { server unix:/s; keepalive 400; }", "fastcgi_keep_conn on;", "fastcgi_pass kept0;", "include fastcgi_params;")
}

// wantLines checks that a configuration has each of these lines, however far indented.
func wantLines(t *testing.T, config string, lines ...string) {
	t.Helper()
	have := map[string]bool{}
	for line := range strings.Lines(config) {
		have[strings.TrimSpace(line)] = true
	}
	for _, line := range lines {
		if !have[line] {
			t.Errorf("no line %q in\n%s", line, config)
		}
	}
}
