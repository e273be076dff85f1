package httpfront

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

func TestDirectoryIsItsIndexBehindASlash(t *testing.T) {
	s := serveSite(t, map[string]string{
		"index.php": "", "blog/index.html": "blog", "blog/index.php": "", "docs/index.html": "docs", "empty/a.txt": "", "sub dir/index.html": "x",
	}, Config{}, nil)
	s.want(s.get("/"), 200, "ran /index.php")
	s.want(s.get("/blog/"), 200, "ran /blog/index.php")
	s.want(s.get("/docs/"), 200, "docs")
	s.wantStatus("/empty/", 404)
	s.wantStatus("/empty", 404)
	for path, location := range map[string]string{
		"/docs": "/docs/", "/docs?a=b&c": "/docs/?a=b&c", "/sub%20dir": "/sub%20dir/", "//docs": "/docs/",
	} {
		got := s.path(path)
		if got.status != 301 || got.header.Get("Location") != location {
			t.Errorf("%s: %d to %q", path, got.status, got.header.Get("Location"))
		}
	}
	if got := s.do("POST", "/blog", nil); got.status != 308 {
		t.Errorf("POST: %d", got.status)
	}
}

func TestIndexNamesAreConfigurable(t *testing.T) {
	s := serveSite(t, map[string]string{"index.php": "", "home.htm": "home"}, Config{Index: []string{"none.html", "home.htm"}}, nil)
	s.want(s.get("/"), 200, "home")
}

func TestScriptIsRunWithItsPathInfo(t *testing.T) {
	s := serveSite(t, map[string]string{"x.php": "", "dir.php/y.php": "", "a.txt": "text"}, Config{}, func(c *call) {
		c.stdout("\r\n" + c.params["SCRIPT_NAME"] + "|" + c.params["PATH_INFO"])
	})
	for path, want := range map[string]string{
		"/x.php":                 "/x.php|",
		"/x.php/":                "/x.php|/",
		"/x.php/path/info":       "/x.php|/path/info",
		"/x.php/path//info/":     "/x.php|/path/info/",
		"/x.php/a%2Fb/.git/y%20": "/x.php|/a/b/.git/y ",
		"/x.php/y.php":           "/x.php|/y.php",
		"/dir.php/y.php/z":       "/dir.php/y.php|/z",
		"/%78.php":               "/x.php|",
	} {
		s.want(s.path(path), 200, want)
	}
	s.wantStatus("/a.txt/x", 404)
	s.wantStatus("/a.txt/", 404)
	s.wantStatus("/none.php", 404)
	s.wantStatus("/x.php/../a.txt", 400)
}

func TestFallbackAnswersWhatIsNotThere(t *testing.T) {
	s := serveSite(t, map[string]string{
		"index.php": "", "a.txt": "text", "there.inc": "SECRET", ".env": "SECRET", "uploads/x": "",
	}, Config{Fallback: "/index.php"}, func(c *call) {
		c.stdout("\r\n" + c.params["SCRIPT_NAME"] + "|" + c.params["PATH_INFO"] + "|" + c.params["REQUEST_URI"])
	})
	for _, path := range []string{"/blog/42?x=y", "/none.php/x", "/a%2Fb", "/a%5Cb", "/uploads", "/uploads/", "/none.inc", "/none.txt", "/a.txt/"} {
		s.want(s.path(path), 200, "/index.php||"+path)
	}
	s.want(s.path("/a.txt"), 200, "text")
	s.wantStatus("/there.inc", 404)
	s.wantStatus("/.env", 404)
	s.wantStatus("/.none", 404)
	s.wantStatus("/../x", 400)
}

func TestFallbackMayBeAFile(t *testing.T) {
	s := serveSite(t, map[string]string{"app.html": "app"}, Config{Fallback: "/app.html"}, nil)
	s.want(s.get("/any/where"), 200, "app")
}

func TestMissingFallbackIsNotFound(t *testing.T) {
	s := serveSite(t, map[string]string{"dir/index.html": "x"}, Config{Fallback: "/dir"}, nil)
	s.wantStatus("/any/where", 404)
}

