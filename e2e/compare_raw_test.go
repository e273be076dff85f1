package e2e

import (
	"slices"
	"strings"
	"testing"

	"howdah/internal/fcgi"
)

// rawComparison is one FastCGI request with parameters that nginx would not send, or other web servers do.
type rawComparison struct {
	name   string
	change []param // replaces parameters of sandbox.script, or adds; a name alone with gone takes it away
	body   string
	proof  string
}

const gone = "\x00gone"

var rawComparisons = []rawComparison{
	{"as it should be", nil, "", "SERVER[SCRIPT_NAME]"},
	{"without SCRIPT_FILENAME", []param{{"SCRIPT_FILENAME", gone}}, "", "Status: 404"},
	{"an empty SCRIPT_FILENAME", []param{{"SCRIPT_FILENAME", ""}}, "", "Status: 403"},
	{"PATH_TRANSLATED instead of SCRIPT_FILENAME", []param{{"SCRIPT_FILENAME", gone}, {"PATH_TRANSLATED", "SITE/report.php"}}, "", "SERVER["},
	{"without SCRIPT_NAME", []param{{"SCRIPT_NAME", gone}}, "", "SERVER["},
	{"without REQUEST_METHOD", []param{{"REQUEST_METHOD", gone}}, "", "Content-type"},
	{"an empty REQUEST_METHOD", []param{{"REQUEST_METHOD", ""}}, "", "SERVER["},
	{"without DOCUMENT_ROOT", []param{{"DOCUMENT_ROOT", gone}}, "", "SERVER["},
	{"without QUERY_STRING", []param{{"QUERY_STRING", gone}}, "", "SERVER["},
	{"without REQUEST_URI", []param{{"REQUEST_URI", gone}}, "", "SERVER["},
	{"nothing but the script", []param{{"SCRIPT_NAME", gone}, {"REQUEST_URI", gone}, {"DOCUMENT_ROOT", gone}, {"QUERY_STRING", gone},
		{"SERVER_PROTOCOL", gone}, {"GATEWAY_INTERFACE", gone}, {"SERVER_NAME", gone}, {"REMOTE_ADDR", gone}}, "", "SERVER["},
	{"an empty CONTENT_LENGTH", []param{{"CONTENT_LENGTH", ""}}, "", "SERVER[CONTENT_LENGTH] = \n"},
	{"CONTENT_LENGTH 0", []param{{"CONTENT_LENGTH", "0"}, {"REQUEST_METHOD", "POST"}}, "", "SERVER[CONTENT_LENGTH] = 0"},
	{"a body with its length", []param{{"CONTENT_LENGTH", "5"}, {"REQUEST_METHOD", "POST"}}, "a=b&c", "input 5 "},
	{"a form", []param{{"CONTENT_LENGTH", "7"}, {"REQUEST_METHOD", "POST"}, {"CONTENT_TYPE", "application/x-www-form-urlencoded"}}, "a=1&b=2", "POST[b] = 2"},
	{"of duplicates the last", []param{{"SCRIPT_FILENAME", "SITE/missing.php"}, {"SCRIPT_FILENAME", "SITE/report.php"}, {"HTTP_X", "1"}, {"HTTP_X", "2"}}, "", "HEADERS[X] = 2"},
	{"of duplicates the last, which is refused", []param{{"SCRIPT_FILENAME", "SITE/report.php"}, {"SCRIPT_FILENAME", "SITE/plain.txt"}}, "", "Status: 403"},
	{"HTTPS", []param{{"HTTPS", "on"}, {"REQUEST_SCHEME", "https"}, {"SERVER_PORT", "443"}}, "", "SERVER[HTTPS] = on"},
	{"REMOTE_USER and AUTH_TYPE", []param{{"REMOTE_USER", "fritz"}, {"AUTH_TYPE", "Basic"}}, "", "SERVER[REMOTE_USER] = fritz"},
	{"authorization", []param{{"HTTP_AUTHORIZATION", "Basic Zml0ejpwYXNz"}, {"REMOTE_USER", "x"}}, "", "SERVER[PHP_AUTH_USER] = fitz"},
	{"HTTP_PROXY", []param{{"HTTP_PROXY", "http://evil"}}, "", "getenv(HTTP_PROXY)"},
	{"PATH of the web server", []param{{"PATH", "/evil"}}, "", "SERVER[PATH] = %2Fevil"},
	{"HOME and USER of the web server", []param{{"HOME", "/evil"}, {"USER", "evil"}}, "", "SERVER[HOME] = "},
	{"a name of 300 bytes", []param{{strings.Repeat("N", 300), "v"}}, "", "SERVER[NNN"},
	{"a value of 60 kB", []param{{"BIG", strings.Repeat("v", 60000)}}, "", "SERVER[BIG] = vvv"},
	{"an empty name", []param{{"", "v"}}, "", "SERVER["},
	{"a value with zeros and line ends", []param{{"ODD", "a\x00b\r\nc"}}, "", "SERVER[ODD] = a"},
	{"a name with a dot and a space", []param{{"a.b c", "v"}}, "", "SERVER["},
	{"FCGI_ROLE of the web server", []param{{"FCGI_ROLE", "FILTER"}}, "", "SERVER[FCGI_ROLE]"},
	{"Apache's proxy:fcgi", []param{{"SCRIPT_FILENAME", "proxy:fcgi://localhostSITE/report.php"}}, "", "SERVER[SCRIPT_FILENAME] = %2F"},
	{"Apache's proxy:fcgi with a port", []param{{"SCRIPT_FILENAME", "proxy:fcgi://127.0.0.1:9000SITE/report.php"}}, "", "SERVER[SCRIPT_FILENAME] = %2F"},
	{"Apache's proxy:balancer", []param{{"SCRIPT_FILENAME", "proxy:balancer://clusterSITE/report.php"}}, "", "SERVER[SCRIPT_FILENAME] = %2F"},
	{"Apache's proxy:fcgi with a query", []param{{"SCRIPT_FILENAME", "proxy:fcgi://localhostSITE/report.php?a=b"}, {"QUERY_STRING", "a=b"}}, "", "GET[a] = b"},
	{"Apache's proxy:fcgi with path info", []param{{"SCRIPT_FILENAME", "proxy:fcgi://localhostSITE/report.php/p/q"}, {"SCRIPT_NAME", "/report.php"}, {"PATH_INFO", "/p/q"},
		{"REQUEST_URI", "/report.php/p/q"}}, "", "SERVER["},
	{"Apache's handler", []param{{"SCRIPT_FILENAME", "proxy:fcgi://localhostSITE/report.php"}, {"SCRIPT_NAME", "/report.php/p/q"}, {"PATH_INFO", "/p/q"},
		{"PATH_TRANSLATED", "SITE/p/q"}, {"REQUEST_URI", "/report.php/p/q"}}, "", "SERVER["},
	{"path info beside the whole SCRIPT_FILENAME", []param{{"SCRIPT_FILENAME", "SITE/report.php/p/q"}, {"SCRIPT_NAME", "/report.php/p/q"}, {"PATH_INFO", "/p/q"}}, "", "SERVER["},
	{"path info split off SCRIPT_NAME", []param{{"SCRIPT_FILENAME", "SITE/report.php/p/q"}, {"SCRIPT_NAME", "/report.php"}, {"PATH_INFO", "/p/q"}}, "", "SERVER["},
	{"a PATH_INFO shorter than what follows the script", []param{{"SCRIPT_FILENAME", "SITE/report.php/p/q/r/s/t"}, {"SCRIPT_NAME", "/report.php"}, {"PATH_INFO", "/"}}, "", "SERVER["},
	{"a PATH_INFO that is something else", []param{{"SCRIPT_FILENAME", "SITE/report.php/p"}, {"SCRIPT_NAME", "/report.php"}, {"PATH_INFO", "/somewhere/else/altogether"}}, "", "SERVER["},
	{"lighttpd's lone slash", []param{{"SCRIPT_FILENAME", "SITE/report.php/"}, {"SCRIPT_NAME", "/report.php"}, {"PATH_INFO", "/"}}, "", "SERVER["},
	{"dots in the path", []param{{"SCRIPT_FILENAME", "SITE/dir/../report.php"}}, "", "Status: 404"},
	{"dots in a file's name", []param{{"SCRIPT_FILENAME", "SITE/re..port.php"}}, "", "Status: 404"},
	{"a relative path", []param{{"SCRIPT_FILENAME", "report.php"}}, "", "Status: 404"},
	{"a path of 5,000 bytes", []param{{"SCRIPT_FILENAME", "SITE/" + strings.Repeat("long/", 1000) + "x.php"}}, "", "Status: 404"},
	{"a file as a folder", []param{{"SCRIPT_FILENAME", "SITE/plain.txt/x.php"}}, "", "Status: 403"},
	{"a secret that is no script", []param{{"SCRIPT_FILENAME", "/etc/hostname"}}, "", "Status: 403"},
	{"a device", []param{{"SCRIPT_FILENAME", "/dev/null"}}, "", "Status: "},
	{"many parameters", manyParams(1000), "", "SERVER[P_999] = 999"},
}

