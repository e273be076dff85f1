package fcgiserver

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// dumpPHP prints $_SERVER in its order, and what getenv says of each variable, but for what differs from one run to the next.
const dumpPHP = `<?php
foreach ($_SERVER as $k => $v) {
	if (in_array($k, ['REQUEST_TIME', 'REQUEST_TIME_FLOAT', 'argv', 'argc'])) { continue; }
	echo $k, '=', rawurlencode($v), "\n";
}
foreach ($_SERVER as $k => $v) {
	if (is_string($v) && ($e = getenv($k)) !== $v && !in_array($k, ['PHP_SELF'])) { echo 'getenv ', $k, '=', var_export($e, true), "\n"; }
}
echo 'body=', rawurlencode(file_get_contents('php://input')), "\n";
`

// phpSite is a directory with all kinds of scripts, and of what only looks like one.
func phpSite(t *testing.T) string {
	t.Helper()
	site := sockets(t)
	for name, content := range map[string]string{
		"dump.php": dumpPHP, "index.php": dumpPHP, "dir/index.php": dumpPHP, "dir/a.b/x.y.php": dumpPHP, "dir.php/in.php": dumpPHP,
		"with space.php": dumpPHP, "per%2fcent.php": dumpPHP, "qu?ery.php": dumpPHP, "UPPER.PHP": dumpPHP, "archive.phar": dumpPHP,
		"back\\slash.php": dumpPHP, "ümlaut.php": dumpPHP, "double.php.jpg": dumpPHP, "image.jpg": dumpPHP, "script": dumpPHP,
		".php": dumpPHP, "empty.php": "", "page.html": "<p>", "unreadable.php": dumpPHP, "closed/x.php": dumpPHP,
		"app/public/index.php": dumpPHP, "..php": dumpPHP, "x..php": dumpPHP, "exit.php": "<?php http_response_code(404); exit('mine');",
	} {
		path := filepath.Join(site, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for link, target := range map[string]string{
		"link.php": "dump.php", "link.jpg": "dump.php", "linked": "dir", "broken.php": "nowhere", "loop.php": "loop.php", "jpg.php": "image.jpg",
	} {
		if err := os.Symlink(target, filepath.Join(site, link)); err != nil {
			t.Fatal(err)
		}
	}
	for name, mode := range map[string]os.FileMode{"unreadable.php": 0, "closed": 0o700} {
		if err := os.Chmod(filepath.Join(site, name), mode); err != nil {
			t.Fatal(err)
		}
	}
	return site
}

// nginxParams is what nginx sends with Debian's fastcgi_params and the usual two lines, for a URI on a site.
func nginxParams(site, script, pathInfo, query string) []string {
	uri := script + pathInfo
	if query != "" {
		uri += "?" + query
	}
	return []string{
		"QUERY_STRING", query, "REQUEST_METHOD", "GET", "CONTENT_TYPE", "", "CONTENT_LENGTH", "",
		"SCRIPT_NAME", script, "REQUEST_URI", uri, "DOCUMENT_URI", script + pathInfo, "DOCUMENT_ROOT", site, "SERVER_PROTOCOL", "HTTP/1.1",
		"REQUEST_SCHEME", "http", "GATEWAY_INTERFACE", "CGI/1.1", "SERVER_SOFTWARE", "nginx/1.22.1",
		"REMOTE_ADDR", "127.0.0.1", "REMOTE_PORT", "40000", "SERVER_ADDR", "127.0.0.1", "SERVER_PORT", "80", "SERVER_NAME", "localhost",
		"REDIRECT_STATUS", "200", "SCRIPT_FILENAME", site + script, "PATH_INFO", pathInfo,
		"HTTP_HOST", "localhost", "HTTP_USER_AGENT", "test", "HTTP_ACCEPT", "*/*",
	}
}

// altered changes params: "NAME=value" sets or adds, "-NAME" takes away.
func altered(pairs []string, changes ...string) []string {
	pairs = append([]string(nil), pairs...)
	for _, change := range changes {
		name, value, set := strings.Cut(change, "=")
		name = strings.TrimPrefix(name, "-")
		at := -1
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				at = i
			}
		}
		switch {
		case !set && at >= 0:
			pairs = append(pairs[:at], pairs[at+2:]...)
		case set && at >= 0:
			pairs[at+1] = value
		case set:
			pairs = append(pairs, name, value)
		}
	}
	return pairs
}