func TestDotfileIsNeverServed(t *testing.T) {
	s := serveSite(t, map[string]string{
		".env": "SECRET", ".git/config": "SECRET", "a/.htpasswd": "SECRET", ".well-known/acme-challenge/token": "token",
		".well-known/.hidden": "SECRET", "a/.well-known/x": "SECRET", "link.txt": "-> .env", "linkdir": "-> .git", ".run.php": "SECRET",
		".d/x.php": "SECRET", "..data/x": "SECRET",
	}, Config{}, nil)
	for _, path := range []string{
		"/.env", "/%2eenv", "/.git/config", "/.git/", "/.git", "/a/.htpasswd", "/.well-known/.hidden", "/a/.well-known/x", "/link.txt",
		"/linkdir/config", "/.run.php", "/.d/x.php", "//.env", "/a//.htpasswd", "/..data/x",
	} {
		s.wantStatus(path, 404)
	}
	s.want(s.get("/.well-known/acme-challenge/token"), 200, "token")
}

func TestSourceIsNeverShown(t *testing.T) {
	files := map[string]string{"x.php": "SECRET", "notes.txt": "-> x.php", "x.php.txt": "shown", "dir.inc/style.css": "css", "upper.PHP": "SECRET"}
	var paths []string
	for _, suffix := range []string{"php3", "php4", "php5", "php6", "php7", "php8", "phtml", "phar", "phps", "inc", "PHTML", "Inc", "php~", "php.bak", "php.gz"} {
		files["a."+suffix] = "SECRET"
		paths = append(paths, "/a."+suffix)
	}
	files["trail.php "], files["trail.php."] = "SECRET", "SECRET"
	s := serveSite(t, files, Config{}, nil)
	for _, path := range append(paths, "/notes.txt", "/trail.php%20", "/trail.php.", "/x.php%00", "/x.php%00.txt", "/upper.PHP", "/X.PHP", "/x.php%5C", "/x.php%0a") {
		if got := s.path(path); (got.status != 404 && got.status != 400) || strings.Contains(got.body, "SECRET") {
			t.Errorf("%s: %d %q", path, got.status, got.body)
		}
	}
	s.want(s.get("/x.php.txt"), 200, "shown")
	s.want(s.get("/dir.inc/style.css"), 200, "css")
}

func TestSiblingOfAnAllowedNameIsNotAWayAround(t *testing.T) {
	s := serveSite(t, map[string]string{"a.js": "plain", "a.js.gz": "-> x.php", "x.php": "SECRET", "a.js.br": "-> .env", ".env": "SECRET"}, Config{}, nil)
	s.want(s.get("/a.js", "Accept-Encoding: br, gzip"), 200, "plain")
}

func TestLinkOutOfTheRootIsNotFollowed(t *testing.T) {
	outside := makeTree(t, map[string]string{"secret.txt": "SECRET", "run.php": "SECRET", "dir/index.php": "SECRET", "dir/x.txt": "SECRET"})
	s := serveSite(t, map[string]string{
		"file.txt": "-> " + outside + "/secret.txt", "dir": "-> " + outside + "/dir", "run.php": "-> " + outside + "/run.php",
		"passwd": "-> /etc/passwd", "up": "-> ..", "proc": "-> /proc/self/cwd", "inside.txt": "-> real/a.txt", "real/a.txt": "inside",
		"detour": "-> " + outside + "/../" + "x", "loop": "-> loop",
	}, Config{}, nil)
	for _, path := range []string{"/file.txt", "/dir/x.txt", "/dir/", "/dir", "/run.php", "/run.php/x", "/passwd", "/up/", "/proc/doc.go", "/detour", "/loop"} {
		s.wantStatus(path, 404)
	}
	s.want(s.get("/inside.txt"), 200, "inside")
	if log := s.log.String(); !strings.Contains(log, "follow_symlinks") || strings.Count(log, "\n") > 3 {
		t.Errorf("log: %s", log)
	}
}

