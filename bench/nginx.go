package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// style is how the site is configured in nginx.
type style string

const (
	// plain is the shortest location that runs PHP.
	plain style = "plain"
	// full is Debian's: a regular expression, snippets/fastcgi-php.conf with fastcgi_split_path_info, try_files, PATH_INFO.
	full style = "full"
)

// keptConnections is the number after nginx's keepalive: as many as the busiest row has clients, so that it never closes one in between.
const keptConnections = 400

// route is a port of nginx that leads to a server.
type route struct {
	Port      int
	Socket    string
	Style     style
	Keepalive bool // upstream with keepalive and fastcgi_keep_conn on; else nginx as it comes
}

// url is the address of a page by this route.
func (r route) url(page string) string { return fmt.Sprintf("http://127.0.0.1:%d/%s", r.Port, page) }

// nginxConfig is the whole configuration. workers is a number or "auto".
func nginxConfig(dir, user, workers string, routes []route) string {
	var b strings.Builder
	line := func(format string, a ...any) { fmt.Fprintf(&b, format+"\n", a...) }
	if user != "" {
		line("user %s;", user)
	}
	line("worker_processes %s;", workers)
	line("worker_rlimit_nofile 8192;")
	line("daemon off;")
	line("pid %s/nginx.pid;", dir)
	line("error_log %s/nginx.log;", dir)
	line("events { worker_connections 2048; }")
	line("http {")
	line("  access_log off;")
	for _, temp := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		line("  %s_temp_path %s/%s;", temp, dir, temp)
	}
	for i, r := range routes {
		pass := "unix:" + r.Socket
		if r.Keepalive {
			line("  upstream kept%d { server %s; keepalive %d; }", i, pass, keptConnections)
			pass = fmt.Sprintf("kept%d", i)
		}
		line("  server {")
		line("    listen 127.0.0.1:%d;", r.Port)
		line("    root %s/site;", dir)
		switch r.Style {
		case plain:
			line("    location / {")
			line("      include fastcgi_params;")
			line("      fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;")
		case full:
			line(`    location ~ \.php(/|$) {`)
			line("      include snippets/fastcgi-php.conf;")
		}
		if r.Keepalive {
			line("      fastcgi_keep_conn on;")
		}
		line("      fastcgi_pass %s;", pass)
		line("    }")
		line("  }")
	}
	line("}")
	return b.String()
}

// startNginx starts nginx in dir. Debian's own files are linked beside the configuration, because nginx looks there for what is included.
func startNginx(dir, user, workers string, routes []route) (*child, error) {
	binary, err := findNginx()
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"fastcgi_params", "fastcgi.conf", "snippets"} {
		debian := filepath.Join("/etc/nginx", name)
		if _, err := os.Stat(debian); err != nil {
			return nil, fmt.Errorf("the bench uses Debian's nginx files: %w", err)
		}
		if err := os.Symlink(debian, filepath.Join(dir, name)); err != nil {
			return nil, err
		}
	}
	config := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(config, []byte(nginxConfig(dir, user, workers, routes)), 0o644); err != nil {
		return nil, err
	}
	log := filepath.Join(dir, "nginx.log")
	return startChild(log, binary, "-e", log, "-p", dir, "-c", config)
}

// findNginx finds nginx, also where a user's PATH has no sbin.
func findNginx() (string, error) {
	for _, name := range []string{"nginx", "/usr/sbin/nginx"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("nginx is not installed: apt-get install nginx-light, or make deps")
}

// freePort picks a loopback port that nobody listens on.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
