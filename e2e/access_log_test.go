package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"howdah/internal/fcgi"
)

// accessLines waits until the file has n lines and returns them.
func accessLines(t *testing.T, path string, n int) []string {
	t.Helper()
	var lines []string
	wantWithin(t, 10*time.Second, fmt.Sprintf("%d lines in %s", n, filepath.Base(path)), func() bool {
		b, _ := os.ReadFile(path)
		lines = strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
		return len(b) > 0 && len(lines) >= n
	})
	return lines
}

// accessPair starts php-fpm and Howdah with the same access log lines, and returns how each is asked and where it logs.
func accessPair(t *testing.T, format string, suppress ...string) (sb *sandbox, sockets, logs [2]string) {
	t.Helper()
	sb = newSandbox(t)
	logs = [2]string{sb.path("log/fpm-access.log"), sb.path("log/our-access.log")}
	fpmLines := []string{"access.log = " + logs[0], "access.format = \"" + strings.ReplaceAll(format, `"`, `'`) + "\""}
	ourLines := []string{`access_log = "` + logs[1] + `"`, "access_format = " + strconv.Quote(strings.ReplaceAll(format, `"`, `'`))}
	for _, path := range suppress {
		fpmLines = append(fpmLines, "access.suppress_path[] = "+path)
	}
	if len(suppress) > 0 {
		ourLines = append(ourLines, `access_suppress_path = ["`+strings.Join(suppress, `", "`)+`"]`)
	}
	f := startFPM(t, sb, fpmLines...)
	h := startHowdah(t, sb, ourLines...)
	return sb, [2]string{f.socket, h.socket}, logs
}

// accessRequests are requests that say something by every code, each with how it differs from a GET of a page.
func accessRequests(sb *sandbox) map[string][]param {
	return map[string][]param{
		"page":           sb.script("GET", "hello.php"),
		"query":          sb.script("GET", "hello.php", param{"QUERY_STRING", "a=b&c=%20d"}),
		"status":         sb.script("GET", "status.php", param{"QUERY_STRING", "status=418"}),
		"user":           sb.script("GET", "hello.php", param{"HTTP_AUTHORIZATION", "Basic Ym9iOnB3"}, param{"REMOTE_USER", "other"}),
		"digest":         sb.script("GET", "hello.php", param{"HTTP_AUTHORIZATION", `Digest username="x"`}),
		"bearer":         sb.script("GET", "hello.php", param{"HTTP_AUTHORIZATION", "Bearer x"}),
		"post":           sb.script("POST", "hello.php", param{"CONTENT_LENGTH", "5"}),
		"head":           sb.script("HEAD", "hello.php"),
		"missing":        sb.script("GET", "none.php"),
		"denied":         sb.script("GET", "plain.txt"),
		"path info":      sb.script("GET", "hello.php", param{"SCRIPT_FILENAME", sb.path("site/hello.php/a/b")}, param{"SCRIPT_NAME", "/hello.php"}, param{"PATH_INFO", "/a/b"}),
		"folded":         sb.script("GET", "hello.php", param{"SCRIPT_FILENAME", sb.path("site/hello.php/a/b")}, param{"SCRIPT_NAME", "/hello.php/a/b"}, param{"PATH_INFO", "/hello.php/a/b"}),
		"no method":      {{"SCRIPT_FILENAME", sb.path("site/hello.php")}},
		"nothing at all": {{"SERVER_NAME", "x"}},
		"own variable":   sb.script("GET", "headers.php", param{"MINE", "a \"value\""}, param{"EMPTY", ""}),
	}
}

func TestAccessLogSaysWhatPHPFPMSays(t *testing.T) {
	const format = `%% f=%f l=%l m=%m n=%n q=%q Q=%Q r=%r R=%R s=%s u=%u mine=%{MINE}e empty=%{EMPTY}e none=%{NONE}e "quoted"`
	sb, sockets, logs := accessPair(t, format)
	n := 0
	for name, params := range accessRequests(sb) {
		n++
		var got [2]string
		for i, socket := range sockets {
			body := ""
			if name == "post" {
				body = "12345"
			}
			c := dialFastCGI(t, socket)
			c.ask(0, body, params...)
			c.Close()
			got[i] = accessLines(t, logs[i], n)[n-1]
		}
		if got[1] != got[0] {
			t.Errorf("%s:\n%s, php-fpm's line is\n%s", name, got[1], got[0])
		}
	}
}

