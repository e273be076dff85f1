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

// frontend is a web server other than nginx: how to run one with a FastCGI socket behind it.
type frontend struct {
	name string
	// configure returns the configuration that serves site at listen with PHP by the FastCGI socket backend. dir is for files.
	configure func(dir, site, listen, backend string) string
	// command runs it with the configuration file.
	command func(dir, config string) []string
	tcp     bool // it can't listen on a Unix socket
}

var frontends = []frontend{
	{
		name: "Apache with a handler",
		configure: func(dir, site, listen, backend string) string {
			return apache(dir, site, listen) + snippet("apache/handler.conf", site, backend)
		},
		command: apacheCommand,
		tcp:     true,
	},
	{
		name: "Apache with ProxyPassMatch",
		configure: func(dir, site, listen, backend string) string {
			return apache(dir, site, listen) + snippet("apache/proxypass.conf", site, backend)
		},
		command: apacheCommand,
		tcp:     true,
	},
	{
		name: "lighttpd",
		configure: func(dir, site, listen, backend string) string {
			return `
server.bind = "` + listen + `"
server.document-root = "` + site + `"
server.errorlog = "` + dir + `/error.log"
server.upload-dirs = ("` + dir + `")
server.username = "www-data"
server.groupname = "www-data"
server.modules = ("mod_indexfile")
index-file.names = ("index.php", "index.html")
` + snippet("lighttpd/howdah.conf", site, backend)
		},
		command: func(_, config string) []string { return []string{"lighttpd", "-D", "-f", config} },
	},
	{
		name: "Caddy",
		configure: func(_, site, listen, backend string) string {
			return `{
	admin off
	auto_https off
}
` + strings.Replace(snippet("caddy/Caddyfile", site, backend), "example.com {", "http://example.test {\n\tbind unix/"+listen, 1)
		},
		command: func(_, config string) []string {
			return []string{"caddy", "run", "--adapter", "caddyfile", "--config", config}
		},
	},
	{
		name: "h2o",
		configure: func(dir, site, listen, backend string) string {
			return `
user: www-data
num-threads: 1
pid-file: ` + dir + `/pid
error-log: ` + dir + `/error.log
temp-buffer-path: ` + dir + `
listen:
  port: ` + listen + `
  type: unix
hosts:
  "example.test":
    paths:
      "/":
        file.dir: ` + site + `
        file.index: ["index.php"]
        file.custom-handler:
          extension: .php
          fastcgi.connect:
            port: ` + backend + `
            type: unix
`
		},
		command: func(_, config string) []string { return []string{"h2o", "-m", "worker", "-c", config} },
	},
}

// snippet is an example that the package brings, with only the paths replaced.
func snippet(name, site, backend string) string {
	text, err := os.ReadFile("../packaging/" + name)
	if err != nil {
		panic(err) // it is part of the source tree
	}
	return strings.NewReplacer("/run/howdah/www.sock", backend, "/var/www/html", site).Replace(string(text))
}

func apache(dir, site, listen string) string {
	var modules strings.Builder
	for _, name := range []string{"mpm_event", "authz_core", "dir", "mime", "proxy", "proxy_fcgi"} {
		fmt.Fprintf(&modules, "LoadModule %s_module /usr/lib/apache2/modules/mod_%s.so\n", name, name)
	}
	return modules.String() + `
ServerRoot ` + dir + `
DefaultRuntimeDir ` + dir + `
PidFile ` + dir + `/pid
ErrorLog /dev/stderr
ServerName example.test
UseCanonicalName On
User www-data
Group www-data
Listen ` + listen + `
TypesConfig /etc/mime.types
DocumentRoot ` + site + `
DirectoryIndex index.php
<Directory ` + site + `>
	Require all granted
</Directory>
`
}

func apacheCommand(dir, config string) []string {
	return []string{"apache2", "-d", dir, "-f", config, "-DFOREGROUND"}
}

// start runs the web server in front of a FastCGI socket and returns where it listens.
func (f frontend) start(t *testing.T, sb *sandbox, side, backend string) string {
	t.Helper()
	dir := sb.path("front-" + side)
	mkdir(t, dir, 0o777)
	listen := dir + "/http"
	if f.tcp {
		listen = freePort(t)
	}
	config := dir + "/conf"
	write(t, config, f.configure(dir, sb.path("site"), listen, backend))
	args := f.command(dir, config)
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = append(cmd.Environ(), "HOME="+dir, "XDG_DATA_HOME="+dir, "XDG_CONFIG_HOME="+dir)
	cmd.Dir = dir
	d := startDaemon(t, f.name, syscall.SIGTERM, cmd)
	wantListening(t, d, listen)
	return listen
}

