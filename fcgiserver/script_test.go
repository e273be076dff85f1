package fcgiserver

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestTheScriptIsTheLongestLeadingFile(t *testing.T) {
	site := phpSite(t)
	if err := unix.Mkfifo(filepath.Join(site, "fifo.php"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name    string
		verdict verdict
		file    string
	}{
		{"/dump.php", found, "/dump.php"},
		{"/dump.php/", found, "/dump.php"},
		{"/dump.php//x/", found, "/dump.php"},
		{"/dump.php/x/y.php", found, "/dump.php"},
		{"/dump.php/../x", found, "/dump.php"},
		{"/dir/index.php/x", found, "/dir/index.php"},
		{"/dir.php/in.php/x.php", found, "/dir.php/in.php"},
		{"/link.php/x", found, "/link.php"},
		{"/linked/index.php", found, "/linked/index.php"},
		{"/jpg.php", found, "/jpg.php"},
		{"/archive.phar", found, "/archive.phar"},
		{"/with space.php", found, "/with space.php"},
		{"/empty.php", found, "/empty.php"},
		{"//dump.php", found, "//dump.php"},

		{"/image.jpg", denied, "/image.jpg"},
		{"/image.jpg/x.php", denied, "/image.jpg"},
		{"/link.jpg", denied, "/link.jpg"},
		{"/double.php.jpg", denied, "/double.php.jpg"},
		{"/UPPER.PHP", denied, "/UPPER.PHP"},
		{"/script", denied, "/script"},
		{"/dir", denied, "/dir"},

		{"/dir.php", irregular, "/dir.php"},
		{"/fifo.php", irregular, "/fifo.php"},

		{"/dir.php/", notFound, ""},
		{"/dir/", notFound, ""},
		{"/", notFound, ""},
		{"/nothing.php", notFound, ""},
		{"/nothing/x.php/y", notFound, ""},
		{"/broken.php", notFound, ""},
		{"/loop.php/x", notFound, ""},
		{"/dir/../dump.php", notFound, ""},
		{"/dir/../dump.php/x", notFound, ""},
		{"/dump.php\x00.jpg", notFound, ""},
		{"/dump.php" + strings.Repeat("x", 300), notFound, ""},
		{"/dump.php" + strings.Repeat("/x", 3000), found, "/dump.php"},
	} {
		want := script{verdict: c.verdict}
		if c.file != "" {
			want.file = site + c.file
		}
		if got := findScript(site+c.name, []string{".php", ".phar"}); got != want {
			t.Errorf("%.100q: %+v, want %+v", c.name, got, want)
		}
	}
	if got := findScript(site+"/image.jpg", nil); got.verdict != found {
		t.Errorf("without a list of suffixes: %+v", got)
	}
	for _, name := range []string{"", ".php", "no/such/relative.php", "/dev/null.php"} {
		if got := findScript(name, []string{".php"}); got.verdict == found {
			t.Errorf("%q: %+v", name, got)
		}
	}
}

func TestAScriptThatMayNotBeReadIsToldFromOneThatIsNotThere(t *testing.T) {
	if !asNobody(t) {
		return
	}
	site := phpSite(t)
	if got := findScript(site+"/unreadable.php/x", []string{".php"}); got != (script{verdict: unreadable, file: site + "/unreadable.php"}) {
		t.Errorf("%+v", got)
	}
	if err := os.Chmod(site+"/closed", 0); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(site+"/closed", 0o700)
	if got := findScript(site+"/closed/x.php", []string{".php"}); got.verdict != notFound {
		t.Errorf("%+v", got)
	}
}

func TestSuffixesAreComparedLetterByLetter(t *testing.T) {
	for _, c := range []struct {
		file     string
		suffixes []string
		want     bool
	}{
		{"/x.php", []string{".php"}, true},
		{"/x.PHP", []string{".php"}, false},
		{"/x.php5", []string{".php"}, false},
		{"/x.phtml", []string{".php", ".phtml"}, true},
		{"/xphp", []string{".php"}, false},
		{"/.php", []string{".php"}, true},
		{".php", []string{".php"}, false}, // php-fpm wants something before the suffix
		{"", []string{".php"}, false},
		{"/x", nil, true},
		{"/x.php.jpg", []string{".php"}, false},
	} {
		if got := suffixAllowed(c.file, c.suffixes); got != c.want {
			t.Errorf("%q with %q: %v", c.file, c.suffixes, got)
		}
	}
}

func TestCleanPathsBeginWithATopDirectoryAndNeverGoBack(t *testing.T) {
	for _, path := range []string{"/x.php", "/a/b/x.php", "/a/.b/..c/d../x..php", "/a/b.php/.x", "/a//b/./x.php", "/.a/x.php"} {
		if !clean(path) {
			t.Errorf("%q is not clean", path)
		}
	}
	for _, path := range []string{"", "/", "x.php", "./x.php", "//x.php", "///a/x.php", "/./x.php", "/../x.php", "/a/../x.php", "/..", "/a/..", "/a/b/../../x.php"} {
		if clean(path) {
			t.Errorf("%q is clean", path)
		}
	}
}

func TestApachesProxyPrefixIsStripped(t *testing.T) {
	for _, c := range []struct {
		name, path string
		apache     bool
	}{
		{"/srv/x.php", "/srv/x.php", false},
		{"proxy:fcgi://localhost:9000/srv/x.php", "/srv/x.php", true},
		{"proxy:fcgi://localhost/srv/x.php/info?a=b?c", "/srv/x.php/info", true},
		{"proxy:balancer://group/srv/x.php", "/srv/x.php", true},
		{"PROXY:Fcgi://host/srv/x.php", "/srv/x.php", true},
		{"proxy:fcgi:///srv/x.php", "/srv/x.php", true},
		{"proxy:fcgi://host//srv/x.php", "//srv/x.php", true},
		{"proxy:unix:/run/s|fcgi://localhost/srv/x.php", "proxy:unix:/run/s|fcgi://localhost/srv/x.php", false},
		{"proxy:fcgi://host", "proxy:fcgi://host", false},
		{"proxy:fcgi://host?q", "proxy:fcgi://host", false},
		{"proxy:fcgi:/", "proxy:fcgi:/", false},
		{"proxy:http://host/x.php?q", "proxy:http://host/x.php?q", false},
		{"", "", false},
		{"/srv/x.php?q", "/srv/x.php?q", false},
	} {
		if path, apache := unproxied([]byte(c.name)); string(path) != c.path || apache != c.apache {
			t.Errorf("%q became %q, %v", c.name, path, apache)
		}
	}
}
