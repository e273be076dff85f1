package e2e

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// pair is php-fpm and Howdah with the same pool, serving the same site behind the same nginx.
type pair struct {
	t     *testing.T
	sb    *sandbox
	nginx *nginx
	fpm   *fpm
	ours  *howdah
}

// locations are the names under which a pair's nginx offers each location.
var locations = map[string]location{
	"plain":   plainLocation,
	"split":   splitLocation,
	"walk":    walkLocation,
	"unsplit": unsplitLocation,
	"slash":   slashLocation,
	"debian":  debianLocation,
	"front":   frontLocation,
	"stream":  streamLocation,
}

// startPair starts both and an nginx that has each location twice, as fpm-NAME and our-NAME.
func startPair(t *testing.T, fpmLines, ourLines []string) *pair {
	t.Helper()
	sb := newSandbox(t)
	p := &pair{t: t, sb: sb, fpm: startFPM(t, sb, fpmLines...), ours: startHowdah(t, sb, ourLines...)}
	var servers []server
	for name, place := range locations {
		servers = append(servers,
			server{name: "fpm-" + name, backend: p.fpm.socket, location: place},
			server{name: "our-" + name, backend: p.ours.socket, location: place})
	}
	p.nginx = startNginx(t, sb, servers...)
	return p
}

// compare sends the same raw request to php-fpm and to Howdah and fails the test where the answers differ. The answer of
// php-fpm, which must have the status and contain the proof that the request reached what the case is about, is returned.
// What each of them told nginx's error log is compared too.
func (p *pair) compare(t *testing.T, where, request string, status int, proof string) answer {
	t.Helper()
	want, wantLog := p.ask(t, "fpm-"+where, request)
	if !strings.HasPrefix(want.status, fmt.Sprintf("HTTP/1.1 %d", status)) {
		t.Errorf("php-fpm answers %q, want %d: the case does not show what it should", want.status, status)
	}
	if !strings.Contains(want.body+strings.Join(want.header, "\n"), proof) {
		t.Errorf("php-fpm's answer has no %q: the case does not show what it should\n%v\n%.700s", proof, want.header, want.body)
	}
	got, gotLog := p.ask(t, "our-"+where, request)
	if got.status != want.status {
		t.Errorf("status line %q, php-fpm's is %q", got.status, want.status)
	}
	diffLines(t, "header", comparableHeader(got), comparableHeader(want))
	diffBodies(t, got.body, want.body)
	diffLines(t, "nginx's log of it", gotLog, wantLog)
	return want
}

func (p *pair) ask(t *testing.T, name, request string) (answer, []string) {
	t.Helper()
	log := p.nginx.errorLog(name)
	before, err := os.Stat(log)
	if err != nil {
		t.Fatal(err)
	}
	a, err := exchange(p.nginx.socket(name), request, 30*time.Second)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	text := read(t, log)[before.Size():]
	return a, upstreamWords(text)
}

// said finds what a FastCGI server sent as FCGI_STDERR in nginx's error log. nginx writes it in one entry, or in several.
var said = regexp.MustCompile(`(?s)FastCGI sent in stderr: "(.*?)" while reading`)

// joined puts what php-fpm joins on lines of their own. Of a script that can't be read it says twice that it can't.
var joined = strings.NewReplacer("; PHP message: ", "\nPHP message: ", "PHP message: PHP Warning:  PHP Request Startup: Failed to open stream: Permission denied in Unknown on line 0; ", "")

// upstreamWords are the messages that came by FCGI_STDERR, one a line, without "PHP message: ". php-fpm joins messages with "; ",
// php-cgi ends each with a line end; neither is part of what PHP said. TestMessagesOfPHPReachNginxWithTheWordsOfPHPFPM has the prefix.
func upstreamWords(log string) []string {
	var words []string
	for _, match := range said.FindAllStringSubmatch(log, -1) {
		for _, line := range strings.Split(joined.Replace(match[1]), "\n") {
			if line = strings.TrimSuffix(strings.TrimPrefix(line, "PHP message: "), "; "); line != "" {
				words = append(words, line)
			}
		}
	}
	return words
}

// mayDiffer are the lines of report.php about what DESIGN.md lets differ (PHP_FCGI_*, PHP_INI_SCAN_DIR, the SAPI's name), about what
// differs between any two requests, and about the header Proxy: Howdah drops it, because php-cgi's getenv() would put it into
// $_SERVER as HTTP_PROXY, which php-fpm never does.
var mayDiffer = regexp.MustCompile(`^(SERVER|ENVIRONMENT|getenv)\[(PHP_FCGI_\w+|PHP_INI_SCAN_DIR|REQUEST_TIME|REQUEST_TIME_FLOAT|REMOTE_PORT)\] |^(HEADERS|APACHE)\[Proxy\] |^sapi |^(SERVER|ENVIRONMENT|getenv|HEADERS|APACHE) has `)

// sameNames gives the two sides' nginx sockets, which show in SERVER_ADDR, and random file names one name.
var sameNames = regexp.MustCompile(`nginx-(fpm|our)-|(phpsess|PHPSESSID=)\w+`)

func comparableBody(body string) []string {
	lines := strings.SplitAfter(body, "\n")
	lines = slices.DeleteFunc(lines, mayDiffer.MatchString)
	for i := range lines {
		lines[i] = sameNames.ReplaceAllString(lines[i], "NAME-")
	}
	return lines
}

// comparableHeader is without the date, and without the length of report.php, which has lines that may differ.
func comparableHeader(a answer) []string {
	header := slices.DeleteFunc(slices.Clone(a.header), func(line string) bool {
		return strings.HasPrefix(line, "Date: ") || strings.HasPrefix(line, "Content-Length: ") && strings.Contains(a.body, "\nsapi ")
	})
	for i := range header {
		header[i] = sameNames.ReplaceAllString(header[i], "NAME-")
	}
	return header
}

// diffBodies reports what differs between two pages, apart from what may.
func diffBodies(t *testing.T, got, want string) {
	t.Helper()
	if got != want { // large pages are equal, and slow to take apart
		diffLines(t, "body", comparableBody(got), comparableBody(want))
	}
}

// diffLines reports the lines that only one side has, in order, the first 20 of them.
func diffLines(t *testing.T, what string, got, want []string) {
	t.Helper()
	if slices.Equal(got, want) {
		return
	}
	var text strings.Builder
	shown := 0
	for i, j := 0, 0; (i < len(got) || j < len(want)) && shown < 20; {
		switch {
		case i < len(got) && j < len(want) && got[i] == want[j]:
			i, j = i+1, j+1
			continue
		case j < len(want) && (i == len(got) || !slices.Contains(got[i:], want[j])):
			fmt.Fprintf(&text, "\n  php-fpm: %.300q", want[j])
			j++
		default:
			fmt.Fprintf(&text, "\n  howdah:  %.300q", got[i])
			i++
		}
		shown++
	}
	t.Errorf("%s differs:%s", what, text.String())
}

// request builds a raw HTTP/1.1 request that closes the connection. Lines are further header lines.
func request(method, target, body string, lines ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: example.test\r\nConnection: close\r\n", method, target)
	for _, line := range lines {
		b.WriteString(line + "\r\n")
	}
	if body != "" {
		fmt.Fprintf(&b, "Content-Length: %d\r\n", len(body))
	}
	return b.String() + "\r\n" + body
}
