package fcgiserver

import (
	"fmt"
	"strings"
	"testing"
)

// hiddenRedirect is the one thing that differs from php-fpm: where php-cgi would run another script on account of REDIRECT_URL,
// getenv() does not find it. $_SERVER has it.
const hiddenRedirect = "getenv REDIRECT_URL=false\n"

// TestPHPSeesWhatPHPFPMShowsIt sends the same variables to php-fpm, and through our rewriting to php-cgi.
func TestPHPSeesWhatPHPFPMShowsIt(t *testing.T) {
	site := phpSite(t)
	p := startPHP(t, site)
	base := nginxParams(site, "/dump.php", "", "a=b")
	for _, changes := range pathForms {
		t.Run(strings.Join(changes, " "), func(t *testing.T) {
			var own []string
			for _, c := range changes {
				own = append(own, strings.ReplaceAll(c, "SITE", site))
			}
			pairs := altered(base, own...)
			body := ""
			for i := 0; i < len(pairs); i += 2 {
				if pairs[i] == "BODY" {
					body = pairs[i+1]
					pairs = append(pairs[:i], pairs[i+2:]...)
					break
				}
			}
			request := records{}.begin(1, 0).params(1, pairs...).stdin(1, body)
			keeping := records{}.begin(1, 1).params(1, pairs...).stdin(1, body)
			want, got := p.fromFPM(request), p.fromUs(keeping)
			if got.stdout = strings.Replace(got.stdout, hiddenRedirect, "", 1); got != want {
				t.Error(difference(got, want))
			}
		})
	}
}

// TestPHPSeesTheVariablesThatPHPFPMSees is for what can't be written as a change of one variable.
func TestPHPSeesTheVariablesThatPHPFPMSees(t *testing.T) {
	site := phpSite(t)
	p := startPHP(t, site)
	base := nginxParams(site, "/dump.php", "", "")
	var many []string
	for i := range 500 {
		many = append(many, fmt.Sprint("HTTP_X_", i), strings.Repeat("v", i))
	}
	for name, more := range map[string][]string{
		"a script twice":       {"SCRIPT_FILENAME", site + "/nothing.php", "SCRIPT_FILENAME", site + "/index.php"},
		"a script thrice":      {"SCRIPT_FILENAME", site + "/index.php", "SCRIPT_FILENAME", site + "/image.jpg"},
		"a method twice":       {"REQUEST_METHOD", "HEAD"},
		"others twice":         {"A", "1", "B", "2", "A", "3", "HTTP_HOST", "evil"},
		"500 more":             many,
		"a long value":         {"HTTP_COOKIE", strings.Repeat("c", 60000)},
		"binary":               {"BINARY", "\xff\xfe\x01\n\r\t", "B\xffN", "x"},
		"path info twice":      {"SCRIPT_FILENAME", site + "/dump.php/a/b", "PATH_INFO", "/no", "PATH_INFO", "/dump.php/a/b"},
		"names that PHP cuts":  {"A[b", "1", "A]b", "2", "A[b]", "3", "A.b", "4", " A", "5"},
		"variables of FastCGI": {"FCGI_ROLE", "X", "FCGI_ROLE", "Y"},
	} {
		t.Run(name, func(t *testing.T) {
			pairs := append(base[:len(base):len(base)], more...)
			want := p.fromFPM(records{}.begin(1, 0).params(1, pairs...).stdin(1, ""))
			got := p.fromUs(records{}.begin(1, 1).params(1, pairs...).stdin(1, ""))
			if got != want {
				t.Error(difference(got, want))
			}
		})
	}
}

// difference shows the lines of two answers that differ, ours first.
func difference(got, want answer) string {
	var b strings.Builder
	if got.stderr != want.stderr {
		fmt.Fprintf(&b, "STDERR %q\n  want %q\n", got.stderr, want.stderr)
	}
	if got.end != want.end {
		fmt.Fprintf(&b, "end %+v\nwant %+v\n", got.end, want.end)
	}
	ours, theirs := strings.Split(got.stdout, "\n"), strings.Split(want.stdout, "\n")
	left := map[string]int{}
	for _, line := range theirs {
		left[line]++
	}
	same := true
	for _, line := range ours {
		if left[line]--; left[line] < 0 {
			same = false
			fmt.Fprintf(&b, "ours:    %.200q\n", line)
		}
	}
	clear(left)
	for _, line := range ours {
		left[line]++
	}
	for _, line := range theirs {
		if left[line]--; left[line] < 0 {
			same = false
			fmt.Fprintf(&b, "php-fpm: %.200q\n", line)
		}
	}
	if same && got.stdout != want.stdout {
		fmt.Fprintf(&b, "the order differs:\n%s\n%s\n", names(ours), names(theirs))
	}
	return b.String()
}