func TestLinkIsFollowedIntoTheNamedDirectoriesOnly(t *testing.T) {
	storage := makeTree(t, map[string]string{
		"public/a.txt": "stored", "public/.env": "SECRET", "public/x.inc": "SECRET", "public/run.php": "", "publicity.txt": "SECRET",
	})
	link := filepath.Join(t.TempDir(), "current")
	if err := os.Symlink(storage, link); err != nil {
		t.Fatal(err)
	}
	s := serveSite(t, map[string]string{
		"storage": "-> " + storage + "/public", "stolen.txt": "-> " + storage + "/publicity.txt",
	}, Config{FollowSymlinks: []string{"/nonexistent", link + "/public"}}, nil)
	s.want(s.get("/storage/a.txt"), 200, "stored")
	s.want(s.get("/storage/run.php"), 200, "ran /storage/run.php")
	for _, path := range []string{"/storage/.env", "/storage/x.inc", "/stolen.txt", "/storage/../publicity.txt", "/storage/"} {
		if got := s.path(path); got.status < 400 || strings.Contains(got.body, "SECRET") {
			t.Errorf("%s: %d %q", path, got.status, got.body)
		}
	}
}

func TestRootThatIsALinkIsFollowedAnew(t *testing.T) {
	releases := makeTree(t, map[string]string{"1/a.txt": "one", "2/a.txt": "two", "1/x.php": "", "2/x.php": "", "current": "-> 1"})
	s := serveSite(t, nil, Config{Root: filepath.Join(releases, "current")}, func(c *call) {
		c.stdout("\r\n" + strings.TrimPrefix(c.params["DOCUMENT_ROOT"]+c.params["SCRIPT_FILENAME"], releases))
	})
	s.want(s.get("/a.txt"), 200, "one")
	put(t, filepath.Join(releases, "next"), "-> 2")
	if err := os.Rename(filepath.Join(releases, "next"), filepath.Join(releases, "current")); err != nil {
		t.Fatal(err)
	}
	s.want(s.get("/a.txt"), 200, "two")
	s.want(s.get("/x.php"), 200, "/2"+releases+"/2/x.php")
}

func TestRootThatIsGoneForAMomentIsServedFromWhereItWas(t *testing.T) {
	releases := makeTree(t, map[string]string{"1/a.txt": "one", "current": "-> 1"})
	link := filepath.Join(releases, "current")
	s := serveSite(t, nil, Config{Root: link}, nil)
	s.want(s.get("/a.txt"), 200, "one")
	if err := os.Remove(link); err != nil {
		t.Fatal(err)
	}
	s.want(s.get("/a.txt"), 200, "one")
	put(t, link, "-> 2")
	put(t, filepath.Join(releases, "2/a.txt"), "two")
	s.want(s.get("/a.txt"), 200, "two")
}

func TestRootThatStaysAwayIsAnError(t *testing.T) {
	dir := makeTree(t, map[string]string{"1/a.txt": "one"})
	r := root{name: filepath.Join(dir, "1")}
	now := time.Now()
	for _, c := range []struct {
		name  string
		after time.Duration
		found bool
	}{{"1", 0, true}, {"gone", rootGrace - 1, true}, {"gone", rootGrace, false}, {"1", rootGrace, true}} {
		r.name = filepath.Join(dir, c.name)
		tr, err := r.open(now.Add(c.after))
		if (err == nil) != c.found || (err != nil && !errors.Is(err, fs.ErrNotExist)) {
			t.Errorf("%s after %v: %v", c.name, c.after, err)
		}
		if err == nil {
			tr.close()
		}
	}
	s := serveSite(t, map[string]string{"site/a.txt": ""}, Config{}, nil)
	s.server.handler.Load().root.name = filepath.Join(dir, "gone")
	s.wantStatus("/a.txt", 500)
	if log := s.log.String(); !strings.Contains(log, "document root") || !strings.Contains(log, "/gone") {
		t.Errorf("log: %s", log)
	}
}