// Not among these: paths that are not lexically clean, and with a zero in them. Howdah refuses them (DESIGN.md fact 21), php-fpm runs
// what it makes of them.

func manyParams(n int) []param {
	var many []param
	for _, line := range numbered("P_%d:%d", n) {
		name, value, _ := strings.Cut(line, ":")
		many = append(many, param{name, value})
	}
	return many
}

// changed applies a comparison's change to params. SITE stands for the site's folder. Names that come twice stay twice.
func changed(params, change []param, site string) []param {
	named := func(name string) func(param) bool { return func(p param) bool { return p.name == name } }
	for _, c := range change {
		params = slices.DeleteFunc(params, named(c.name))
	}
	for _, c := range change {
		if c.value != gone {
			params = append(params, param{c.name, strings.ReplaceAll(c.value, "SITE", site)})
		}
	}
	return params
}

func TestOddParametersMeanWhatTheyMeanToPHPFPM(t *testing.T) {
	sb := newSandbox(t)
	reference := startFPM(t, sb)
	ours := startHowdah(t, sb)
	for _, flags := range []uint8{0, fcgi.FlagKeepConn} {
		for _, c := range rawComparisons {
			t.Run(c.name+map[uint8]string{0: "", 1: ", kept open"}[flags], func(t *testing.T) {
				params := changed(sb.script("GET", "report.php"), c.change, sb.path("site"))
				want := dialFastCGI(t, reference.socket).ask(flags, c.body, params...)
				if !strings.Contains(want.stdout, c.proof) {
					t.Errorf("php-fpm's answer has no %q: the case does not show what it should\n%.500q", c.proof, want.stdout)
				}
				got := dialFastCGI(t, ours.socket).ask(flags, c.body, params...)
				diffLines(t, "stdout", comparableBody(got.stdout), comparableBody(want.stdout))
				diffLines(t, "stderr", strings.Split(strings.TrimRight(got.stderr, "\n"), "\n"), strings.Split(want.stderr, "\n"))
				if got.status != want.status {
					t.Errorf("protocol status %d, php-fpm's is %d", got.status, want.status)
				}
			})
		}
	}
}
