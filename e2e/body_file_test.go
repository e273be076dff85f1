package e2e

import (
	"os"
	"strings"
	"testing"
	"time"
)

// bodyFileLocation has nginx keep the body in a file and hand over the file's name.
const bodyFileLocation location = `
		location / {
			client_body_in_file_only clean;
			fastcgi_pass_request_body off;
			include /etc/nginx/fastcgi_params;
			fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
			fastcgi_param REQUEST_BODY_FILE $request_body_file;
			fastcgi_pass UPSTREAM;
		}`

func TestBodyInAFileOfNginxArrivesAsUnderPHPFPM(t *testing.T) {
	t.Parallel()
	sb := newSandbox(t)
	fpm, ours := startFPM(t, sb), startHowdah(t, sb)
	p := &pair{t: t, sb: sb, fpm: fpm, ours: ours}
	p.nginx = startNginx(t, sb,
		server{name: "fpm-file", backend: fpm.socket, location: bodyFileLocation},
		server{name: "our-file", backend: ours.socket, location: bodyFileLocation})
	sb.page(t, "digest.php", `<?php $b = file_get_contents('php://input'); echo $_SERVER['CONTENT_LENGTH'], ' ', strlen($b), ' ', md5($b), ' ', json_encode($_POST);`)
	for name, body := range map[string]string{"small": "the body", "large": strings.Repeat("0123456789", 300_000)} {
		t.Run(name, func(t *testing.T) {
			p.compare(t, "file", request("POST", "/digest.php", body, "Content-Type: text/plain"), 200, "")
		})
	}
	form := "a=1&b=" + strings.Repeat("x", 500)
	p.compare(t, "file", request("POST", "/digest.php", form, "Content-Type: application/x-www-form-urlencoded"), 200, `{"a":"1","b":"xxx`)
	p.compare(t, "file", get("/report.php"), 200, "SERVER[REQUEST_BODY_FILE] = \n")
}

// A file is opened with the rights of the pool's user, and one that it may not read is no body, as under php-fpm.
func TestBodyFileIsOpenedAsThePoolsUser(t *testing.T) {
	t.Parallel()
	sb := newSandbox(t)
	fpm, ours := startFPM(t, sb), startHowdah(t, sb)
	secret := sb.path("secret")
	if err := os.WriteFile(secret, []byte("root's own"), 0o600); err != nil {
		t.Fatal(err)
	}
	sb.page(t, "input.php", `<?php echo '[', file_get_contents('php://input'), ']';`)
	for _, socket := range []string{fpm.socket, ours.socket} {
		params := sb.script("POST", "input.php", param{"CONTENT_LENGTH", "10"}, param{"CONTENT_TYPE", "text/plain"}, param{"REQUEST_BODY_FILE", secret})
		r := dialFastCGI(t, socket).ask(0, "", params...)
		if !strings.HasSuffix(r.stdout, "[]") || strings.Contains(r.stdout, "own") {
			t.Errorf("%s: %q, want an empty body", socket, r.stdout)
		}
	}
	ours.wantLogged(0, 10*time.Second, "REQUEST_BODY_FILE: open "+secret+": permission denied")
}
