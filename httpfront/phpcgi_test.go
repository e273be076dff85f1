package httpfront

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// phpCGI starts a real php-cgi on a Unix socket. It is all there is behind the front in these tests: no pool, and so each
// body must have its length.
func phpCGI(t *testing.T) Dial {
	t.Helper()
	binary, err := exec.LookPath("php-cgi")
	if err != nil {
		t.Skip("php-cgi is not installed (make deps)")
	}
	socket := filepath.Join(t.TempDir(), "php.sock")
	cmd := exec.Command(binary, "-b", socket)
	cmd.Env = append(os.Environ(), "PHP_FCGI_CHILDREN=2", "PHP_FCGI_MAX_REQUESTS=0")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		cmd.Wait()
	})
	dial := func(ctx context.Context) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", socket)
	}
	if !eventually(func() bool {
		c, err := dial(t.Context())
		if err == nil {
			c.Close()
		}
		return err == nil
	}) {
		t.Fatal("php-cgi does not listen")
	}
	return dial
}

// serveServer answers with $_SERVER.
const serveServer = `<?php header('Content-Type: application/json'); echo json_encode($_SERVER);`

// serverVars asks for a path of a script that dumps $_SERVER.
func (s *site) serverVars(path string, headers ...string) map[string]any {
	s.t.Helper()
	got := s.get(path, headers...)
	var vars map[string]any
	if err := json.Unmarshal([]byte(got.body), &vars); err != nil {
		s.t.Fatalf("%s: %d %q: %v", path, got.status, got.body, err)
	}
	return vars
}

func TestPHPSeesTheRequestAsBehindNginx(t *testing.T) {
	s := serveWith(t, Config{Root: makeTree(t, map[string]string{"sub/x.php": serveServer, "index.php": serveServer}), Fallback: "/index.php"}, phpCGI(t))
	vars := s.serverVars("/sub/x.php/path/info?a=1&b=%20", "Accept: text/html", "Proxy: http://evil.example", "Host: Site.example:99")
	for name, want := range map[string]string{
		"SCRIPT_NAME": "/sub/x.php", "SCRIPT_FILENAME": s.root + "/sub/x.php", "PATH_INFO": "/path/info", "DOCUMENT_ROOT": s.root,
		"PHP_SELF": "/sub/x.php/path/info", "REQUEST_URI": "/sub/x.php/path/info?a=1&b=%20", "QUERY_STRING": "a=1&b=%20",
		"REQUEST_METHOD": "GET", "SERVER_NAME": "site.example", "HTTP_HOST": "Site.example:99", "REMOTE_ADDR": "127.0.0.1",
		"GATEWAY_INTERFACE": "CGI/1.1", "SERVER_PROTOCOL": "HTTP/1.1", "SERVER_SOFTWARE": "howdah", "HTTP_ACCEPT": "text/html",
	} {
		if vars[name] != want {
			t.Errorf("%s: %v, want %s", name, vars[name], want)
		}
	}
	for _, name := range []string{"HTTP_PROXY", "HTTPS", "REMOTE_USER"} {
		if v, ok := vars[name]; ok {
			t.Errorf("%s: %v", name, v)
		}
	}
	vars = s.serverVars("/some/route?x")
	for name, want := range map[string]string{
		"SCRIPT_NAME": "/index.php", "PHP_SELF": "/index.php", "REQUEST_URI": "/some/route?x", "SCRIPT_FILENAME": s.root + "/index.php",
	} {
		if vars[name] != want {
			t.Errorf("front controller: %s: %v, want %s", name, vars[name], want)
		}
	}
	if info, ok := vars["PATH_INFO"]; ok {
		t.Errorf("front controller: PATH_INFO %v", info)
	}
}

