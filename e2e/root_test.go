package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// rootServer is `howdah serve --root`.
type rootServer struct {
	*daemon
	*browser
	sb      *sandbox
	address string
}

// printedAddress finds where it listens in what `howdah serve --root` prints.
var printedAddress = regexp.MustCompile(`http://([0-9.]+:[0-9]+)`)

// serveRoot serves a folder on a port that the kernel picks.
func serveRoot(t *testing.T, sb *sandbox, dir string) *rootServer {
	t.Helper()
	cmd := exec.Command(binary, "serve", "--root", dir, "--listen", "127.0.0.1:0")
	cmd.Env = []string{"PATH=/usr/bin:/bin", "TMPDIR=" + sb.path("tmp"), "LANG=C", "HOME=/root"}
	cmd.Dir = sb.dir
	d := startDaemon(t, "howdah --root", syscall.SIGTERM, cmd)
	line := d.wantLogged(0, 20*time.Second, "http://")
	found := printedAddress.FindStringSubmatch(line)
	if found == nil {
		t.Fatalf("no address in %q", line)
	}
	wantListening(t, d, found[1])
	return &rootServer{daemon: d, browser: newBrowser(t, found[1]), sb: sb, address: found[1]}
}

func TestServeRootServesPagesAndFiles(t *testing.T) {
	t.Parallel()
	sb := newSandbox(t)
	r := serveRoot(t, sb, sb.path("site"))
	r.wantPage("/hello.php", 200, "hello")
	r.wantPage("/dir/", 200, "index of dir /dir/index.php -")
	r.wantPage("/hello.php/path/info", 200, "hello")
	r.wantPage("/plain.txt", 200, "plain text\n")
	if p := r.get("/report.php/a/b?x=y", "X-Forwarded-For", "203.0.113.9"); !strings.Contains(p.body, "SERVER[PATH_INFO] = %2Fa%2Fb\n") ||
		!strings.Contains(p.body, "SERVER[REMOTE_ADDR] = 127.0.0.1\n") || !strings.Contains(p.body, "SERVER[SCRIPT_NAME] = %2Freport.php\n") {
		t.Errorf("report.php: %d %.3000s", p.status, p.body)
	}
	if p := r.post("/report.php", "application/x-www-form-urlencoded", "a=1&b=2"); !strings.Contains(p.body, "POST[b] = 2\n") {
		t.Errorf("a form: %d", p.status)
	}
	contentType, body := upload(t, map[string]string{"a.bin": noise(1, 900_000)})
	if p := r.post("/upload.php", contentType, body); !strings.Contains(p.body, "two words") || !strings.Contains(p.body, " 0 900000 ") {
		t.Errorf("an upload: %d %q", p.status, p.body)
	}
	r.wantPage("/missing/page?a=b", 200, "index /missing/page?a=b /index.php - /index.php") // the front controller
	if p := r.get("/plain.txt", "Range", "bytes=6-9"); p.status != 206 || p.body != "text" {
		t.Errorf("a range: %d %q", p.status, p.body)
	}
	if p := r.get("/big.php?bytes=3000000"); p.status != 200 || len(p.body) != 3000000 {
		t.Errorf("a large page: %d, %d bytes", p.status, len(p.body))
	}
	l := r.startLoad(8, "/hello.php", "hello")
	l.wantProgress(300, 10*time.Second)
	if c := l.stop(); c.bad() > 0 {
		t.Error(c)
	}
}

