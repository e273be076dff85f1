package e2e

import (
	"fmt"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"howdah/internal/fcgi"
)

// statusForms are the query strings of all that the status page can look like.
var statusForms = []string{"", "html", "xml", "json", "openmetrics", "full", "full&html", "full&xml", "full&json"}

// statusPair is php-fpm and Howdah with one pool of one worker, whose status is asked on an address of its own: there php-fpm does
// not count the asking itself.
type statusPair struct {
	sb           *sandbox
	fpm          *fpm
	ours         *howdah
	theirs, here string // where status is asked
}

func startStatusPair(t *testing.T, fpmLines, ourLines []string) *statusPair {
	t.Helper()
	sb := newSandbox(t)
	p := &statusPair{sb: sb, theirs: sb.path("fpm.status.sock"), here: sb.path("howdah.status.sock")}
	p.fpm = startFPM(t, sb, append([]string{"pm.max_children = 1", "pm.status_path = /status", "ping.path = /ping", "pm.status_listen = " + p.theirs}, fpmLines...)...)
	p.ours = startHowdah(t, sb, append([]string{`pm_max_children = 1`, `pm_status_path = "/status"`, `ping_path = "/ping"`, `pm_status_listen = "` + p.here + `"`}, ourLines...)...)
	return p
}

// page is a request for one of Howdah's own pages, whose script need not exist.
func (sb *sandbox) pageParams(method, name, query string, more ...param) []param {
	params := sb.script(method, "no/such/file.php", param{"QUERY_STRING", query}, param{"REQUEST_URI", name + "?" + query}, param{"SCRIPT_NAME", name})
	return append(params, more...)
}

// askAndClose asks on a connection that it closes: php-fpm's worker waits for that.
func askAndClose(t *testing.T, socket, body string, params ...param) reply {
	t.Helper()
	w := dialFastCGI(t, socket)
	defer w.Close()
	return w.ask(0, body, params...)
}

// unlike finds what differs between two statuses by its nature: times, processes, and what each measures its own way. The queue
// of a Unix socket has a length here, and none in php-fpm.
var unlike = regexp.MustCompile(`(?i)((?:start[ _-](?:time|since)|listen[ _-]queue[ _-]len(?:gth)?|request[ _-]duration|last[ _-]request[ _-](?:cpu|memory)|pid)(?:"?:\s*|</th><td>|>| )"?)[^\s<,"}](?:[^<,"}\n]*[^\s<,"}])?`)

// cells are such values in the HTML table of processes, which have no name beside them.
var cells = regexp.MustCompile(`<tr><td>\d+</td><td>(\w+)</td><td>[^<]*</td><td>\d+</td><td>(\d+)</td><td>\d+</td>(.*)<td>[0-9.]+</td><td>\d+</td></tr>`)

func comparableStatus(text string) string {
	return cells.ReplaceAllString(unlike.ReplaceAllString(text, "${1}X"), "<tr><td>X</td><td>$1</td><td>X</td><td>X</td><td>$2</td><td>X</td>$3<td>X</td><td>X</td></tr>")
}

func (p *statusPair) compare(t *testing.T, what string, params []param) {
	t.Helper()
	want := askAndClose(t, p.theirs, "", params...)
	got := askAndClose(t, p.here, "", params...)
	if a, b := comparableStatus(got.stdout), comparableStatus(want.stdout); a != b || got.stderr != want.stderr || got.status != want.status {
		t.Errorf("%s: %q, stderr %q, status %d\nphp-fpm: %q, stderr %q, status %d", what, a, got.stderr, got.status, b, want.stderr, want.status)
	}
	if want.stdout == "" {
		t.Errorf("%s: php-fpm says nothing: the case does not show what it should", what)
	}
}