// TestAccessLogMeasuresInEveryUnitOfPHPFPM compares forms, since no two requests take the same time.
func TestAccessLogMeasuresInEveryUnitOfPHPFPM(t *testing.T) {
	const format = `%d %{seconds}d %{milliseconds}d %{milli}d %{mili}d %{miliseconds}d %{microseconds}d %{micro}d | %C %{user}C %{system}C %{total}C | ` +
		`%M %{bytes}M %{kilobytes}M %{kilo}M %{megabytes}M %{mega}M | %p %P | %t %T %{%s}t %{%d.%m.%Y %H}T`
	sb, sockets, logs := accessPair(t, format)
	sb.page(t, "work.php", `<?php $x = str_repeat("x", 6 << 20); $until = microtime(true) + 0.3; while (microtime(true) < $until) { md5($x[7]); } echo getmypid();`)
	digits := regexp.MustCompile(`\d+`)
	var forms [2]string
	for i, socket := range sockets {
		begun := time.Now()
		pid := askOnce(t, socket, sb.script("GET", "work.php")...).stdout
		line := accessLines(t, logs[i], 1)[0]
		forms[i] = digits.ReplaceAllString(line, "0")
		var took, x, cpu, user float64
		var micros, total, bytes, kilo, worker int
		if _, err := fmt.Sscanf(line, "%f %f %f %f %f %f %d %d | %f %f %f", &took, &x, &x, &x, &x, &x, &micros, &total, &cpu, &user, &x); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if took < 0.3 || took > time.Since(begun).Seconds()+0.001 || micros/1000 != int(took*1000+0.5) && micros/1000 != int(took*1000) && micros/1000 != int(took*1000)-1 {
			t.Errorf("side %d: took %v, %d µs", i, took, micros)
		}
		if user <= 0 || cpu < user || cpu > 110 {
			t.Errorf("side %d: processor time %v %%, of it %v %% in PHP", i, cpu, user)
		}
		parts := strings.Split(line, " | ")
		if _, err := fmt.Sscanf(parts[2], "%d %d %d", &bytes, &bytes, &kilo); err != nil || bytes < 6<<20 || bytes > 40<<20 || kilo != bytes>>10 {
			t.Errorf("side %d: memory %q, %v", i, parts[2], err)
		}
		if _, err := fmt.Sscanf(parts[3], "%d", &worker); err != nil || !strings.HasSuffix(pid, strconv.Itoa(worker)) {
			t.Errorf("side %d: pid %q, the script's is %q", i, parts[3], pid)
		}
	}
	if forms[1] != forms[0] {
		t.Errorf("the form is %q, php-fpm's is %q", forms[1], forms[0])
	}
}

func TestAccessLogShowsHeadersOfTheAnswer(t *testing.T) {
	sb, sockets, logs := accessPair(t, "%{X-Mine}o|%{x-mine}o|%{X-Twice}o|%{X-None}o|%{Content-type}o|%s")
	sb.page(t, "own.php", `<?php http_response_code(503); header("X-Mine: a: b"); header("X-Twice: one"); header("X-Twice: two", false); header("Content-type: text/x-own;charset=UTF-8"); echo str_repeat("body\r\n\r\n", 20000);`)
	for i, socket := range sockets {
		askOnce(t, socket, sb.script("GET", "own.php")...)
		if line := accessLines(t, logs[i], 1)[0]; line != "a: b|-|one|-|text/x-own;charset=UTF-8|503" {
			t.Errorf("side %d: %q", i, line)
		}
	}
}

func TestSuppressedPathsAreThoseOfPHPFPM(t *testing.T) {
	sb, sockets, logs := accessPair(t, "%m %r%Q%q %l %s", "/hello.php", "/status.php")
	requests := [][]param{
		sb.script("GET", "hello.php"), sb.script("HEAD", "hello.php"),
		sb.script("GET", "hello.php", param{"QUERY_STRING", "x"}), sb.script("DELETE", "hello.php"), sb.script("GET", "status.php", param{"QUERY_STRING", "status=404"}),
		sb.script("GET", "hello.php", param{"SCRIPT_NAME", "/other"}), sb.script("GET", "none.php", param{"SCRIPT_NAME", "/hello.php"}),
		sb.script("GET", "index.php", param{"SCRIPT_NAME", "/the/end"}),
	}
	var text [2]string
	for i, socket := range sockets {
		for _, params := range requests {
			askOnce(t, socket, params...)
		}
		wantWithin(t, 10*time.Second, "the last line", func() bool {
			b, _ := os.ReadFile(logs[i])
			text[i] = string(b)
			return strings.Contains(text[i], "/the/end")
		})
	}
	if text[1] != text[0] || strings.Count(text[0], "\n") != 6 {
		t.Errorf("logged\n%sphp-fpm logged\n%s", text[1], text[0])
	}
}

