package e2e

import (
	"os"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// slowPage goes through what a stack may hold: methods, closures called by PHP itself, a generator, an included file, eval().
var slowPage = map[string]string{
	"slow.php": `<?php
class Shop
{
    public function run(int $n) { return $n > 0 ? $this->run($n - 1) : self::each(); }
    public static function each() { foreach (self::items() as $x) { } return 'done'; }
    private static function items() { array_map(function ($x) { include __DIR__ . '/slow.inc'; }, [1]); yield 1; }
}
$go = function () { return (new Shop)->run(2); };
echo $go();
`,
	"slow.inc": "<?php\n\neval('usleep(2_500_000);');\n",
}

// What differs between two entries of the same stack.
var (
	moment       = regexp.MustCompile(`\[\d\d-[A-Z][a-z]{2}-\d{4} \d\d:\d\d:\d\d\]`)
	entryPID     = regexp.MustCompile(`pid \d+`)
	frameAddress = regexp.MustCompile(`\[0x[0-9a-f]{16}\]`)
)

func TestSlowLogIsThatOfPHPFPM(t *testing.T) {
	t.Parallel()
	sb := newSandbox(t)
	for name, text := range slowPage {
		sb.page(t, name, text)
	}
	logs := map[string]string{"fpm": sb.path("log/fpm-slow.log"), "our": sb.path("log/our-slow.log")}
	fpm := startFPM(t, sb, "request_slowlog_timeout = 1s", "slowlog = "+logs["fpm"], "request_slowlog_trace_depth = 9")
	ours := startHowdah(t, sb, `request_slowlog_timeout = "1s"`, `slowlog = "`+logs["our"]+`"`, `request_slowlog_trace_depth = 9`)
	n := startNginx(t, sb, server{name: "fpm", backend: fpm.socket, location: plainLocation}, server{name: "our", backend: ours.socket, location: plainLocation})
	asked := map[string]*pending{}
	for name := range logs {
		asked[name] = newBrowser(t, n.socket(name)).start("/slow.php?q=1")
	}
	for name, p := range asked {
		if p := p.result(t); p.status != 200 || p.body != "done" {
			t.Errorf("%s: %d %q", name, p.status, p.body)
		}
	}
	entry := func(name string) string {
		text := moment.ReplaceAllString(read(t, logs[name]), "[24-Nov-2026 20:11:45]")
		return frameAddress.ReplaceAllString(entryPID.ReplaceAllString(text, "pid 12"), "[0x00007f06a7e15430]")
	}
	want := entry("fpm")
	if !strings.Contains(want, "[INCLUDE_OR_EVAL]()") || strings.Count(want, "\n") != 12 {
		t.Fatalf("php-fpm's entry does not show what it should:\n%s", want)
	}
	// Better than php-fpm: the class is named.
	got := entry("our")
	if !strings.Contains(got, " Shop::run() ") || !strings.Contains(got, " Shop::{closure}() ") {
		t.Errorf("no class is named:\n%s", got)
	}
	if got = strings.ReplaceAll(got, " Shop::", " "); got != want {
		t.Errorf("the entry is\n%s\nphp-fpm's is\n%s", got, want)
	}
	line := regexp.MustCompile(`WARNING: \[pool www\] child \d+, script '.*/slow\.php' \(request: "GET /slow\.php\?q=1"\) executing too slow \(\d\.\d{6} sec\), logging$`)
	for _, d := range []*daemon{fpm.daemon, ours.daemon} {
		if said := d.logged(0, "executing too slow"); len(said) != 1 || !line.MatchString(said[0]) {
			t.Errorf("%s says %q, want %s", d.name, said, line)
		}
	}
}

func TestSlowLogIsReopenedAndFollowsAReload(t *testing.T) {
	t.Parallel()
	sb := newSandbox(t)
	log, other := sb.path("log/slow.log"), sb.path("log/other.log")
	with := func(file string) []string {
		return []string{`request_slowlog_timeout = "200ms"`, `slowlog = "` + file + `"`}
	}
	s := behindNginx(t, startHowdah(t, sb, with(log)...))
	sb.page(t, "nap.php", `<?php usleep(500_000); echo 'rested';`)
	entries := func(file string) int {
		if !exists(file) {
			return 0
		}
		return strings.Count(read(t, file), "usleep() "+sb.path("site", "nap.php")+":1\n")
	}
	nap := func(file string, n int) {
		t.Helper()
		s.plain.wantPage("/nap.php", 200, "rested")
		wantWithin(t, 3*time.Second, "an entry", func() bool { return entries(file) == n })
	}
	nap(log, 1)
	if err := os.Rename(log, log+".1"); err != nil {
		t.Fatal(err)
	}
	since := s.mark()
	s.signal(syscall.SIGUSR1)
	s.wantLogged(since, 5*time.Second, "re-opened")
	nap(log, 1)
	s.rewrite(with(other)...)
	s.reload()
	nap(other, 1)
	if entries(log+".1") != 1 || entries(log) != 1 {
		t.Error("an entry went into the wrong file")
	}
}

func TestTerminatedRequestIsLoggedWithWhatItWasDoing(t *testing.T) {
	t.Parallel()
	s := serve(t, `request_terminate_timeout = "1s"`)
	s.sb.page(t, "stuck.php", "<?php\nclass Queue {\n  function take() { while (true) usleep(1000); }\n}\n(new Queue)->take();\n")
	since := s.mark()
	if p := s.plain.get("/stuck.php"); p.status != 504 {
		t.Errorf("status %d", p.status)
	}
	for _, words := range []string{"was terminated in", "Queue::take() " + s.sb.path("site", "stuck.php") + ":3", "stuck.php:5"} {
		s.wantLogged(since, 3*time.Second, "WARNING: [pool www] ", words)
	}
}

func TestTraceShowsWherePHPIs(t *testing.T) {
	t.Parallel()
	s := serve(t, `pm_max_children = 2`)
	s.sb.page(t, "hold.php", "<?php\nclass Holder {\n  function wait($f) { while (!file_exists($f)) { usleep(2000); clearstatcache(); } return 'let go'; }\n}\ntouch(\"$_GET[f].begun\");\necho (new Holder)->wait($_GET['f']);\n")
	s.do("trace").want(t, "no worker has a request")
	file := s.sb.path("scratch", "trace")
	held := s.plain.start("/hold.php?f=" + file)
	wantWithin(t, 5*time.Second, "the script", func() bool { return exists(file + ".begun") })
	pid, script := "", s.sb.path("site", "hold.php")
	wantWithin(t, 5*time.Second, "a stack", func() bool {
		r := s.do("trace", "www")
		found := regexp.MustCompile(`pool www, worker (\d+), busy for \d+\.\d{3} s: GET /hold\.php\?f=`).FindStringSubmatch(r.stdout)
		if found == nil || !strings.Contains(r.stdout, " Holder::wait() "+script+":3\n") {
			return false
		}
		pid = found[1]
		return strings.Contains(r.stdout, " [INCLUDE_OR_EVAL]() "+script+":6\n")
	})
	s.do("trace", pid, "--depth", "1").want(t, "#0 ", "worker "+pid)
	s.do("trace", "--json").want(t, `"function": "Holder::wait"`, `"line": 6`, `"state": "busy"`)
	s.do("trace", "nobody").wantRefused(t, 64, "no pool nobody")
	s.do("trace", "1").wantRefused(t, 64, "process 1 is no worker")
	touch(file)
	if p := held.result(t); p.status != 200 || p.body != "let go" {
		t.Errorf("%d %q", p.status, p.body)
	}
	wantWithin(t, 5*time.Second, "an idle worker", func() bool {
		r := s.do("trace", pid)
		return strings.Contains(r.stdout, ", idle\n") && strings.Contains(r.stdout, "no PHP code runs")
	})
}