func TestPHPAnswersAsItLikes(t *testing.T) {
	s := serveWith(t, Config{Root: makeTree(t, map[string]string{
		"status.php":   `<?php http_response_code(418); setcookie('a', '1'); setcookie('b', '2'); echo 'teapot';`,
		"redirect.php": `<?php header('Location: /elsewhere?x=1');`,
		"empty.php":    `<?php http_response_code(204);`,
		"big.php":      `<?php for ($i = 0; $i < 300; $i++) echo str_repeat(chr(65 + $i % 26), 10000);`,
		"head.php":     `<?php header('X-Method: ' . $_SERVER['REQUEST_METHOD']); echo 'body';`,
		"fatal.php":    `<?php ini_set('display_errors', '0'); ini_set('log_errors', '1'); ini_set('error_log', ''); nonsense();`,
		"length.php":   `<?php header('Content-Length: 5'); echo 'hello';`,
	})}, phpCGI(t))
	got := s.get("/status.php")
	s.want(got, 418, "teapot")
	if len(got.header.Values("Set-Cookie")) != 2 {
		t.Errorf("cookies: %q", got.header.Values("Set-Cookie"))
	}
	if got := s.get("/redirect.php"); got.status != 302 || got.header.Get("Location") != "/elsewhere?x=1" {
		t.Errorf("redirect: %d %q", got.status, got.header)
	}
	s.want(s.get("/empty.php"), 204, "")
	if got := s.get("/big.php"); len(got.body) != 3000000 || sha256.Sum256([]byte(got.body)) != bigSum() {
		t.Errorf("big: %d bytes", len(got.body))
	}
	got = s.do("HEAD", "/head.php", nil)
	s.want(got, 200, "")
	if got.header.Get("X-Method") != "HEAD" {
		t.Errorf("HEAD: %q", got.header)
	}
	s.want(s.get("/length.php"), 200, "hello")
	if got := s.get("/fatal.php"); got.status != 500 || got.body != "" || !strings.Contains(s.log.String(), "undefined function nonsense()") {
		t.Errorf("fatal: %d %q; log %s", got.status, got.body, s.log)
	}
}

func bigSum() [32]byte {
	h := sha256.New()
	for i := range 300 {
		io.WriteString(h, strings.Repeat(string(rune('A'+i%26)), 10000))
	}
	return [32]byte(h.Sum(nil))
}

func TestPHPGetsFormsAndFiles(t *testing.T) {
	s := serveWith(t, Config{Root: makeTree(t, map[string]string{
		"post.php":   `<?php echo $_POST['name'], '|', file_get_contents('php://input');`,
		"upload.php": `<?php $f = $_FILES['f']; echo $f['name'], '|', $f['size'], '|', hash_file('sha256', $f['tmp_name']);`,
		"put.php":    `<?php echo $_SERVER['REQUEST_METHOD'], '|', strlen(file_get_contents('php://input'));`,
	})}, phpCGI(t))
	s.want(s.do("POST", "/post.php", strings.NewReader("name=J%C3%B6"), "Content-Type: application/x-www-form-urlencoded"), 200, "Jö|name=J%C3%B6")
	s.want(s.do("PUT", "/put.php", bytes.NewReader(make([]byte, 1<<20))), 200, "PUT|1048576")

	content := bytes.Repeat([]byte("howdah"), 100000)
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("f", "a file.bin")
	if err != nil {
		t.Fatal(err)
	}
	part.Write(content)
	form.Close()
	want := fmt.Sprintf("a file.bin|600000|%x", sha256.Sum256(content))
	s.want(s.do("POST", "/upload.php", &body, "Content-Type: "+form.FormDataContentType()), 200, want)
}

func TestPHPFlushReachesTheClient(t *testing.T) {
	root := makeTree(t, map[string]string{
		"flush.php": `<?php echo "first\n"; ob_end_flush(); flush(); while (!file_exists(__DIR__ . '/go')) { usleep(1000); clearstatcache(); } echo 'second';`,
	})
	s := serveWith(t, Config{Root: root}, phpCGI(t))
	res, err := s.client.Get("http://" + s.addr + "/flush.php")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	first := make([]byte, 6)
	if _, err := io.ReadFull(res.Body, first); err != nil || string(first) != "first\n" {
		t.Errorf("first %q, %v", first, err)
	}
	put(t, filepath.Join(root, "go"), "") // the script ends only after its first output was seen
	if rest, err := io.ReadAll(res.Body); err != nil || string(rest) != "second" {
		t.Errorf("then %q, %v", rest, err)
	}
}