func TestStatusIsPhpFpmsInNineForms(t *testing.T) {
	p := startStatusPair(t, nil, nil)
	all := func(when string) {
		for _, form := range statusForms {
			for _, method := range []string{"GET", "HEAD", "POST"} {
				p.compare(t, method+" ?"+form+" "+when, p.sb.pageParams(method, "/status", form))
			}
		}
	}
	all("of a worker that has done nothing")
	odd := p.sb.script("GE<T", "hello.php", param{"SCRIPT_NAME", `/x<y>&"z'/hello.php`}, param{"QUERY_STRING", "q=<1>&\"'é/\\"},
		param{"HTTP_AUTHORIZATION", "Basic dTwiJybDqS86cGFzcw=="}, param{"REMOTE_USER", "nobody"})
	long := p.sb.script("LONGMETHODLONGMETHOD", "hello.php", param{"SCRIPT_NAME", "/" + strings.Repeat("u", 300)}, param{"QUERY_STRING", strings.Repeat("q", 1000)},
		param{"HTTP_AUTHORIZATION", "Basic " + strings.Repeat("eHh4", 30) + "Ong="})
	body := p.sb.script("POST", "hello.php", param{"CONTENT_LENGTH", "5"})
	broken := p.sb.script("GET", "hello.php", param{"SCRIPT_NAME", "/\xff"}, param{"QUERY_STRING", "\x01\xff"})
	for _, c := range []struct {
		what, body string
		params     []param
	}{{"odd characters", "", odd}, {"long values", "", long}, {"a body", "hello", body}, {"no UTF-8", "", broken}} {
		for _, socket := range []string{p.fpm.socket, p.ours.socket} {
			if r := askAndClose(t, socket, c.body, c.params...); !strings.HasSuffix(r.stdout, "hello") {
				t.Errorf("%s: %q", c.what, r.stdout)
			}
		}
		p.settle(t)
		all("after " + c.what)
	}
}

// settle waits until php-fpm's worker has written down that it is idle, which it does after its answer.
func (p *statusPair) settle(t *testing.T) {
	t.Helper()
	for _, socket := range []string{p.theirs, p.here} {
		wantWithin(t, 5*time.Second, "an idle worker at "+socket, func() bool {
			return strings.Contains(askAndClose(t, socket, "", p.sb.pageParams("GET", "/status", "full")...).stdout, "state:                Idle\n")
		})
	}
}

func TestStatusOfABusyWorkerIsPhpFpms(t *testing.T) {
	p := startStatusPair(t, nil, nil)
	var inside []*webServer
	for i, socket := range []string{p.fpm.socket, p.ours.socket} {
		w := dialFastCGI(t, socket)
		w.send(requestBytes(t, 1, 0, "", p.sb.script("GET", "hold.php", param{"QUERY_STRING", fmt.Sprintf("gate=g%d", i)}, param{"SCRIPT_NAME", "/a/hold.php"})...))
		wantWithin(t, 10*time.Second, "a worker inside", func() bool { return len(glob(p.sb.path("scratch", fmt.Sprintf("g%d.*", i)))) > 0 })
		inside = append(inside, w)
	}
	wantWithin(t, 10*time.Second, "php-fpm's one-second count of its busy workers", func() bool {
		return strings.Contains(askAndClose(t, p.theirs, "", p.sb.pageParams("GET", "/status", "")...).stdout, "max active processes: 1")
	})
	for _, form := range statusForms {
		want := askAndClose(t, p.theirs, "", p.sb.pageParams("GET", "/status", form)...)
		got := askAndClose(t, p.here, "", p.sb.pageParams("GET", "/status", form)...)
		a, b := strings.Replace(comparableStatus(got.stdout), "gate=g1", "gate=g0", 1), comparableStatus(want.stdout)
		if a != b {
			t.Errorf("?%s: %q\nphp-fpm: %q", form, a, b)
		}
	}
	for i, w := range inside {
		touch(p.sb.path("scratch", fmt.Sprintf("g%d", i)))
		if r, err := w.receive(); err != nil || !strings.HasSuffix(r.stdout, "held") {
			t.Errorf("%q, %v", r.stdout, err)
		}
	}
}

func TestStatusAndPingTellOfPHPIfItIsExposed(t *testing.T) {
	p := startStatusPair(t, []string{"php_admin_value[expose_php] = 1"}, []string{`[pool.www.php_admin_value]`, `expose_php = "1"`})
	for _, c := range []struct{ method, path, form string }{{"GET", "/status", "json"}, {"GET", "/status", ""}, {"HEAD", "/status", "xml"}, {"GET", "/ping", ""}, {"HEAD", "/ping", ""}} {
		params := p.sb.pageParams(c.method, c.path, c.form)
		want, _, _ := strings.Cut(askAndClose(t, p.fpm.socket, "", params...).stdout, "\r\n\r\n")
		got, _, _ := strings.Cut(askAndClose(t, p.ours.socket, "", params...).stdout, "\r\n\r\n")
		if got != want || !strings.HasPrefix(want, "X-Powered-By: PHP/8.2.") {
			t.Errorf("%v: %q\nphp-fpm: %q", c, got, want)
		}
	}
}

