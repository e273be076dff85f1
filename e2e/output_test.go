package e2e

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"
)

// logHead is what stands before the text of worker output in the log: the time, and which process of which pool said it. Workers
// share the stderr that they inherit, so that Howdah can't tell who wrote to it.
var logHead = regexp.MustCompile(`^\[\d\d-\w{3}-\d{4} \d\d:\d\d:\d\d\] (WARNING: \[pool www\] )(?:child \d+ )?(said into std\w+: )`)

// askOnce sends one request on a connection of its own, and closes that: a worker of php-fpm waits for it.
func askOnce(t *testing.T, socket string, params ...param) reply {
	t.Helper()
	c := dialFastCGI(t, socket)
	defer c.Close()
	return c.ask(0, "", params...)
}

// wantSaid has a page say something, and returns what the log has of it, up to the last word of the same page in the same place.
func wantSaid(t *testing.T, d *daemon, socket string, sb *sandbox, to, what string) []string {
	t.Helper()
	since := d.mark()
	for _, query := range []string{"to=" + to + "&what=" + what, "to=" + to + "&what=end"} {
		askOnce(t, socket, sb.script("GET", "say.php", param{"QUERY_STRING", query})...)
	}
	last := d.wantLogged(since, 5*time.Second, "the end")
	var lines []string
	for _, line := range d.logged(since) {
		if line == last {
			break
		}
		lines = append(lines, logHead.ReplaceAllString(line, "$1$2"))
	}
	return lines
}

func TestWorkerOutputIsLoggedAsPHPFPMLogsIt(t *testing.T) {
	for _, decorate := range []bool{true, false} {
		sb := newSandbox(t)
		f := startFPM(t, sb, "catch_workers_output = yes", fmt.Sprintf("decorate_workers_output = %v", decorate), "pm.max_children = 1")
		h := startHowdah(t, sb, "catch_workers_output = true", fmt.Sprintf("decorate_workers_output = %v", decorate), "pm_max_children = 1")
		for _, c := range [][2]string{{"stdout", "word"}, {"stdout", "lines"}, {"stderr", "word"}, {"stderr", "lines"}, {"log", "word"},
			{"log", "two"}, {"log", "dump"}, {"log", "throw"}} {
			t.Run(fmt.Sprintf("decorated %v, %s, %s", decorate, c[0], c[1]), func(t *testing.T) {
				want := wantSaid(t, f.daemon, f.socket, sb, c[0], c[1])
				got := wantSaid(t, h.daemon, h.socket, sb, c[0], c[1])
				if len(want) == 0 {
					t.Error("php-fpm logs nothing: the case does not show what it should")
				}
				diffLines(t, "the log", got, want)
			})
		}
	}
}

// TestLongWorkerOutputWrapsAsPHPFPMWrapsIt compares lengths, since the pids in front may differ in theirs.
func TestLongWorkerOutputWrapsAsPHPFPMWrapsIt(t *testing.T) {
	long := strings.Repeat("0123456789", 400)
	for _, decorate := range []bool{true, false} {
		sb := newSandbox(t)
		f := startFPM(t, sb, "catch_workers_output = yes", fmt.Sprintf("decorate_workers_output = %v", decorate), "pm.max_children = 1")
		h := startHowdah(t, sb, "catch_workers_output = true", fmt.Sprintf("decorate_workers_output = %v", decorate), "pm_max_children = 1")
		for _, side := range []struct {
			d      *daemon
			socket string
		}{{f.daemon, f.socket}, {h.daemon, h.socket}} {
			since := side.d.mark()
			wantSaid(t, side.d, side.socket, sb, "stdout", "long")
			lines := side.d.logged(since)
			lines = lines[:len(lines)-1] // "the end"
			whole := ""
			for i, line := range lines {
				if i < len(lines)-1 && len(line) != 1023 || len(line) > 1023 {
					t.Errorf("%s: line %d of %d has %d bytes", side.d.name, i+1, len(lines), len(line))
				}
				line = logHead.ReplaceAllString(line, "")
				if decorate {
					line = strings.TrimSuffix(strings.TrimPrefix(line, `"`), `"`)
				}
				whole += line
			}
			if whole != long {
				t.Errorf("%s: put together, the lines are %.3000q", side.d.name, whole)
			}
		}
	}
}

func TestLongWorkerOutputIsNeverCutInJSON(t *testing.T) {
	sb := newSandbox(t)
	h := startHowdah(t, sb, "catch_workers_output = true", "[global]", `log_format = "json"`)
	since := h.mark()
	askOnce(t, h.socket, sb.script("GET", "say.php", param{"QUERY_STRING", "to=log&what=long"})...)
	h.wantLogged(since, 5*time.Second, strings.Repeat("0123456789", 400), `"msg":"child `, `said into stderr: \"NOTICE: PHP message: `, `"pool":"www"`, `"pid":`)
}

// TestMessagesOfPHPAreJoinedAsPHPFPMJoinsThem compares FCGI_STDERR, which nginx logs, byte by byte.
func TestMessagesOfPHPAreJoinedAsPHPFPMJoinsThem(t *testing.T) {
	sb := newSandbox(t)
	f := startFPM(t, sb)
	h := startHowdah(t, sb)
	for _, what := range []string{"word", "two", "dump", "throw"} {
		ask := func(socket string) string {
			return askOnce(t, socket, sb.script("GET", "say.php", param{"QUERY_STRING", "to=log&what=" + what})...).stderr
		}
		want := ask(f.socket)
		if !strings.HasPrefix(want, "PHP message: ") {
			t.Errorf("%s: php-fpm says %q: the case does not show what it should", what, want)
		}
		if got := ask(h.socket); got != want {
			t.Errorf("%s: FCGI_STDERR is %q, php-fpm's is %q", what, got, want)
		}
	}
}
