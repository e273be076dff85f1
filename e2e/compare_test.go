package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// comparison is one request of which php-fpm and Howdah must make the same.
type comparison struct {
	name    string
	where   string // which location
	request string
	status  int
	proof   string // what php-fpm's answer contains: shows that the case is about what its name says
}

func get(target string, lines ...string) string { return request("GET", target, "", lines...) }

const form = "Content-Type: application/x-www-form-urlencoded"

// The comparisons of what a request looks like to PHP.
var requestComparisons = []comparison{
	{"a plain page", "plain", get("/report.php?a=1&b[]=2&b[]=3"), 200, "GET[b]"},
	{"the same through Debian's snippet", "debian", get("/report.php?x"), 200, "SERVER[PATH_INFO]"},
	{"path info, split by nginx", "split", get("/report.php/a/b%20c?x=y"), 200, "SERVER[PATH_INFO] = %2Fa%2Fb%20c"},
	{"path info, found by PHP", "walk", get("/report.php/a/b%20c?x=y"), 200, "SERVER[ORIG_SCRIPT_FILENAME]"},
	{"path info, found by PHP beside an empty PATH_INFO", "unsplit", get("/report.php/a/b%20c?x=y"), 200, "SERVER[ORIG_SCRIPT_FILENAME]"},
	{"a lone slash beside an empty PATH_INFO", "unsplit", get("/report.php/"), 200, "SERVER[ORIG_SCRIPT_FILENAME]"},
	{"no path info beside an empty PATH_INFO", "unsplit", get("/report.php"), 200, "SERVER[SCRIPT_NAME] = %2Freport.php"},
	{"a slash too many", "slash", get("/report.php"), 200, "SERVER[SCRIPT_FILENAME] = %2Ftmp"},
	{"a slash too many, with path info", "slash", get("/report.php/a"), 200, "SERVER[ORIG_SCRIPT_FILENAME]"},
	{"path info by Debian's snippet", "debian", get("/report.php/a/b"), 200, "SERVER[PATH_INFO] = %2Fa%2Fb"},
	{"a lone slash as path info, split", "split", get("/report.php/"), 200, "SERVER[PATH_INFO] = %2F"},
	{"a lone slash as path info, found", "walk", get("/report.php/"), 200, "SERVER[ORIG_SCRIPT_FILENAME]"},
	{"two slashes as path info", "split", get("/report.php//"), 200, "SERVER[REQUEST_URI] = %2Freport.php%2F%2F"},
	{"path info that looks like a script", "walk", get("/report.php/other.php"), 200, "SERVER[ORIG_SCRIPT_FILENAME]"},
	{"path info without a match", "split", get("/report.php"), 200, "SERVER[PATH_INFO] = \n"},
	{"a front controller", "front", get("/any/where?q=1"), 200, "SERVER[PATH_INFO] = %2Fany%2Fwhere"},
	{"a front controller by try_files", "plain", get("/no/such/page?q=1"), 200, "index /no/such/page?q=1 /index.php"},
	{"the index of a folder", "plain", get("/dir/"), 200, "index of dir"},
	{"an empty query", "plain", get("/report.php?"), 200, "SERVER[QUERY_STRING] = \n"},
	{"a query with odd bytes", "plain", get("/report.php?a=%00%ff&%c3%a4=%e2%82%ac+x&&=&b"), 200, "GET["},
	{"a query that is not encoded", "plain", get("/report.php?a=\xff'\"<>{}|&b=ü"), 200, "GET[b]"},
	{"a very long query", "plain", get("/report.php?" + strings.Repeat("x", 7000)), 200, "xxxx"},
	{"double slashes in the path", "plain", get("//report.php"), 200, "SERVER[REQUEST_URI] = %2F%2Freport.php"},
	{"a dot in the path", "plain", get("/./dir/../report.php"), 200, "SERVER[REQUEST_URI] = %2F.%2Fdir"},
	{"an encoded slash", "split", get("/report.php%2fa%2fb"), 200, "SERVER[PATH_INFO] = %2Fa%2Fb"},
	{"an encoded letter in the script", "plain", get("/r%65port.php"), 200, "SERVER[REQUEST_URI] = %2Fr%2565port.php"},
	{"an encoded zero in the path", "split", get("/report.php/a%00b"), 400, ""},
	{"unicode in the path info", "split", get("/report.php/ü/%e2%82%ac"), 200, "SERVER[PATH_INFO] = %2F%C3%BC%2F%E2%82%AC"},
	{"a path info of 3 kB", "split", get("/report.php/" + strings.Repeat("ab/", 1000)), 200, "SERVER[PATH_INFO] = %2Fab"},
	{"a path info of 3 kB, found", "walk", get("/report.php/" + strings.Repeat("ab/", 1000)), 200, "SERVER[ORIG_SCRIPT_FILENAME]"},
	{"a line end in the path info", "split", get("/report.php/a%0ab"), 200, ""},
	{"an absolute request target", "plain", get("http://other.test/report.php?abs"), 200, "abs"},
	{"many headers, some odd", "plain", get("/report.php", "X-One: 1", "X-One: 2", "x-lower-Case: v", "X-Empty:", "Proxy: http://evil",
		"Accept-Language: de, en;q=0.5", "User-Agent: e2e \xff", "X-Long: "+strings.Repeat("y", 3000)), 200, "HEADERS[X-One]"},
	{"sixty headers", "plain", get("/report.php", numbered("X-Number-%d: %d", 60)...), 200, "HTTP_X_NUMBER_59"},
	{"basic authentication", "plain", get("/report.php", "Authorization: Basic dXNlcjpzZWNyZXQ6eA=="), 200, "SERVER[PHP_AUTH_PW] = secret%3Ax"},
	{"digest authentication", "plain", get("/report.php", `Authorization: Digest username="u", realm="r"`), 200, "SERVER[PHP_AUTH_DIGEST]"},
	{"bearer authentication", "plain", get("/report.php", "Authorization: Bearer abc"), 200, "HTTP_AUTHORIZATION"},
	{"cookies", "plain", get("/report.php", "Cookie: a=1; b=2%203; a=4; c; =d; e[f]=g"), 200, "COOKIE[b] = 2%203"},
	{"HTTP/1.0 without Host", "plain", "GET /report.php HTTP/1.0\r\n\r\n", 200, "SERVER[SERVER_PROTOCOL] = HTTP%2F1.0"},
	{"a form", "plain", request("POST", "/report.php?q=1", "a=1&b%5B%5D=2&c=+%2B", form), 200, "POST[c]"},
	{"JSON", "plain", request("POST", "/report.php", `{"a":1}`, "Content-Type: application/json"), 200, "input 7 "},
	{"a body without a type", "plain", request("POST", "/report.php", "anything"), 200, "input 8 "},
	{"POST without a body", "plain", request("POST", "/report.php", "", "Content-Length: 0"), 200, "SERVER[CONTENT_LENGTH] = 0"},
	{"GET with a body", "plain", request("GET", "/report.php", "body of a GET"), 200, "input 13 "},
	{"PUT", "plain", request("PUT", "/report.php", "put\x00this", "Content-Type: text/plain"), 200, "input 8 "},
	{"PATCH", "plain", request("PATCH", "/report.php", "a=b", form), 200, "SERVER[REQUEST_METHOD] = PATCH"},
	{"DELETE", "plain", request("DELETE", "/report.php/1", ""), 200, ""},
	{"DELETE with a body", "split", request("DELETE", "/report.php/1", "x"), 200, "SERVER[REQUEST_METHOD] = DELETE"},
	{"OPTIONS", "plain", request("OPTIONS", "/report.php", ""), 200, "SERVER[REQUEST_METHOD] = OPTIONS"},
	{"a method of its own", "plain", request("PROPFIND", "/report.php", ""), 200, "SERVER[REQUEST_METHOD] = PROPFIND"},
	{"HEAD", "plain", request("HEAD", "/report.php", ""), 200, ""},
	{"HEAD of a large page", "plain", request("HEAD", "/big.php?bytes=300000", ""), 200, ""},
	{"a chunked body", "plain", "POST /report.php HTTP/1.1\r\nHost: example.test\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n" + form +
		"\r\n\r\n3\r\na=1\r\n4\r\n&b=2\r\n0\r\n\r\n", 200, "POST[b] = 2"},
	{"a body that nginx does not buffer", "stream", request("POST", "/report.php", strings.Repeat("z", 100000)), 200, "input 100000 "},
	{"settings from .user.ini", "plain", get("/userini/"), 200, "prepended 77M 3K 1"},
	{"a body above .user.ini's post_max_size", "plain", request("POST", "/userini/", "a="+strings.Repeat("x", 5000), form), 200, "77M"},
	{"a body above post_max_size", "plain", request("POST", "/upload.php", "a="+strings.Repeat("x", 9<<20), form), 200, "input "},
	{"1,200 variables", "plain", request("POST", "/report.php", strings.Repeat("v[]=1&", 1200), form), 200, "POST[v]"},
}