func TestPingIsPhpFpms(t *testing.T) {
	p := startStatusPair(t, []string{"ping.response = pö<>ng"}, []string{`ping_response = "pö<>ng"`})
	for _, method := range []string{"GET", "HEAD", "POST", "PUT"} {
		p.compare(t, method, p.sb.pageParams(method, "/ping", "json"))
	}
	without := func(name string, params []param) (rest []param) {
		for _, c := range params {
			if c.name != name {
				rest = append(rest, c)
			}
		}
		return rest
	}
	whole := p.sb.pageParams("GET", "/ping", "")
	p.compare(t, "without SCRIPT_FILENAME", without("SCRIPT_FILENAME", whole))
	p.compare(t, "PATH_TRANSLATED in its place", append(without("SCRIPT_FILENAME", whole), param{"PATH_TRANSLATED", "/x"}))
	p.compare(t, "an empty SCRIPT_FILENAME", append(without("SCRIPT_FILENAME", whole), param{"SCRIPT_FILENAME", ""}))
	p.compare(t, "without REQUEST_METHOD", without("REQUEST_METHOD", whole))
	p.compare(t, "a longer path", p.sb.pageParams("GET", "/ping/x", ""))
	p.compare(t, "REQUEST_URI does not count", append(without("REQUEST_URI", whole), param{"REQUEST_URI", "/other"}))
}

func TestStatusIsReadThroughNginxCgiFcgiAndTheEmbeddedFront(t *testing.T) {
	sb := newSandbox(t)
	h := startHowdah(t, sb, `pm_status_path = "/status"`, `ping_path = "/ping"`, `[pool.www.http]`, `listen = "`+sb.path("http.sock")+`"`, `root = "`+sb.path("site")+`"`)
	n := startNginx(t, sb, server{name: "walk", backend: h.socket, location: walkLocation})
	for _, socket := range []string{n.socket("walk"), sb.path("http.sock")} {
		for target, want := range map[string]string{
			"/ping": "text/plain;charset=UTF-8\npong", "/status?json": "application/json\n{\"pool\":\"www\"", "/status?full&xml": "text/xml;charset=UTF-8\n<?xml", "/status/x": "",
		} {
			a, err := exchange(socket, get(target), 10*time.Second)
			if err != nil {
				t.Fatal(err)
			}
			kind := ""
			for _, line := range a.header {
				if name, value, _ := strings.Cut(line, ": "); strings.EqualFold(name, "Content-Type") {
					kind = value
				}
			}
			if want == "" {
				if !strings.Contains(a.status, "404") {
					t.Errorf("%s: %s", target, a.status)
				}
			} else if !strings.HasPrefix(kind+"\n"+a.body, want) {
				t.Errorf("%s at %s: %s %q\n%q", target, socket, a.status, kind, a.body)
			}
		}
	}
	cmd := exec.Command("cgi-fcgi", "-bind", "-connect", h.socket)
	cmd.Env = []string{"SCRIPT_NAME=/status", "SCRIPT_FILENAME=/status", "REQUEST_METHOD=GET", "QUERY_STRING=full"}
	out, err := cmd.Output()
	if err != nil || !strings.Contains(string(out), "\r\n\r\npool:                 www\n") || strings.Count(string(out), "\nstate:                Idle\n") != 4 {
		t.Errorf("cgi-fcgi: %v, %q", err, out)
	}
}