func TestAccessLogHasTheTimeInTheQueueApart(t *testing.T) {
	sb := newSandbox(t)
	log := sb.path("log/access.log")
	h := behindNginx(t, startHowdah(t, sb, "pm_max_children = 1", `access_log = "`+log+`"`, `access_format = "%r %{queue}d %d %s"`))
	held := h.hold("gate")
	waiting := h.plain.start("/hello.php")
	begun := time.Now()
	wantWithin(t, 10*time.Second, "half a second in the queue", func() bool { return time.Since(begun) > 500*time.Millisecond })
	touch(held.path)
	held.result(t)
	waiting.result(t)
	for _, line := range accessLines(t, log, 2) {
		var uri string
		var queue, took float64
		var status int
		if _, err := fmt.Sscan(line, &uri, &queue, &took, &status); err != nil {
			t.Fatal(err)
		}
		if uri == "/hello.php" && (queue < 0.4 || took > queue) || uri == "/hold.php" && (queue > 0.1 || took < 0.4) {
			t.Errorf("%q", line)
		}
	}
}

func TestRefusalsOfHowdahAreInTheAccessLog(t *testing.T) {
	sb := newSandbox(t)
	log := sb.path("log/access.log")
	h := behindNginx(t, startHowdah(t, sb, "pm_max_children = 1", "queue_max = 0", "request_terminate_timeout = \"300ms\"", `access_log = "`+log+`"`,
		`access_format = "%r %s %p"`))
	held := h.hold("gate") // gets 504
	h.plain.get("/hello.php")
	held.result(t)
	lines := accessLines(t, log, 2)
	if lines[0] != fmt.Sprintf("/hello.php 503 %d", h.pid()) || lines[1] != fmt.Sprintf("/hold.php 504 %d", held.pid) {
		t.Errorf("%q", lines)
	}
}

func TestAccessLogHasNothingOfStatusListen(t *testing.T) {
	t.Parallel()
	logs := [2]string{"fpm-access.log", "our-access.log"}
	dir := t.TempDir()
	for i := range logs {
		logs[i] = filepath.Join(dir, logs[i])
	}
	p := startStatusPair(t, []string{"access.log = " + logs[0], `access.format = "%r %s"`}, []string{`access_log = "` + logs[1] + `"`, `access_format = "%r %s"`})
	for i, where := range []struct{ status, main string }{{p.theirs, p.fpm.socket}, {p.here, p.ours.socket}} {
		for _, name := range []string{"/ping", "/status", "/none"} {
			askAndClose(t, where.status, "", p.sb.pageParams("GET", name, "")...)
		}
		askAndClose(t, where.main, "", p.sb.pageParams("GET", "/ping", "")...)
		askAndClose(t, where.main, "", p.sb.script("GET", "hello.php")...)
		if lines := accessLines(t, logs[i], 2); len(lines) != 2 || lines[0] != "/ping 200" || lines[1] != "/hello.php 200" {
			t.Errorf("%s: %q", filepath.Base(logs[i]), lines)
		}
	}
}

func TestAccessLogLosesNoLineWhenItIsRotatedUnderLoad(t *testing.T) {
	sb := newSandbox(t)
	log := sb.path("log/access.log")
	h := startHowdah(t, sb, `access_log = "`+log+`"`, `access_format = "%q"`)
	const clients, each, rotations = 4, 500, 10
	before := childrenOf(childrenOf(h.pid())[0].pid)
	var all sync.WaitGroup
	var left atomic.Int32
	left.Store(clients)
	for i := range clients {
		c := dialFastCGI(t, h.socket)
		all.Go(func() {
			defer left.Add(-1)
			for j := range each {
				c.ask(fcgi.FlagKeepConn, "", sb.script("GET", "hello.php", param{"QUERY_STRING", fmt.Sprintf("%d-%d", i, j)})...)
			}
		})
	}
	for i := range rotations {
		wantWithin(t, 20*time.Second, "lines to rotate", func() bool { info, err := os.Stat(log); return left.Load() == 0 || err == nil && info.Size() > 0 })
		if err := os.Rename(log, fmt.Sprintf("%s.%d", log, i)); err != nil {
			t.Fatal(err)
		}
		since := h.mark()
		h.signal(syscall.SIGUSR1)
		h.wantLogged(since, 10*time.Second, "re-opened")
		if left.Load() == 0 {
			break // all has been asked, and nothing more comes to rotate
		}
	}
	all.Wait()
	want := clients * each
	count := func() (n int, twice []string) {
		seen := map[string]bool{}
		for _, path := range append(glob(log+".*"), log) {
			b, _ := os.ReadFile(path)
			for line := range strings.Lines(string(b)) {
				if seen[line] {
					twice = append(twice, line)
				}
				seen[line] = true
			}
		}
		return len(seen), twice
	}
	wantWithin(t, 10*time.Second, fmt.Sprintf("%d lines", want), func() bool { n, _ := count(); return n >= want })
	if n, twice := count(); n != want || len(twice) > 0 {
		t.Errorf("%d lines of %d, twice %q", n, want, twice)
	}
	if after := childrenOf(childrenOf(h.pid())[0].pid); len(after) != len(before) || after[0].pid != before[0].pid {
		t.Errorf("workers were %v, are %v", before, after)
	}
}