func TestServeRootShowsNoSourceNoDotfileAndNothingOutside(t *testing.T) {
	t.Parallel()
	sb := newSandbox(t)
	for _, name := range []string{".env", ".git/config", "config.inc", "old.php5", "lib.phar", "shown.phps", "UPPER.PHP", "dir/.htaccess", "hidden.PhTmL"} {
		sb.page(t, name, "<?php SECRET")
	}
	write(t, sb.path("outside.txt"), "SECRET")
	if err := os.Symlink(sb.path("outside.txt"), sb.path("site", "link.txt")); err != nil {
		t.Fatal(err)
	}
	r := serveRoot(t, sb, sb.path("site"))
	for _, path := range []string{
		"/.env", "/%2eenv", "/.git/config", "/config.inc", "/old.php5", "/lib.phar", "/shown.phps", "/UPPER.PHP", "/dir/.htaccess", "/hidden.PhTmL",
		"/../outside.txt", "/%2e%2e/outside.txt", "/..%2foutside.txt", "/dir/..%2f..%2foutside.txt", "/link.txt", "/plain.txt/../.env",
		"/evil.jpg/x.php", "/plain.txt%00.php", "/hello.php%00.txt", "//etc/passwd", "/hello.php/../.env", "/userini/.user.ini",
	} {
		a, err := exchange(r.address, request("GET", path, ""), 10*time.Second)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		if strings.Contains(a.body, "SECRET") || strings.Contains(a.body, "run as an image") || strings.Contains(a.body, "root:") || strings.Contains(a.body, "memory_limit") {
			t.Errorf("%s shows %q", path, a.body)
		}
	}
}

func TestServeRootRunsWorkersAsTheFoldersOwner(t *testing.T) {
	t.Parallel()
	for owner, uid := range map[string]int{"games": 5, "www-data": 0} { // what root owns is run as www-data
		sb := newSandbox(t)
		if err := os.Chown(sb.path("site"), uid, uid); err != nil {
			t.Fatal(err)
		}
		r := serveRoot(t, sb, sb.path("site"))
		want := map[string]string{"games": "user 5 ", "www-data": "user 33 "}[owner]
		if p := r.get("/report.php"); !strings.Contains(p.body, "\n"+want) {
			t.Errorf("a folder of uid %d: no %q in %.200q", uid, want, p.body)
		}
	}
}

func TestServeRootRefusesAFolderThatTheWorkerCanNotRead(t *testing.T) {
	t.Parallel()
	sb := newSandbox(t)
	sb.page(t, "private/site/index.php", "<?php echo 1;")
	if err := os.Chmod(sb.path("site", "private"), 0o700); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(binary, "serve", "--root", sb.path("site/private/site"), "--listen", "127.0.0.1:0")
	d := startDaemon(t, "howdah --root", syscall.SIGTERM, cmd)
	if code := d.wait(10 * time.Second); code != 78 {
		t.Errorf("exit code %d, want 78", code)
	}
	d.wantLogged(0, 5*time.Second, sb.path("site", "private"))
}

// A second one runs beside the first, and beside the service.
func TestServeRootRunsBesideAnother(t *testing.T) {
	t.Parallel()
	sb := newSandbox(t)
	a, b := serveRoot(t, sb, sb.path("site")), serveRoot(t, sb, sb.path("site"))
	a.wantPage("/hello.php", 200, "hello")
	b.wantPage("/hello.php", 200, "hello")
}

func TestRootThatIsALinkIsResolvedAgain(t *testing.T) {
	t.Parallel()
	sb := newSandbox(t)
	for _, release := range []string{"one", "two"} {
		mkdir(t, sb.path("releases", release), 0o755)
		write(t, sb.path("releases", release, "index.php"), "<?php echo '"+release+"';")
		write(t, sb.path("releases", release, "file.txt"), release)
	}
	current := sb.path("current")
	if err := os.Symlink(sb.path("releases", "one"), current); err != nil {
		t.Fatal(err)
	}
	r := serveRoot(t, sb, current)
	r.wantPage("/", 200, "one")
	r.wantPage("/file.txt", 200, "one")
	if err := os.Symlink(sb.path("releases", "two"), current+".new"); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(current+".new", current); err != nil {
		t.Fatal(err)
	}
	for path := range map[string]bool{"/": true, "/file.txt": true} {
		wantWithin(t, 4*time.Second, fmt.Sprint(path, " of the new release"), func() bool { return r.get(path).body == "two" })
	}
}