// The comparisons of what an answer looks like to nginx and to the client.
var answerComparisons = []comparison{
	{"200 by code", "plain", get("/status.php?status=200"), 200, "status is 200"},
	{"404 by code", "plain", get("/status.php?status=404"), 404, "status is 404"},
	{"418, which PHP has no name for", "plain", get("/status.php?status=418"), 418, "status is 418"},
	{"299", "plain", get("/status.php?status=299"), 299, "status is 299"},
	{"500", "plain", get("/status.php?status=500"), 500, "status is 500"},
	{"503 by the status line", "plain", get("/status.php?status=503&by=line"), 503, "status is 503"},
	{"410 without a reason", "plain", get("/status.php?status=410&by=short"), 410, "status is 410"},
	{"a Status header", "plain", get("/status.php?status=403&by=status"), 403, "status is "},
	{"201 by header's third argument", "plain", get("/status.php?status=201&by=third"), 201, "X-Third: 1"},
	{"204", "plain", get("/status.php?status=204"), 204, ""},
	{"304", "plain", get("/status.php?status=304"), 304, ""},
	{"999", "plain", get("/status.php?status=999"), 999, ""},
	{"100 as the status", "stream", get("/status.php?status=100"), 100, ""},
	{"103 as the status", "stream", get("/status.php?status=103"), 103, ""},
	{"a redirect within the site", "plain", get("/redirect.php"), 302, "Location: /hello.php"},
	{"a redirect to elsewhere", "plain", get("/redirect.php?kind=absolute"), 302, "a=b"},
	{"303", "plain", get("/redirect.php?kind=see"), 303, "Location:"},
	{"201 with a Location", "plain", get("/redirect.php?kind=created"), 201, "Location:"},
	{"a refresh", "plain", get("/redirect.php?kind=refresh"), 200, "Refresh: 5"},
	{"cookies and repeated headers", "plain", get("/cookies.php", "Cookie: b=1; a=2"), 200, "X-Twice: two"},
	{"removed headers", "plain", get("/headers.php"), 200, "X-Keep: 1"},
	{"no headers at all", "plain", get("/headers.php?none"), 200, ""},
	{"a content type with a charset", "plain", get("/headers.php?type=text/csv;charset=latin1"), 200, "text/csv"},
	{"a content length of its own", "plain", get("/headers.php?length=13"), 200, "Content-Length: 13"},
	{"a header callback", "plain", get("/headers.php?callback"), 200, "X-Callback: called"},
	{"an empty page", "plain", get("/nothing.php"), 200, ""},
	{"a page that returns at once", "plain", get("/empty.php"), 200, ""},
	{"output of one byte", "plain", get("/big.php?bytes=1"), 200, ""},
	{"output around a record's size", "plain", get("/big.php?bytes=65535&chunk=65535"), 200, ""},
	{"output of 5 MB", "plain", get("/big.php?bytes=5000000"), 200, "00000001"},
	{"output of 3 MB in small flushed pieces", "stream", get("/big.php?bytes=3000000&chunk=1000&flush"), 200, "00000001"},
	{"a session", "plain", get("/session.php"), 200, "Set-Cookie: PHPSESSID="},
	{"an open file for a form with a name that PHP changes", "plain", request("POST", "/report.php", "a.b=1&c d=2&e[=3", form), 200, "POST[a_b]"},
}