func TestStatusListenServesNothingElse(t *testing.T) {
	p := startStatusPair(t, nil, nil)
	r := askAndClose(t, p.here, "", p.sb.script("GET", "hello.php")...)
	if !strings.HasPrefix(r.stdout, "Status: 404 Not Found\r\n") || r.stderr != "Primary script unknown" {
		t.Errorf("%q, %q", r.stdout, r.stderr)
	}
	w := dialFastCGI(t, p.here)
	for range 3 {
		if r := w.ask(fcgi.FlagKeepConn, "", p.sb.pageParams("GET", "/ping", "")...); !strings.HasSuffix(r.stdout, "\r\n\r\npong") {
			t.Errorf("%q", r.stdout)
		}
	}
	moved := p.sb.path("moved.sock")
	p.ours.rewrite(`pm_max_children = 1`, `ping_path = "/p"`, `ping_response = "moved"`, `pm_status_listen = "`+moved+`"`)
	p.ours.reload()
	if r := askAndClose(t, moved, "", p.sb.pageParams("GET", "/p", "")...); !strings.HasSuffix(r.stdout, "\r\n\r\nmoved") {
		t.Errorf("after a reload: %q", r.stdout)
	}
	if exists(p.here) {
		t.Errorf("%s is still there", p.here)
	}
	if r := askAndClose(t, p.ours.socket, "", p.sb.pageParams("GET", "/status", "")...); !strings.HasPrefix(r.stdout, "Status: 404") {
		t.Errorf("a status that is not configured any more: %q", r.stdout)
	}
}

// statusOf is the number behind a field of the status as text.
func statusOf(t *testing.T, text, field string) (n int) {
	t.Helper()
	found := regexp.MustCompile(`(?m)^` + field + `: +(\d+)$`).FindStringSubmatch(text)
	if found == nil {
		t.Fatalf("there is no %q in %q", field, text)
	}
	fmt.Sscan(found[1], &n)
	return n
}

func TestStatusAndPingAnswerAtOnceWhileThePoolIsFull(t *testing.T) {
	sb := newSandbox(t)
	here := sb.path("status.sock")
	s := behindNginx(t, startHowdah(t, sb, `pm_max_children = 2`, `queue_max = 3`, `max_connections = 8`, `pm_status_path = "/status"`, `ping_path = "/ping"`, `pm_status_listen = "`+here+`"`))
	inside := []*held{s.hold("one"), s.hold("two")}
	queued := s.queue(3, "/hello.php")
	idle := dialFastCGI(t, s.socket) // a connection that was there before, as nginx keeps it
	idle.ask(fcgi.FlagKeepConn, "", sb.pageParams("GET", "/ping", "")...)
	var more []*webServer
	for range 2 + 4 { // two that are let in, four that the kernel holds
		more = append(more, dialFastCGI(t, s.socket))
	}
	var text string
	wantWithin(t, 10*time.Second, "the connections at the door", func() bool {
		text = askAndClose(t, here, "", sb.pageParams("GET", "/status", "")...).stdout
		return statusOf(t, text, "listen queue") == 3+4
	})
	for field, want := range map[string]int{
		"idle processes": 0, "active processes": 2, "total processes": 2, "max active processes": 2, "max children reached": 1,
		"accepted conn": 2, "max listen queue": 7, "slow requests": 0,
	} {
		if got := statusOf(t, text, field); got != want {
			t.Errorf("%s is %d, want %d", field, got, want)
		}
	}
	if limit := statusOf(t, text, "listen queue len"); limit < 3+128 {
		t.Errorf("%d may wait", limit)
	}
	// Of many askings the fastest: what else runs on the machine must not decide.
	fastest := map[string]time.Duration{}
	for range 50 {
		for what, ask := range map[string]func() reply{
			"status on its own address":   func() reply { return askAndClose(t, here, "", sb.pageParams("GET", "/status", "full")...) },
			"status on a kept connection": func() reply { return idle.ask(fcgi.FlagKeepConn, "", sb.pageParams("GET", "/status", "full&json")...) },
			"a ping on a kept connection": func() reply { return idle.ask(fcgi.FlagKeepConn, "", sb.pageParams("GET", "/ping", "")...) },
		} {
			begun := time.Now()
			if r := ask(); !strings.Contains(r.stdout, "pool") && !strings.HasSuffix(r.stdout, "pong") {
				t.Fatalf("%s: %q", what, r.stdout)
			}
			if took := time.Since(begun); fastest[what] == 0 || took < fastest[what] {
				fastest[what] = took
			}
		}
	}
	for what, took := range fastest {
		if took > 10*time.Millisecond {
			t.Errorf("%s took %v, of 50 the fastest", what, took)
		}
		t.Logf("%s: %v", what, took)
	}
	for _, w := range more {
		w.Close()
	}
	for _, h := range inside {
		h.finish()
	}
	for _, q := range queued {
		if p := q.result(t); p.status != 200 || p.body != "hello" {
			t.Errorf("queued: %d %q", p.status, p.body)
		}
	}
}
