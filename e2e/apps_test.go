package e2e

import (
	"flag"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// screenshots is a folder for pictures of the applications, for people to look at.
var screenshots = flag.String("screenshots", "", "folder for screenshots")

// installApps copies DokuWiki and Adminer, as Debian packages them, into a folder that workers may write to.
func installApps(t *testing.T, sb *sandbox) (root string) {
	t.Helper()
	root = sb.path("apps")
	mkdir(t, root, 0o755)
	wiki := root + "/wiki"
	for _, cmd := range [][]string{
		{"cp", "-rL", "/usr/share/dokuwiki", wiki},
		{"cp", "-rL", "/etc/dokuwiki", wiki + "/conf"},
		{"cp", "-r", "/var/lib/dokuwiki/data", wiki + "/data"},
	} {
		if out, err := exec.Command(cmd[0], cmd[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", cmd, err, out)
		}
	}
	write(t, wiki+"/inc/preload.php", "<?php\ndefine('DOKU_MAIN_CONF', '"+wiki+"/conf/');\ndefine('DOKU_CONF', '"+wiki+"/conf/');\n")
	write(t, wiki+"/conf/local.php", `<?php
$conf['title'] = 'Wiki under test';
$conf['savedir'] = '`+wiki+`/data';
$conf['useacl'] = 1;
$conf['superuser'] = 'editor';
$conf['userewrite'] = 2; // /doku.php/page
$conf['useslash'] = 1;
$conf['autopasswd'] = 0;
`)
	write(t, wiki+"/conf/acl.auth.php", "# <?php exit()?>\n*\t@ALL\t1\n*\t@user\t8\n")
	// The password is "secret", by crypt(3) with MD5.
	write(t, wiki+"/conf/users.auth.php", "# <?php exit()?>\neditor:$1$saltsalt$"+cryptMD5+":Ed Itor:ed@example.test:user\n")
	mkdir(t, root+"/adminer", 0o755)
	write(t, root+"/adminer/index.php", `<?php
// Adminer asks for a password even where the database has none.
function adminer_object()
{
	return new class extends Adminer {
		public function login($login, $password)
		{
			return true;
		}
	};
}
require '/usr/share/adminer/adminer.php';
`)
	if out, err := exec.Command("chown", "-R", "www-data:www-data", root).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return root
}

// cryptMD5 is the end of crypt("secret", "$1$saltsalt$").
const cryptMD5 = "9xy1btjgzLYfb7hivXtC//"

// visitor is a browser with cookies that follows redirects.
type visitor struct {
	t      *testing.T
	client *http.Client
	base   string
}

func newVisitor(t *testing.T, address string) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	b := newBrowser(t, address)
	return &visitor{t: t, base: "http://example.test", client: &http.Client{Transport: b.client.Transport, Timeout: b.client.Timeout, Jar: jar}}
}

// see reads an answer, which must be 200 and contain the words.
func (v *visitor) see(res *http.Response, err error, words ...string) string {
	v.t.Helper()
	if err != nil {
		v.t.Fatal(err)
	}
	defer res.Body.Close()
	var text strings.Builder
	if err := res.Write(&text); err != nil {
		v.t.Fatal(err)
	}
	for _, word := range words {
		if res.StatusCode != 200 || !strings.Contains(text.String(), word) {
			v.t.Fatalf("%s: %d without %q:\n%.3000s", res.Request.URL, res.StatusCode, word, text.String())
		}
	}
	return text.String()
}

func (v *visitor) get(path string, words ...string) string {
	v.t.Helper()
	res, err := v.client.Get(v.base + path)
	return v.see(res, err, words...)
}

func (v *visitor) post(path string, form url.Values, words ...string) string {
	v.t.Helper()
	res, err := v.client.PostForm(v.base+path, form)
	return v.see(res, err, words...)
}

// field finds the value of a hidden field.
func field(t *testing.T, html, name string) string {
	t.Helper()
	found := regexp.MustCompile(`name=["']` + name + `["'] value=["']([^"']*)["']`).FindStringSubmatch(html)
	if found == nil {
		t.Fatalf("no field %s in:\n%.3000s", name, html)
	}
	return found[1]
}

// editWiki logs in, writes a page and reads it, all by DokuWiki's own forms.
func (v *visitor) editWiki() {
	v.t.Helper()
	v.get("/wiki/doku.php", "Wiki under test")
	login := v.get("/wiki/doku.php/start?do=login", "Password")
	v.post("/wiki/doku.php/start?do=login", url.Values{"sectok": {field(v.t, login, "sectok")}, "id": {"start"}, "do": {"login"}, "u": {"editor"}, "p": {"secret"}}, "Ed Itor")
	edit := v.get("/wiki/doku.php/notes/first?do=edit", "wiki__text")
	form := url.Values{"do[save]": {"Save"}, "wikitext": {"====== Elephants ======\n\nThey **walk**."}, "id": {"notes:first"}}
	for _, name := range []string{"sectok", "rev", "date", "prefix", "suffix", "changecheck", "target"} {
		form.Set(name, field(v.t, edit, name))
	}
	v.post("/wiki/doku.php/notes/first?do=edit", form, "Elephants", "<strong>walk</strong>")
	v.get("/wiki/doku.php/notes/first", "<strong>walk</strong>")
	v.get("/wiki/lib/exe/css.php?t=dokuwiki", "text/css")
	v.get("/wiki/lib/exe/js.php?t=dokuwiki", "javascript")
	v.get("/wiki/lib/exe/fetch.php?media=wiki:dokuwiki-128.png", "PNG")
}

// useAdminer logs in to a SQLite file, makes a table and reads it.
func (v *visitor) useAdminer(database string) {
	v.t.Helper()
	write(v.t, database, "") // Adminer opens what exists
	if err := os.Chmod(database, 0o666); err != nil {
		v.t.Fatal(err)
	}
	v.get("/adminer/", "Login")
	v.post("/adminer/", url.Values{"auth[driver]": {"sqlite"}, "auth[server]": {""}, "auth[username]": {""}, "auth[password]": {""}, "auth[db]": {database}}, "SQL command")
	path := "/adminer/?sqlite=&username=&db=" + url.QueryEscape(database)
	page := v.get(path+"&sql=", "SQL command")
	v.post(path+"&sql=", url.Values{"token": {field(v.t, page, "token")}, "query": {"create table animals (name text); insert into animals values ('elephant'), ('camel');"}}, "Query executed OK")
	v.get(path+"&select=animals", "elephant", "camel")
}

func TestDokuWikiAndAdminerWorkBehindNginx(t *testing.T) {
	t.Parallel()
	sb := newSandbox(t)
	root := installApps(t, sb)
	h := startHowdah(t, sb)
	port := freePort(t)
	n := startNginx(t, sb, server{name: "apps", backend: h.socket, location: splitLocation, root: root, extra: "listen " + port + ";"})
	v := newVisitor(t, n.socket("apps"))
	v.editWiki()
	v.useAdminer(sb.path("scratch", "animals.sqlite"))
	lookAt(t, sb, "nginx", port, "/wiki/doku.php/notes/first", "/adminer/")
}

func TestDokuWikiAndAdminerWorkWithServeRoot(t *testing.T) {
	t.Parallel()
	sb := newSandbox(t)
	r := serveRoot(t, sb, installApps(t, sb))
	v := newVisitor(t, r.address)
	v.editWiki()
	v.useAdminer(sb.path("scratch", "animals.sqlite"))
	lookAt(t, sb, "root", r.address, "/wiki/doku.php/notes/first")
}

// lookAt opens the applications in a real browser.
func lookAt(t *testing.T, sb *sandbox, name, address string, pages ...string) {
	t.Helper()
	for _, page := range pages {
		words := map[string]string{"/wiki/doku.php/notes/first": "<strong>walk</strong>", "/adminer/": "Login"}[page]
		args := []string{"--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--user-data-dir=" + sb.path("chromium"),
			"--window-size=1200,900", "--virtual-time-budget=5000"}
		if *screenshots != "" {
			file := filepath.Join(*screenshots, name+"-"+strings.ReplaceAll(strings.Trim(page, "/"), "/", "-")+".png")
			if out, err := exec.Command("chromium", append(args, "--screenshot="+file, "http://"+address+page)...).CombinedOutput(); err != nil {
				t.Errorf("chromium: %v\n%s", err, out)
			}
		}
		cmd := exec.Command("timeout", append([]string{"60", "chromium"}, append(args, "--dump-dom", "http://"+address+page)...)...)
		start := time.Now()
		dom, err := cmd.Output()
		if err != nil || !strings.Contains(string(dom), words) {
			t.Errorf("the browser's view of %s after %v (%v) has no %q:\n%.2000s", page, time.Since(start), err, words, dom)
		}
	}
	if err := os.RemoveAll(sb.path("chromium")); err != nil {
		t.Error(err)
	}
}
