package e2e

import (
	"net"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"howdah/internal/fcgi"
)

// tcpPort finds where a pool listens if the kernel chose the port.
var tcpPort = regexp.MustCompile(`127\.0\.0\.1:[1-9][0-9]*`)

func TestPoolOnTCPServesWhomItMay(t *testing.T) {
	t.Parallel()
	sb := newSandbox(t)
	for clients, served := range map[string]bool{`["127.0.0.1"]`: true, `["192.0.2.0/24", "127.0.0.0/8"]`: true, `["192.0.2.1"]`: false} {
		h := startHowdah(t, sb, `listen = "127.0.0.1:0"`, `listen_owner =`, `listen_group =`, `listen_allowed_clients = `+clients,
			"[global]", `runtime_dir = "`+sb.path("run"+strings.NewReplacer(`"`, "", "[", "", "]", "", "/", "-", ", ", "-").Replace(clients))+`"`)
		address := tcpPort.FindString(h.wantLogged(0, time.Second, "listens on"))
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if err := c.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
			t.Fatal(err)
		}
		w := &webServer{Conn: c, t: t, records: fcgi.NewReader(c)}
		_, _ = w.Write(requestBytes(t, 1, 0, "", sb.script("GET", "hello.php")...)) // refused: the answer below shows it
		r, err := w.receive()
		if got := err == nil && strings.HasSuffix(r.stdout, "hello"); got != served {
			t.Errorf("listen_allowed_clients = %s: served %v (%q, %v), want %v", clients, got, r.stdout, err, served)
		}
	}
}

func TestSocketHasItsOwnerAndMode(t *testing.T) {
	t.Parallel()
	sb := newSandbox(t)
	h := startHowdah(t, sb, `listen_owner = "games"`, `listen_group = "www-data"`, `listen_mode = "0620"`)
	info, err := os.Stat(h.socket)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o620 || ownerOf(info) != 5 {
		t.Errorf("mode %v, owner %d", info.Mode().Perm(), ownerOf(info))
	}
	h.rewrite(`listen_owner = "www-data"`, `listen_group = "www-data"`, `listen_mode = "0666"`)
	h.reload()
	if info, err = os.Stat(h.socket); err != nil || info.Mode().Perm() != 0o666 || ownerOf(info) != 33 {
		t.Errorf("after a reload: mode %v, owner %d, %v", info.Mode().Perm(), ownerOf(info), err)
	}
}

// A pool may have both doors: FastCGI for nginx, and HTTP.
func TestPoolWithAnHTTPFrontServesBothWays(t *testing.T) {
	t.Parallel()
	sb := newSandbox(t)
	front := sb.path("http.sock")
	sb.page(t, "assets/app.js", "let uncompressed")
	sb.page(t, "assets/app.js.gz", "compressed")
	h := startHowdah(t, sb, "[pool.www.http]", `listen = "`+front+`"`, `root = "`+sb.path("site")+`"`, `fallback = "/index.php"`, `trusted_proxies = ["unix"]`)
	if r := dialFastCGI(t, h.socket).ask(0, "", sb.script("GET", "hello.php")...); !strings.HasSuffix(r.stdout, "hello") {
		t.Errorf("by FastCGI: %q", r.stdout)
	}
	b := newBrowser(t, front)
	b.wantPage("/hello.php", 200, "hello")
	b.wantPage("/some/page?x=1", 200, "index /some/page?x=1 /index.php - /index.php")
	if p := b.get("/report.php", "X-Forwarded-For", "203.0.113.9", "X-Forwarded-Proto", "https"); !strings.Contains(p.body, "SERVER[REMOTE_ADDR] = 203.0.113.9\n") ||
		!strings.Contains(p.body, "SERVER[HTTPS] = on\n") {
		t.Errorf("a trusted proxy is not believed: %.2500s", p.body)
	}
	if p := b.get("/assets/app.js", "Accept-Encoding", "gzip"); p.body != "compressed" || p.header.Get("Content-Encoding") != "gzip" {
		t.Errorf("precompressed: %q %v", p.body, p.header)
	}
	etag := b.get("/plain.txt").header.Get("Etag")
	if p := b.get("/plain.txt", "If-None-Match", etag); etag == "" || p.status != http.StatusNotModified {
		t.Errorf("with ETag %q: %d", etag, p.status)
	}
	// Reload and load at once, through this door too.
	l := b.startLoad(4, "/hello.php", "hello")
	h.reload()
	l.wantProgress(100, 10*time.Second)
	if c := l.stop(); c.bad() > 0 {
		t.Error(c)
	}
}