// freePort is an address that was free a moment ago, for servers that can't listen on a Unix socket or take a listener.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func TestOtherWebServersGetTheSameFromHowdahAsFromPHPFPM(t *testing.T) {
	t.Parallel()
	sb := newSandbox(t)
	fpm, ours := startFPM(t, sb), startHowdah(t, sb)
	for i, f := range frontends {
		t.Run(f.name, func(t *testing.T) {
			reference := f.start(t, sb, fmt.Sprint("fpm", i), fpm.socket)
			subject := f.start(t, sb, fmt.Sprint("our", i), ours.socket)
			for name, c := range map[string]comparison{
				"an index":                {request: get("/dir/"), status: 200, proof: "index of dir"},
				"the index of the root":   {request: get("/"), status: 200, proof: "index /"},
				"a page":                  {request: get("/report.php?a=b&c", "X-Header: yes"), status: 200, proof: "HEADERS[X-Header] = yes"},
				"path info":               {request: get("/report.php/a/b%20c?x=y"), status: 200, proof: "SERVER[REQUEST_URI]"},
				"a lone slash":            {request: get("/report.php/"), status: 200, proof: "SERVER[REQUEST_URI]"},
				"path info with a script": {request: get("/report.php/other.php"), status: 200, proof: "SERVER[REQUEST_URI]"},
				"a form":                  {request: request("POST", "/report.php", "a=1&b=2", form), status: 200, proof: "POST[b] = 2"},
				"a large body":            {request: request("POST", "/input.php", noise(9, 3<<20), "Content-Type: text/plain"), status: 200, proof: "POST '3145728' 3145728"},
				"an upload":               {request: uploadRequest(t), status: 200, proof: "two words"},
				"a missing script":        {request: get("/missing.php")}, // 404, or the front controller,
				"a status":                {request: get("/status.php?status=410"), status: 410, proof: "status is 410"},
				"a redirect":              {request: get("/redirect.php"), status: 302, proof: "/hello.php"},
				"HEAD":                    {request: request("HEAD", "/report.php", ""), status: 200},
				"a large page":            {request: get("/big.php?bytes=2000000"), status: 200, proof: "00000001"},
				"basic authentication":    {request: get("/report.php", "Authorization: Basic dXNlcjpzZWNyZXQ="), status: 200},
			} {
				t.Run(name, func(t *testing.T) { compareBehind(t, c, reference, subject) })
			}
		})
	}
}

func uploadRequest(t *testing.T) string {
	contentType, body := upload(t, map[string]string{"a.bin": noise(8, 700_000)})
	return request("POST", "/upload.php", body, "Content-Type: "+contentType)
}

// compareBehind is pair.compare for two instances of a web server.
func compareBehind(t *testing.T, c comparison, reference, subject string) {
	t.Helper()
	want, err := exchange(reference, c.request, 30*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if c.status != 0 && !strings.Contains(want.status, fmt.Sprintf(" %d", c.status)) || !strings.Contains(want.body+strings.Join(want.header, "\n"), c.proof) {
		t.Errorf("from php-fpm: %q without %q: the case does not show what it should\n%.1000q", want.status, c.proof, want.body)
	}
	got, err := exchange(subject, c.request, 30*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if got.status != want.status {
		t.Errorf("status line %q, php-fpm's is %q", got.status, want.status)
	}
	diffLines(t, "header", atOnePlace(comparableHeader(got), subject), atOnePlace(comparableHeader(want), reference))
	if got.body != want.body {
		diffLines(t, "body", atOnePlace(comparableBody(got.body), subject), atOnePlace(comparableBody(want.body), reference))
	}
}

// atOnePlace gives the addresses of both instances one name, in their written and their encoded form.
func atOnePlace(lines []string, address string) []string {
	escaped := strings.NewReplacer("/", "%2F", ":", "%3A").Replace(address)
	_, port, _ := strings.Cut(address, ":")
	for i := range lines {
		lines[i] = strings.NewReplacer(address, "ADDRESS", escaped, "ADDRESS").Replace(lines[i])
		if port != "" {
			lines[i] = strings.ReplaceAll(lines[i], port, "PORT")
		}
	}
	return lines
}