// The comparisons of scripts that go wrong.
func errorComparisons() []comparison {
	var all []comparison
	for kind, proof := range map[string]string{
		"notice": "after", "warning": "after", "deprecated": "after", "user": "after", "many": "after", "fatal": "", "memory": "", "type": "",
		"exception": "", "parse": "", "include": "", "log": "after", "exit0": "", "exit3": "", "exit255": "", "text": "last words",
		"timeout": "", "class": "",
	} {
		status := 500
		switch kind {
		case "notice", "warning", "deprecated", "user", "many", "log", "exit0", "exit3", "exit255", "text":
			status = 200
		}
		all = append(all, comparison{"hidden " + kind, "plain", get("/errors.php?kind=" + kind), status, proof})
		if kind != "timeout" { // a second each
			all = append(all,
				comparison{"shown " + kind, "plain", get("/errors.php?show&kind=" + kind), 200, proof},
				comparison{"shown in HTML " + kind, "plain", get("/errors.php?show&html&kind=" + kind), 200, proof},
				comparison{"after output " + kind, "plain", get("/errors.php?before&kind=" + kind), 200, "before"})
		}
	}
	return append(all,
		comparison{"a script that does not parse", "plain", get("/errors/parse.php"), 500, ""},
		comparison{"a script that does not parse, shown", "plain", get("/shown/parse.php"), 200, "Parse error"})
}