func TestFIFOIsNeitherServedNorWaitedFor(t *testing.T) {
	s := serveSite(t, map[string]string{"a.txt": "x"}, Config{}, nil)
	if err := syscall.Mkfifo(filepath.Join(s.root, "fifo.txt"), 0o644); err != nil {
		t.Fatal(err)
	}
	s.wantStatus("/fifo.txt", 404)
}

// While a name changes between a file and a link to a secret, only the file's content may be seen.
func TestSwappedLinkNeverShowsTheSecret(t *testing.T) {
	outside := makeTree(t, map[string]string{"secret.txt": "SECRET"})
	root := makeTree(t, map[string]string{"real.txt": "public", "a": "-> real.txt", "x.php": "SECRET"})
	var stop atomic.Bool
	swapped := make(chan struct{})
	go func() {
		defer close(swapped)
		for i := 0; !stop.Load(); i++ {
			target := []string{"real.txt", outside + "/secret.txt", "x.php"}[i%3]
			os.Symlink(target, filepath.Join(root, "next"))
			os.Rename(filepath.Join(root, "next"), filepath.Join(root, "a"))
		}
	}()
	defer func() {
		stop.Store(true)
		<-swapped
	}()
	path, err := parsePath("/a")
	if err != nil {
		t.Fatal(err)
	}
	for shown := 0; shown < 3000; shown++ {
		if content := showFile(t, root, path); content != "" && content != "public" {
			t.Fatalf("shown: %q", content)
		}
	}
}

// showFile is what the front would show for a path, "" for nothing.
func showFile(t *testing.T, root string, path urlPath) string {
	tr, err := openTree(root, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tr.close()
	found, err := find(tr, path, []string{"index.php", "index.html"})
	defer found.close()
	if err != nil || found.action != sendFile {
		return ""
	}
	f, err := found.entry.reader()
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	content, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// FuzzPath: whatever path is asked for, only public files are shown and only scripts below the root are run.
func FuzzPath(f *testing.F) {
	base, err := filepath.EvalSymlinks(f.TempDir())
	if err != nil {
		f.Fatal(err)
	}
	root := filepath.Join(base, "root")
	for name, content := range map[string]string{
		"secret": "SECRET", "root/a.txt": "public", "root/d/index.html": "public", "root/.env": "SECRET", "root/d/.x/y": "SECRET",
		"root/x.php": "SECRET", "root/d/i.inc": "SECRET", "root/up": "-> ..", "root/etc": "-> /etc", "root/x.php~": "SECRET",
		"root/l": "-> x.php", "root/.well-known/k": "public", `root/d\e`: "SECRET",
	} {
		path := filepath.Join(base, name)
		os.MkdirAll(filepath.Dir(path), 0o755)
		if target, ok := strings.CutPrefix(content, "-> "); ok {
			err = os.Symlink(target, path)
		} else {
			err = os.WriteFile(path, []byte(content), 0o644)
		}
		if err != nil {
			f.Fatal(err)
		}
	}
	for _, seed := range []string{
		"/", "/a.txt", "/d", "/d/", "/.env", "/x.php/y", "/up/secret", "/etc/passwd", "/..%2fsecret", "/l", "/x.php~", "/%2e%2e/secret",
		"/d%5ce", "/.well-known/k", "/d/.x/y", "/x.php%00", "//up//secret", "/d/../x.php",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		path, err := parsePath(raw)
		if err != nil {
			return
		}
		if content := showFile(t, root, path); content != "" && content != "public" {
			t.Fatalf("%q shows %q", raw, content)
		}
		tr, err := openTree(root, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer tr.close()
		found, err := find(tr, path, []string{"index.php", "index.html"})
		defer found.close()
		if err != nil || found.action != runScript {
			return
		}
		if found.name != "/x.php" || found.entry.inner != "x.php" || (found.info != "" && found.info[0] != '/') {
			t.Fatalf("%q runs %q (%q) with %q", raw, found.name, found.entry.inner, found.info)
		}
	})
}
