package packaging

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/fcgi"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

func TestNginxServesTheUnchangedExample(t *testing.T) {
	n := startNginx(t, "unchanged.conf")
	n.want(t, "/page.php?x=1", 200, "ran "+n.root+"/page.php with x=1")
	n.want(t, "/hello.txt", 200, "a file")
	n.want(t, "/no/such/page?y=2", 200, "ran "+n.root+"/index.php with y=2")
	n.want(t, "/gone.php", 404, "")
	n.want(t, "/.env", 403, "")
}

func TestNginxKeepsItsConnectionsWithTheKeepaliveExample(t *testing.T) {
	n := startNginx(t, "keepalive.conf")
	for range 10 {
		n.want(t, "/page.php?x=1", 200, "ran "+n.root+"/page.php with x=1")
	}
	if got := n.accepted.Load(); got != 1 {
		t.Errorf("nginx opened %d connections for 10 requests, want 1 that is kept", got)
	}
}

func TestNginxOpensAConnectionPerRequestWithTheUnchangedExample(t *testing.T) {
	n := startNginx(t, "unchanged.conf")
	for range 3 {
		n.want(t, "/page.php", 200, "ran "+n.root+"/page.php with ")
	}
	if got := n.accepted.Load(); got != 3 {
		t.Errorf("nginx opened %d connections for 3 requests, want 3: then the keepalive example shows nothing", got)
	}
}

func TestNginxSplitsThePathWithThePathinfoExample(t *testing.T) {
	n := startNginx(t, "pathinfo.conf")
	n.want(t, "/page.php/a/b?x=1", 200, "ran "+n.root+"/page.php with x=1")
	n.want(t, "/page.php?x=1", 200, "ran "+n.root+"/page.php with x=1")
	n.want(t, "/hello.txt", 200, "a file")
}

// nginx is a running nginx with one of the examples, and the FastCGI server behind it.
type nginx struct {
	root     string
	client   *http.Client
	accepted atomic.Int64
}

// startNginx runs nginx with an example in which only addresses and paths are replaced. The listening socket is made here and inherited,
// as in an upgrade of nginx: so it is there from the start and nobody waits for it.
func startNginx(t *testing.T, example string) *nginx {
	t.Helper()
	binary, err := exec.LookPath("nginx")
	if err != nil {
		if binary, err = exec.LookPath("/usr/sbin/nginx"); err != nil {
			t.Skip("no nginx on this machine: make deps")
		}
	}
	dir := t.TempDir()
	n := &nginx{root: filepath.Join(dir, "html")}
	for name, text := range map[string]string{"index.php": "", "page.php": "", "hello.txt": "a file", ".env": "secret"} {
		os.MkdirAll(n.root, 0o755)
		if err := os.WriteFile(filepath.Join(n.root, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	n.startBackend(t, filepath.Join(dir, "php.sock"))

	front := filepath.Join(dir, "http.sock")
	listener, err := net.Listen("unix", front)
	if err != nil {
		t.Fatal(err)
	}
	inherited, err := listener.(*net.UnixListener).File()
	if err != nil {
		t.Fatal(err)
	}
	listener.(*net.UnixListener).SetUnlinkOnClose(false)
	listener.Close()

	site := readFile(t, filepath.Join("nginx", example))
	for _, change := range [][2]string{
		{"listen 80", "listen unix:" + front},
		{"/run/howdah/www.sock", filepath.Join(dir, "php.sock")},
		{"/var/www/html", n.root},
	} {
		if !strings.Contains(site, change[0]) {
			t.Fatalf("%s has no %q to replace", example, change[0])
		}
		site = strings.ReplaceAll(site, change[0], change[1])
	}
	conf := fmt.Sprintf("daemon off;\nworker_processes 1;\npid %[1]s/nginx.pid;\nerror_log %[1]s/error.log;\nevents {}\nhttp {\naccess_log off;\n", dir)
	if os.Getuid() == 0 {
		conf = "user root;\n" + conf // any other can't enter dir
	}
	for _, temp := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		conf += fmt.Sprintf("%s_temp_path %s/%s;\n", temp, dir, temp)
	}
	for _, included := range []string{"fastcgi_params", "fastcgi.conf", "snippets"} {
		if err := os.Symlink(filepath.Join("/etc/nginx", included), filepath.Join(dir, included)); err != nil {
			t.Fatal(err)
		}
	}
	confFile := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(confFile, []byte(conf+site+"}\n"), 0o644); err != nil {
		t.Fatal(err)
	}

	var output strings.Builder
	cmd := exec.Command(binary, "-c", confFile, "-e", filepath.Join(dir, "error.log"))
	cmd.Env = append(os.Environ(), "NGINX=3;")
	cmd.ExtraFiles = []*os.File{inherited}
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	inherited.Close()
	t.Cleanup(func() {
		cmd.Process.Signal(os.Interrupt)
		cmd.Wait()
		if t.Failed() {
			errors, _ := os.ReadFile(filepath.Join(dir, "error.log"))
			t.Logf("nginx said: %s%s", output.String(), errors)
		}
	})
	n.client = &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", front)
	}}}
	t.Cleanup(n.client.CloseIdleConnections)
	return n
}

// startBackend answers FastCGI with the script and the query that it was asked for, where Howdah would listen.
func (n *nginx) startBackend(t *testing.T, socket string) {
	t.Helper()
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(socket, 0o666); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		fcgi.Serve(counting{listener, &n.accepted}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, "ran %s with %s", fcgi.ProcessEnv(r)["SCRIPT_FILENAME"], r.URL.RawQuery)
		}))
	}()
	t.Cleanup(func() {
		listener.Close()
		<-done
	})
}

// counting counts what it accepts.
type counting struct {
	net.Listener
	n *atomic.Int64
}

func (c counting) Accept() (net.Conn, error) {
	conn, err := c.Listener.Accept()
	if err == nil {
		c.n.Add(1)
	}
	return conn, err
}

// want asks nginx for a page. An empty body is not compared.
func (n *nginx) want(t *testing.T, uri string, status int, body string) {
	t.Helper()
	answer, err := n.client.Get("http://site" + uri)
	if err != nil {
		t.Fatalf("%s: %v", uri, err)
	}
	defer answer.Body.Close()
	got, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatalf("%s: %v", uri, err)
	}
	if answer.StatusCode != status || body != "" && string(got) != body {
		t.Errorf("%s: %d %q, want %d %q", uri, answer.StatusCode, got, status, body)
	}
}
