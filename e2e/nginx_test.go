package e2e

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// location is how an nginx server hands requests to FastCGI. UPSTREAM is replaced by the name of the upstream.
type location string

// The ways of writing a PHP location that are in use.
const (
	// plainLocation is the short one: no PATH_INFO.
	plainLocation location = `
		location / { index index.php index.html; try_files $uri $uri/ /index.php$is_args$args; }
		location ~ \.php$ {
			include /etc/nginx/fastcgi_params;
			fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
			fastcgi_pass UPSTREAM;
		}`

	// splitLocation has nginx split the path info off.
	splitLocation location = `
		location / { index index.php; }
		location ~ [^/]\.php(/|$) {
			fastcgi_split_path_info ^(.+?\.php)(/.*)$;
			include /etc/nginx/fastcgi_params;
			fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
			fastcgi_param PATH_INFO $fastcgi_path_info;
			fastcgi_param PATH_TRANSLATED $document_root$fastcgi_path_info;
			fastcgi_pass UPSTREAM;
		}`

	// walkLocation leaves the path info in SCRIPT_FILENAME: PHP (cgi.fix_pathinfo) finds the script.
	walkLocation location = `
		location / {
			include /etc/nginx/fastcgi_params;
			fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
			fastcgi_pass UPSTREAM;
		}`

	// unsplitLocation passes PATH_INFO, which is empty without fastcgi_split_path_info: PHP finds the script and sets it.
	unsplitLocation location = `
		location / {
			include /etc/nginx/fastcgi_params;
			fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
			fastcgi_param PATH_INFO $fastcgi_path_info;
			fastcgi_pass UPSTREAM;
		}`

	// slashLocation has one slash too many in SCRIPT_FILENAME, as a root that ends with a slash gives it.
	slashLocation location = `
		location / {
			include /etc/nginx/fastcgi_params;
			fastcgi_param SCRIPT_FILENAME $document_root/$fastcgi_script_name;
			fastcgi_pass UPSTREAM;
		}`

	// debianLocation is the snippet that Debian ships.
	debianLocation location = `
		location / { try_files $uri $uri/ =404; index index.php; }
		location ~ \.php {
			include /etc/nginx/snippets/fastcgi-php.conf;
			fastcgi_pass UPSTREAM;
		}`

	// frontLocation sends everything to one front controller.
	frontLocation location = `
		location / {
			include /etc/nginx/fastcgi_params;
			fastcgi_param SCRIPT_FILENAME $document_root/report.php;
			fastcgi_param SCRIPT_NAME /report.php;
			fastcgi_param PATH_INFO $uri;
			fastcgi_pass UPSTREAM;
		}`

	// streamLocation hands bytes on as they come, in both directions.
	streamLocation location = `
		location / {
			fastcgi_buffering off;
			fastcgi_request_buffering off;
			include /etc/nginx/fastcgi_params;
			fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
			fastcgi_pass UPSTREAM;
		}`
)

// server is one server block: a Unix socket of nginx in front of a FastCGI socket.
type server struct {
	name      string
	backend   string // path of the FastCGI socket, or host:port
	location  location
	keepalive bool   // nginx keeps connections to the backend
	root      string // default: the sandbox's site
	extra     string // further directives of the server block
}

// nginx is a running nginx.
type nginx struct {
	*daemon
	sb *sandbox
}

// startNginx runs nginx with the servers. Each listens on a Unix socket of its name.
func startNginx(t *testing.T, sb *sandbox, servers ...server) *nginx {
	t.Helper()
	n := &nginx{sb: sb}
	mkdir(t, sb.path("nginx"), 0o755)
	var blocks strings.Builder
	for _, s := range servers {
		root := s.root
		if root == "" {
			root = sb.path("site")
		}
		backend := s.backend
		if strings.HasPrefix(backend, "/") {
			backend = "unix:" + backend
		}
		keep, pass := "", "fastcgi_pass UPSTREAM;"
		if s.keepalive {
			keep, pass = "keepalive 64;", "fastcgi_keep_conn on; fastcgi_pass UPSTREAM;"
		}
		place := strings.ReplaceAll(string(s.location), "fastcgi_pass UPSTREAM;", strings.ReplaceAll(pass, "UPSTREAM", s.name))
		fmt.Fprintf(&blocks, `
	upstream %[1]s { server %[2]s max_fails=0; %[3]s }
	server {
		listen unix:%[4]s backlog=4096;
		server_name example.test;
		root %[5]s;
		error_log %[6]s error;
		%[7]s
		%[8]s
	}
`, s.name, backend, keep, n.socket(s.name), root, n.errorLog(s.name), s.extra, place)
	}
	config := sb.path("nginx", "nginx.conf")
	if err := os.Symlink("/etc/nginx/fastcgi.conf", sb.path("nginx", "fastcgi.conf")); err != nil { // snippets include it by this name
		t.Fatal(err)
	}
	write(t, config, fmt.Sprintf(`
daemon off;
user www-data;
worker_processes 1;
pid %[1]s/nginx/pid;
error_log stderr warn;
worker_rlimit_nofile 8192;
events { worker_connections 4096; }
http {
	include /etc/nginx/mime.types;
	access_log off;
	client_max_body_size 0;
	client_body_temp_path %[1]s/nginx/body;
	fastcgi_temp_path %[1]s/nginx/fastcgi;
	proxy_temp_path %[1]s/nginx/proxy;
	uwsgi_temp_path %[1]s/nginx/uwsgi;
	scgi_temp_path %[1]s/nginx/scgi;
	%[2]s
}
`, sb.dir, blocks.String()))
	n.daemon = startDaemon(t, "nginx", syscall.SIGTERM, exec.Command("nginx", "-e", "stderr", "-c", config))
	for _, s := range servers {
		n.wantListening(s.name)
	}
	t.Cleanup(func() {
		for _, s := range servers {
			if text, err := os.ReadFile(n.errorLog(s.name)); err == nil && t.Failed() && len(text) > 0 {
				t.Logf("nginx, server %s:\n%s", s.name, text[max(0, len(text)-3000):])
			}
		}
	})
	return n
}

// socket is where the named server listens.
func (n *nginx) socket(name string) string { return n.sb.path("nginx-" + name + ".sock") }

// errorLog is the named server's file.
func (n *nginx) errorLog(name string) string { return n.sb.path("log", "nginx-"+name+".log") }

func (n *nginx) wantListening(name string) {
	n.t.Helper()
	wantListening(n.t, n.daemon, n.socket(name))
}

// wantListening waits until an address accepts connections.
func wantListening(t *testing.T, d *daemon, socket string) {
	t.Helper()
	ok := within(10*time.Second, func() bool {
		if d.hasExited() {
			t.Fatalf("%s exited before it listened on %s", d.name, socket)
		}
		c, err := net.Dial(network(socket), socket)
		if err != nil {
			return false
		}
		c.Close()
		return true
	})
	if !ok {
		t.Fatalf("%s does not listen on %s", d.name, socket)
	}
}