// The comparisons of requests for what is not there or must not run.
var refusalComparisons = []comparison{
	{"a script that is not there", "plain", get("/missing.php"), 404, "File not found."},
	{"a script that is not there, with path info", "split", get("/missing.php/a"), 404, "File not found."},
	{"a file that is not there", "walk", get("/missing"), 404, "File not found."},
	{"a folder", "walk", get("/dir"), 403, "Access denied."},
	{"a folder with a slash", "walk", get("/dir/"), 404, "File not found."},
	{"the root", "walk", get("/"), 404, "File not found."},
	{"a text file", "walk", get("/plain.txt"), 403, "Access denied."},
	{"an image with PHP in it", "walk", get("/evil.jpg"), 403, "Access denied."},
	{"an image with PHP in it and a script as path info", "walk", get("/evil.jpg/x.php"), 403, "Access denied."},
	{"the same, split by nginx", "split", get("/evil.jpg/x.php"), 403, "Access denied."},
	{"the same in a plain location", "plain", get("/evil.jpg/x.php"), 403, "Access denied."},
	{"an extension that is not allowed", "walk", get("/other.phtml"), 403, "Access denied."},
	{"the extension in capitals", "walk", get("/hello.PHP"), 404, "File not found."},
	{"a path info with dots", "split", get("/hello.php/%2e%2e%2fx"), 404, ""},
	{"a file that the worker can't read", "plain", get("/unreadable.php"), 403, "Access denied."},
	{"a script in a folder that the worker can't enter", "plain", get("/closed/hello.php"), 404, "File not found."},
	{"a symlink to a script", "plain", get("/link.php"), 200, "hello"},
	{"a symlink to nowhere", "plain", get("/dangling.php"), 404, "File not found."},
	{"a symlink to a text file", "plain", get("/disguised.php"), 200, "plain text"},
}

func TestPHPSeesEveryRequestAsUnderPHPFPM(t *testing.T) {
	p := startPair(t, nil, nil)
	p.compareAll(t, requestComparisons)
}

func TestClientSeesEveryAnswerAsFromPHPFPM(t *testing.T) {
	p := startPair(t, nil, nil)
	p.compareAll(t, answerComparisons)
}

func TestScriptsGoWrongAsUnderPHPFPM(t *testing.T) {
	p := startPair(t, nil, nil)
	p.compareAll(t, errorComparisons())
}

func TestRefusalsAreThoseOfPHPFPM(t *testing.T) {
	p := startPair(t, nil, nil)
	p.refusedFiles(t)
	p.compareAll(t, refusalComparisons)
}

func (p *pair) compareAll(t *testing.T, cases []comparison) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { p.compare(t, c.where, c.request, c.status, c.proof) })
	}
}

func numbered(format string, n int) []string {
	var lines []string
	for i := range n {
		lines = append(lines, fmt.Sprintf(format, i, i))
	}
	return lines
}

// People grep for these words.
func TestMessagesOfPHPReachNginxWithTheWordsOfPHPFPM(t *testing.T) {
	p := startPair(t, nil, nil)
	for _, side := range []string{"fpm-plain", "our-plain"} {
		if _, err := exchange(p.nginx.socket(side), get("/errors.php?kind=warning"), 10*time.Second); err != nil {
			t.Fatal(err)
		}
		if log := read(t, p.nginx.errorLog(side)); !strings.Contains(log, `FastCGI sent in stderr: "PHP message: PHP Warning:  file_get_contents(/nonexistent)`) {
			t.Errorf("%s: nginx's log says %q", side, log)
		}
	}
}