func names(lines []string) string {
	var all []string
	for _, line := range lines {
		name, _, _ := strings.Cut(line, "=")
		all = append(all, name)
	}
	return strings.Join(all, " ")
}

// pathForms are changes to the variables of a usual request of nginx. SITE stands for the site's directory.
var pathForms = [][]string{
	{},
	{"SCRIPT_FILENAME=SITE/dump.php", "-PATH_INFO"},
	{"PATH_INFO=/x", "REQUEST_URI=/dump.php/x"},                                  // nginx split it
	{"SCRIPT_FILENAME=SITE/dump.php/x", "SCRIPT_NAME=/dump.php/x", "-PATH_INFO"}, // nginx did not
	{"SCRIPT_FILENAME=SITE/dump.php/x", "SCRIPT_NAME=/dump.php/x", "PATH_INFO="},
	{"SCRIPT_FILENAME=SITE/dump.php/x", "SCRIPT_NAME=/dump.php/x", "PATH_INFO=/x"},
	{"SCRIPT_FILENAME=SITE/dump.php/x", "SCRIPT_NAME=/dump.php", "PATH_INFO=/x"},
	{"SCRIPT_FILENAME=SITE/dump.php/x", "SCRIPT_NAME=/dump.php/x", "PATH_INFO=/dump.php/x"},
	{"SCRIPT_FILENAME=SITE/dump.php/x", "SCRIPT_NAME=/dump.php", "PATH_INFO=/dump.php/x"},
	{"SCRIPT_FILENAME=SITE/dump.php/x", "SCRIPT_NAME=/other", "PATH_INFO=/dump.php/x"},
	{"SCRIPT_FILENAME=SITE/dump.php/x", "-SCRIPT_NAME", "PATH_INFO=/dump.php/x"},
	{"SCRIPT_FILENAME=SITE/dump.php/x", "-SCRIPT_NAME", "-PATH_INFO"},
	{"SCRIPT_FILENAME=SITE/dump.php/x/y/z", "SCRIPT_NAME=/dump.php/x/y/z", "PATH_INFO=/y/z"},
	{"SCRIPT_FILENAME=SITE/dump.php/x", "PATH_INFO=/longer/than/the/rest"},
	{"SCRIPT_FILENAME=SITE/dump.php/", "SCRIPT_NAME=/dump.php/"},
	{"SCRIPT_FILENAME=SITE/dump.php/", "SCRIPT_NAME=/dump.php/", "PATH_INFO=/dump.php/"},
	{"SCRIPT_FILENAME=SITE/dump.php//", "SCRIPT_NAME=/dump.php//", "PATH_INFO=/dump.php//"},
	{"SCRIPT_FILENAME=SITE/dump.php/x//y/", "SCRIPT_NAME=/dump.php/x//y/", "PATH_INFO=/dump.php/x//y/"},
	{"SCRIPT_FILENAME=SITE/dump.php/.", "PATH_INFO=/dump.php/."},
	{"SCRIPT_FILENAME=SITE/dump.php/..", "PATH_INFO=/dump.php/.."},
	{"SCRIPT_FILENAME=SITE/dump.php/../x", "PATH_INFO=/dump.php/../x"},
	{"SCRIPT_FILENAME=SITE/dir/../dump.php"},
	{"SCRIPT_FILENAME=SITE/dir/../dump.php/x", "PATH_INFO=/dir/../dump.php/x"},
	{"SCRIPT_FILENAME=SITE/./dump.php"},
	{"SCRIPT_FILENAME=SITE//dump.php"},
	{"SCRIPT_FILENAME=SITE//dump.php/x", "PATH_INFO=/dump.php/x"},
	{"SCRIPT_FILENAME=SITE/dump.php/x", "-DOCUMENT_ROOT"},
	{"SCRIPT_FILENAME=SITE/dump.php/x", "-DOCUMENT_ROOT", "-PATH_INFO"},
	{"SCRIPT_FILENAME=SITE/dump.php/x", "-DOCUMENT_ROOT", "SCRIPT_NAME=/dump.php", "PATH_INFO=/dump.php/x"},
	{"SCRIPT_FILENAME=SITE/dump.php/x", "-DOCUMENT_ROOT", "SCRIPT_NAME=/dump.php/x", "PATH_INFO=/dump.php/x"},
	{"SCRIPT_FILENAME=SITE/dump.php/x", "-DOCUMENT_ROOT", "SCRIPT_NAME=/", "PATH_INFO=/dump.php/x"},
	{"SCRIPT_FILENAME=SITE/dump.php/x", "-DOCUMENT_ROOT", "SCRIPT_NAME=", "PATH_INFO=/dump.php/x"},
	{"SCRIPT_FILENAME=SITE/dump.php/x", "-DOCUMENT_ROOT", "SCRIPT_NAME=tmp", "PATH_INFO=/dump.php/x"},
	{"SCRIPT_FILENAME=SITE/dump.php/x", "-DOCUMENT_ROOT", "-SCRIPT_NAME", "PATH_INFO=/dump.php/x"},
	{"SCRIPT_FILENAME=SITE/dump.php/x", "DOCUMENT_ROOT=SITE/", "PATH_INFO=/dump.php/x"},
	{"SCRIPT_FILENAME=SITE/dump.php/x", "DOCUMENT_ROOT=/", "PATH_INFO=/dump.php/x"},
	{"SCRIPT_FILENAME=SITE/dump.php/x", "DOCUMENT_ROOT=", "PATH_INFO=/dump.php/x"},
	{"SCRIPT_FILENAME=SITE/dump.php/x", "DOCUMENT_ROOT=SITE//", "-PATH_INFO"},
	{"SCRIPT_FILENAME=SITE/dump.php/x", "PATH_TRANSLATED=SITE/x", "PATH_INFO=/dump.php/x"},
	{"SCRIPT_FILENAME=SITE/dump.php/x", "PATH_TRANSLATED=SITE/x", "PATH_INFO=/x"},
	{"SCRIPT_FILENAME=SITE/dump.php/x", "PATH_TRANSLATED=SITE/x", "-DOCUMENT_ROOT", "PATH_INFO=/x"},
	{"PATH_TRANSLATED=SITE/x", "PATH_INFO=/x"},
	{"PATH_TRANSLATED=SITE"},

	// the directory's index by nginx; front controllers
	{"SCRIPT_FILENAME=SITE/dir/index.php", "SCRIPT_NAME=/dir/index.php", "REQUEST_URI=/dir/"},
	{"SCRIPT_FILENAME=SITE/index.php", "SCRIPT_NAME=/index.php", "REQUEST_URI=/no/such/page?x=1", "PATH_INFO=/no/such/page"},
	{"SCRIPT_FILENAME=SITE/app/public/index.php", "SCRIPT_NAME=/index.php", "DOCUMENT_ROOT=SITE/app/public", "REQUEST_URI=/users/1", "PATH_INFO="},
	{"SCRIPT_FILENAME=SITE/index.php/users/1", "SCRIPT_NAME=/index.php/users/1", "PATH_INFO=/index.php/users/1"},
	{"SCRIPT_FILENAME=SITE/dir/a.b/x.y.php/c.d/e", "SCRIPT_NAME=/dir/a.b/x.y.php/c.d/e", "PATH_INFO=/dir/a.b/x.y.php/c.d/e"},

	// Apache's mod_proxy_fcgi: SetHandler, ProxyPass, ProxyPassMatch, balancer
	{"SCRIPT_FILENAME=proxy:fcgi://localhostSITE/dump.php", "SERVER_SOFTWARE=Apache/2.4", "-PATH_INFO"},
	{"SCRIPT_FILENAME=proxy:fcgi://localhost:9000SITE/dump.php", "-PATH_INFO"},
	{"SCRIPT_FILENAME=proxy:fcgi://[::1]:9000SITE/dump.php", "-PATH_INFO"},
	{"SCRIPT_FILENAME=proxy:fcgi:///dev/null", "-PATH_INFO"},
	{"SCRIPT_FILENAME=proxy:balancer://phpSITE/dump.php", "-PATH_INFO"},
	{"SCRIPT_FILENAME=PROXY:FCGI://localhostSITE/dump.php", "-PATH_INFO"},
	{"SCRIPT_FILENAME=Proxy:Balancer://localhostSITE/dump.php", "-PATH_INFO"},
	{"SCRIPT_FILENAME=proxy:fcgi://localhostSITE/dump.php?a=b", "-PATH_INFO"},
	{"SCRIPT_FILENAME=proxy:fcgi://localhostSITE/qu?ery.php", "-PATH_INFO"},
	{"SCRIPT_FILENAME=proxy:fcgi://localhost", "-PATH_INFO"},
	{"SCRIPT_FILENAME=proxy:fcgi://", "-PATH_INFO"},
	{"SCRIPT_FILENAME=proxy:fcgi://localhost?/x", "-PATH_INFO"},
	{"SCRIPT_FILENAME=proxy:fcgi://proxy:balancer://hostSITE/dump.php", "-PATH_INFO"},
	{"SCRIPT_FILENAME=proxy:fcgi://localhost/proxy:balancer://hostSITE/dump.php", "-PATH_INFO"},
	{"SCRIPT_FILENAME=proxy:http://localhostSITE/dump.php", "-PATH_INFO"},
	{"SCRIPT_FILENAME=proxy:fcgi://localhostSITE/dump.php/x", "SCRIPT_NAME=/dump.php", "PATH_INFO=/x"},
	{"SCRIPT_FILENAME=proxy:fcgi://localhostSITE/dump.php/x", "SCRIPT_NAME=/dump.php/x", "-PATH_INFO"},
	{"SCRIPT_FILENAME=proxy:fcgi://localhostSITE/dump.php/x?q", "SCRIPT_NAME=/dump.php/x", "-PATH_INFO"},
	{"SCRIPT_FILENAME=proxy:fcgi://localhostSITE/dump.php/x", "SCRIPT_NAME=/x", "-PATH_INFO"},
	{"SCRIPT_FILENAME=proxy:fcgi://localhostSITE/dump.php/x", "SCRIPT_NAME=x", "-PATH_INFO"},
	{"SCRIPT_FILENAME=proxy:fcgi://localhostSITE/dump.php/x", "SCRIPT_NAME=/alias", "-PATH_INFO"},
	{"SCRIPT_FILENAME=proxy:fcgi://localhostSITE/dump.php/x", "-SCRIPT_NAME", "-PATH_INFO"},
	{"SCRIPT_FILENAME=proxy:fcgi://localhostSITE/dump.php/x", "SCRIPT_NAME=/dump.php", "PATH_INFO=/y"},
	{"SCRIPT_FILENAME=proxy:fcgi://localhostSITE/dump.php/x", "SCRIPT_NAME=/dump.php/x", "PATH_INFO=/dump.php/x"},
	{"SCRIPT_FILENAME=proxy:fcgi://localhostSITE/dump.php/x", "SCRIPT_NAME=/dump.php", "PATH_INFO=/x", "PATH_TRANSLATED=SITE/x"},
	{"SCRIPT_FILENAME=proxy:fcgi://localhostSITE/dump.php/", "SCRIPT_NAME=/dump.php/", "-PATH_INFO"},
	{"SCRIPT_FILENAME=proxy:fcgi://localhostSITE/dump.php/x", "SCRIPT_NAME=/dump.php/x", "-PATH_INFO", "-DOCUMENT_ROOT"},
	{"SCRIPT_FILENAME=proxy:fcgi://localhostSITE/dump.php/a/b%20c", "SCRIPT_NAME=/dump.php/a/b c", "-PATH_INFO"},
	{"SCRIPT_FILENAME=proxy:fcgi://localhostSITE/dump.php/a/b%20c", "SCRIPT_NAME=/dump.php/a/b%20c", "-PATH_INFO"},
	{"SCRIPT_FILENAME=proxy:fcgi://localhostSITE/dump.php/a/b%20c", "SCRIPT_NAME=/dump.php", "PATH_INFO=/a/b c"},
	{"SCRIPT_FILENAME=proxy:fcgi://localhostSITE/dump.php/a/b%20c", "SCRIPT_NAME=/dump.php", "PATH_INFO=/a/b%20c"},
	{"SCRIPT_FILENAME=proxy:fcgi://localhostSITE/dump.php/%41%", "SCRIPT_NAME=/dump.php/A%", "-PATH_INFO"},
	{"SCRIPT_FILENAME=proxy:fcgi://localhostSITE/dump.php/%2f+%zz", "SCRIPT_NAME=/dump.php//+%zz", "-PATH_INFO"},
	{"SCRIPT_FILENAME=proxy:fcgi://localhostSITE/dump.php/%00x", "SCRIPT_NAME=/dump.php/", "-PATH_INFO"},
	{"SCRIPT_FILENAME=proxy:fcgi://localhostSITE/dump.php%2fx", "SCRIPT_NAME=/dump.php/x", "-PATH_INFO"},
	{"SCRIPT_FILENAME=proxy:fcgi://localhostSITE/with%20space.php/%20x", "SCRIPT_NAME=/with space.php/ x", "-PATH_INFO"},
	{"SCRIPT_FILENAME=proxy:fcgi://localhostSITE/with%20space.php", "SCRIPT_NAME=/with space.php", "-PATH_INFO"},
	{"SCRIPT_FILENAME=proxy:fcgi://localhostSITE/per%2fcent.php", "SCRIPT_NAME=/per%2fcent.php", "-PATH_INFO"},
	{"SCRIPT_FILENAME=proxy:fcgi://localhostSITE/dump.php?a=b%20c", "SCRIPT_NAME=/dump.php", "-PATH_INFO"},
	{"SCRIPT_FILENAME=proxy:fcgi://localhostSITE/dir/../dump.php", "-PATH_INFO"},
	{"SCRIPT_FILENAME=proxy:fcgi://localhostSITE/nothing.php", "-PATH_INFO"},
	{"SCRIPT_FILENAME=proxy:fcgi://localhostSITE/image.jpg/x.php", "-PATH_INFO"},

	// Apache's rewriting sets REDIRECT_URL, path info sets PATH_TRANSLATED
	{"SCRIPT_FILENAME=proxy:fcgi://localhostSITE/index.php", "SCRIPT_NAME=/index.php", "REDIRECT_URL=/users/1", "-PATH_INFO"},
	{"SCRIPT_FILENAME=proxy:fcgi://localhostSITE/index.php", "SCRIPT_NAME=/index.php", "REDIRECT_URL=/users/1", "PATH_INFO=/users/1", "PATH_TRANSLATED=SITE/users/1"},
	{"SCRIPT_FILENAME=proxy:fcgi://localhostSITE/index.php/users/1", "SCRIPT_NAME=/index.php", "REDIRECT_URL=/users/1", "PATH_INFO=/users/1", "PATH_TRANSLATED=SITE/users/1"},
	{"SCRIPT_FILENAME=proxy:fcgi://localhostSITE/index.php/image.jpg", "SCRIPT_NAME=/index.php", "REDIRECT_URL=/image.jpg", "PATH_INFO=/image.jpg", "PATH_TRANSLATED=SITE/image.jpg"},
	{"SCRIPT_FILENAME=proxy:fcgi://localhostSITE/index.php", "SCRIPT_NAME=/index.php", "REDIRECT_URL=/x", "PATH_INFO=/image.jpg", "PATH_TRANSLATED=SITE/image.jpg"},
	{"SCRIPT_FILENAME=proxy:fcgi://localhostSITE/index.php", "SCRIPT_NAME=/index.php", "REDIRECT_URL=/x", "PATH_INFO=/dump.php", "PATH_TRANSLATED=SITE/dump.php"},

	// mod_fastcgi and mod_actions: SCRIPT_FILENAME is the interpreter
	{"SCRIPT_FILENAME=/usr/bin/php-cgi", "SCRIPT_NAME=/cgi-bin/php", "PATH_INFO=/dump.php", "PATH_TRANSLATED=SITE/dump.php", "REDIRECT_URL=/dump.php"},
	{"SCRIPT_FILENAME=/usr/bin/php-cgi", "SCRIPT_NAME=/cgi-bin/php", "PATH_INFO=/dump.php/x", "PATH_TRANSLATED=SITE/dump.php/x", "REDIRECT_URL=/dump.php/x"},
	{"SCRIPT_FILENAME=/usr/bin/php-cgi", "SCRIPT_NAME=/cgi-bin/php", "PATH_TRANSLATED=SITE/dump.php/x", "REDIRECT_URL=/dump.php/x", "-PATH_INFO"},
	{"SCRIPT_FILENAME=/usr/bin/php-cgi", "SCRIPT_NAME=/cgi-bin/php", "PATH_INFO=/dump.php/x", "PATH_TRANSLATED=SITE/dump.php/x", "REDIRECT_URL=/dump.php/x", "-DOCUMENT_ROOT"},
	{"SCRIPT_FILENAME=/usr/bin/php-cgi", "-SCRIPT_NAME", "PATH_INFO=/dump.php", "PATH_TRANSLATED=SITE/dump.php", "REDIRECT_URL=/dump.php"},
	{"SCRIPT_FILENAME=SITE/dump.php", "PATH_TRANSLATED=SITE/image.jpg", "REDIRECT_URL=/x", "PATH_INFO=/image.jpg"},
	{"SCRIPT_FILENAME=SITE/dump.php", "PATH_TRANSLATED=SITE/nothing.php", "REDIRECT_URL=/x"},
	{"SCRIPT_FILENAME=SITE/dump.php", "PATH_TRANSLATED=SITE/dump.php", "REDIRECT_URL=/x", "PATH_INFO=/p"},
	{"SCRIPT_FILENAME=SITE/dump.php", "PATH_TRANSLATED=SITE/index.php", "REDIRECT_URL=/dump.php", "PATH_INFO=/p"},
	{"SCRIPT_FILENAME=SITE/dump.php", "REDIRECT_URL=/x", "PATH_INFO=/p"},
	{"SCRIPT_FILENAME=SITE/dump.php/p", "REDIRECT_URL=/x", "PATH_INFO=/p"},
	{"SCRIPT_FILENAME=SITE/dump.php/p", "REDIRECT_URL=/x", "PATH_INFO=/dump.php/p"},
	{"SCRIPT_FILENAME=SITE/dump.php", "REDIRECT_URL=/x", "-PATH_INFO"},
	{"-SCRIPT_FILENAME", "PATH_TRANSLATED=SITE/dump.php"},
	{"-SCRIPT_FILENAME", "PATH_TRANSLATED=SITE/dump.php", "REDIRECT_URL=/x"},
	{"-SCRIPT_FILENAME", "PATH_TRANSLATED=SITE/dump.php/x", "PATH_INFO=/dump.php/x"},
	{"-SCRIPT_FILENAME", "PATH_TRANSLATED=proxy:fcgi://localhostSITE/dump.php"},
	{"-SCRIPT_FILENAME", "PATH_TRANSLATED=SITE/nothing.php"},

	// IIS
	{"SERVER_SOFTWARE=Microsoft-IIS/10.0", "PATH_INFO=/dump.php", "SCRIPT_NAME=/dump.php"},
	{"SERVER_SOFTWARE=Microsoft-IIS/10.0", "PATH_INFO=/dump.php/x", "SCRIPT_NAME=/dump.php"},
	{"SERVER_SOFTWARE=Microsoft-IIS/10.0", "PATH_INFO=/dump.php/x", "SCRIPT_NAME=/dump.php", "SCRIPT_FILENAME=SITE/dump.php/x"},
	{"SERVER_SOFTWARE=Microsoft-IIS/10.0", "PATH_INFO=/x", "SCRIPT_NAME=/dump.php"},
	{"SERVER_SOFTWARE=Microsoft-IIS/10.0", "PATH_INFO=/x", "SCRIPT_NAME="},
	{"SERVER_SOFTWARE=Microsoft-IIS/10.0", "PATH_INFO=/x", "-SCRIPT_NAME"},

	// files
	{"SCRIPT_FILENAME=SITE/nothing.php", "SCRIPT_NAME=/nothing.php"},
	{"SCRIPT_FILENAME=SITE/nothing.php/x", "PATH_INFO=/nothing.php/x"},
	{"SCRIPT_FILENAME=SITE"},
	{"SCRIPT_FILENAME=SITE/"},
	{"SCRIPT_FILENAME=SITE/dir"},
	{"SCRIPT_FILENAME=SITE/dir.php"},
	{"SCRIPT_FILENAME=SITE/dir.php/"},
	{"SCRIPT_FILENAME=SITE/dir.php/in.php"},
	{"SCRIPT_FILENAME=SITE/dir.php/nothing"},
	{"SCRIPT_FILENAME=SITE/link.php"},
	{"SCRIPT_FILENAME=SITE/link.php/x", "PATH_INFO=/link.php/x"},
	{"SCRIPT_FILENAME=SITE/link.jpg"},
	{"SCRIPT_FILENAME=SITE/jpg.php"},
	{"SCRIPT_FILENAME=SITE/linked/index.php"},
	{"SCRIPT_FILENAME=SITE/broken.php"},
	{"SCRIPT_FILENAME=SITE/broken.php/x"},
	{"SCRIPT_FILENAME=SITE/loop.php"},
	{"SCRIPT_FILENAME=SITE/image.jpg"},
	{"SCRIPT_FILENAME=SITE/image.jpg/x.php", "PATH_INFO=/image.jpg/x.php"},
	{"SCRIPT_FILENAME=SITE/double.php.jpg"},
	{"SCRIPT_FILENAME=SITE/script"},
	{"SCRIPT_FILENAME=SITE/page.html"},
	{"SCRIPT_FILENAME=SITE/UPPER.PHP"},
	{"SCRIPT_FILENAME=SITE/archive.phar"},
	{"SCRIPT_FILENAME=SITE/.php"},
	{"SCRIPT_FILENAME=SITE/..php"},
	{"SCRIPT_FILENAME=SITE/x..php"},
	{"SCRIPT_FILENAME=SITE/x..php/y..", "PATH_INFO=/x..php/y.."},
	{"SCRIPT_FILENAME=SITE/empty.php"},
	{"SCRIPT_FILENAME=SITE/exit.php"},
	{"SCRIPT_FILENAME=SITE/with space.php"},
	{"SCRIPT_FILENAME=SITE/with space.php/and more", "PATH_INFO=/with space.php/and more"},
	{"SCRIPT_FILENAME=SITE/per%2fcent.php"},
	{"SCRIPT_FILENAME=SITE/qu?ery.php"},
	{"SCRIPT_FILENAME=SITE/ümlaut.php/ö", "PATH_INFO=/ümlaut.php/ö"},
	{"SCRIPT_FILENAME=SITE/back\\slash.php"},
	{"SCRIPT_FILENAME=SITE/dump.php\\x"},
	{"SCRIPT_FILENAME=SITE/unreadable.php"},
	{"SCRIPT_FILENAME=SITE/unreadable.php/x", "PATH_INFO=/unreadable.php/x"},
	{"SCRIPT_FILENAME=SITE/closed/x.php"},
	{"SCRIPT_FILENAME=SITE/closed/x.php/y"},
	{"SCRIPT_FILENAME="},
	{"SCRIPT_FILENAME=/"},
	{"SCRIPT_FILENAME=//"},
	{"SCRIPT_FILENAME=.."},
	{"SCRIPT_FILENAME=dump.php"},
	{"SCRIPT_FILENAME=/" + strings.Repeat("x", 300) + ".php"},
	{"SCRIPT_FILENAME=" + strings.Repeat("/x", 2500) + ".php"},
	{"SCRIPT_FILENAME=SITE/dump.php" + strings.Repeat("/x", 2500), "PATH_INFO=/dump.php" + strings.Repeat("/x", 2500)},
	{"-SCRIPT_FILENAME"},

	// the rest of the request
	{"-REQUEST_METHOD"},
	{"REQUEST_METHOD="},
	{"REQUEST_METHOD=HEAD"},
	{"REQUEST_METHOD=HEAD", "SCRIPT_FILENAME=SITE/nothing.php"},
	{"REQUEST_METHOD=HEAD", "SCRIPT_FILENAME=SITE/image.jpg"},
	{"REQUEST_METHOD=POST", "SCRIPT_FILENAME=SITE/nothing.php", "BODY=lost", "CONTENT_LENGTH=4"},
	{"REQUEST_METHOD=POST", "BODY=a=b", "CONTENT_LENGTH=3", "CONTENT_TYPE=application/x-www-form-urlencoded"},
	{"REQUEST_METHOD=PUT", "BODY=abc", "CONTENT_LENGTH=3"},
	{"CONTENT_LENGTH=0"},
	{"-CONTENT_LENGTH"},
	{"-REQUEST_METHOD", "SCRIPT_FILENAME=SITE/nothing.php"},
	{"-REQUEST_METHOD", "-SCRIPT_FILENAME"},
	{"HTTP_AUTHORIZATION=Basic dXNlcjpwYXNz"},
	{"HTTP_AUTHORIZATION=Digest x=y"},
	{"HTTP_PROXY=evil"},
	{"ODD.NAME=1", "ODD NAME=2", "ODD[NAME]=3", " LEADING=4", "=5"},
	{"EMPTY="},
	{"PATH=/evil", "HOME=/evil", "USER=evil", "FCGI_ROLE=evil", "PHP_SELF=evil"},
}
