package e2e

import (
	"encoding/json"
	"os"
	"strings"
	"syscall"
	"testing"
)

// shape.php prints the keys of fpm_get_status() with the types of their values, and what can be compared of the values.
const shape = `<?php
	function shape($value, $name) {
		if (is_array($value)) foreach ($value as $key => $v) shape($v, "$name/$key");
		else echo $name, ' ', get_debug_type($value), "\n";
	}
	$s = fpm_get_status();
	shape($s, '');
	$me = $s['procs'][0];
	echo json_encode([$s['pool'], $s['process-manager'], $s['total-processes'], $s['active-processes'], $me['state'], $me['pid'] === getmypid(),
		$me['request-method'], $me['request-uri'], $me['query-string'], $me['script'] === __FILE__, $me['request-length']]), "\n";`

func TestFPMGetStatusIsThatOfPHPFPM(t *testing.T) {
	t.Parallel()
	sb := newSandbox(t)
	sb.page(t, "shape.php", shape)
	fpm := startFPM(t, sb, "pm = static", "pm.max_children = 1")
	ours := startHowdah(t, sb, `pm = "static"`, `pm_max_children = 1`)
	params := sb.script("GET", "/shape.php", param{"QUERY_STRING", "a=b"})
	want, got := askAndClose(t, fpm.socket, "", params...).stdout, askAndClose(t, ours.socket, "", params...).stdout
	if !strings.Contains(want, `["www","static",1,1,"Running",true,"GET"`) {
		t.Errorf("php-fpm says\n%s", want)
	}
	diffLines(t, "fpm_get_status()", strings.Split(got, "\n"), strings.Split(want, "\n"))
}

func TestFPMGetStatusWorksInAPageOfAFullPool(t *testing.T) {
	t.Parallel()
	sb := newSandbox(t)
	sb.page(t, "late.php", `<?php ob_start(); include 'hold.php'; ob_end_clean(); echo json_encode(fpm_get_status());`)
	s := behindNginx(t, startHowdah(t, sb, `pm_max_children = 1`, `queue_max = 3`))
	late := s.plain.start("/late.php?gate=late")
	t.Cleanup(func() { touch(sb.path("scratch", "late")) })
	s.pidIn("late")
	queued := s.queue(3, "/hello.php")
	touch(sb.path("scratch", "late"))
	var status map[string]any
	if body := late.result(t).body; json.Unmarshal([]byte(body), &status) != nil || status["listen-queue"] != 3.0 || status["idle-processes"] != 0.0 {
		t.Errorf("it returned %s", body)
	}
	for _, q := range queued {
		if p := q.result(t); p.status != 200 {
			t.Errorf("a queued request = %d %q", p.status, p.body)
		}
	}
}

func TestTheClientSocketIsForThePoolsUser(t *testing.T) {
	t.Parallel()
	sb := newSandbox(t)
	here := sb.path("client.sock")
	startHowdah(t, sb, `client_listen = "`+here+`"`)
	fi, err := os.Stat(here)
	if err != nil {
		t.Fatal(err)
	}
	if st := fi.Sys().(*syscall.Stat_t); fi.Mode().Perm() != 0o660 || os.Geteuid() == 0 && st.Uid == 0 {
		t.Errorf("mode %v, owner %d", fi.Mode(), st.Uid)
	}
}
