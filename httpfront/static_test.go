package httpfront

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// want checks status and body of an answer.
func (s *site) want(got reply, status int, body string) {
	s.t.Helper()
	if got.status != status || got.body != body {
		s.t.Errorf("got %d %q, want %d %q", got.status, got.body, status, body)
	}
}

// wantStatus checks that a path is answered with a status and without a secret.
func (s *site) wantStatus(path string, status int) {
	s.t.Helper()
	got := s.path(path)
	if got.status != status || strings.Contains(got.body, "SECRET") {
		s.t.Errorf("%s: got %d %q, want %d", path, got.status, got.body, status)
	}
}

func TestFileIsSentWithTypeLengthAndValidators(t *testing.T) {
	s := serveSite(t, map[string]string{"css/a b.css": "body{}", "x.UNKNOWN": "?", "page.html": "<p>"}, Config{}, nil)
	mtime := time.Unix(1700000000, 0)
	if err := os.Chtimes(filepath.Join(s.root, "css/a b.css"), mtime, mtime); err != nil {
		t.Fatal(err)
	}
	got := s.get("/css/a%20b.css")
	s.want(got, 200, "body{}")
	for name, value := range map[string]string{
		"Content-Type":   "text/css; charset=utf-8",
		"Content-Length": "6",
		"Accept-Ranges":  "bytes",
		"Last-Modified":  "Tue, 14 Nov 2023 22:13:20 GMT",
		"Etag":           `"17979cfe362a0000-6"`,
		"Vary":           "",
	} {
		if got.header.Get(name) != value {
			t.Errorf("%s: %q, want %q", name, got.header.Get(name), value)
		}
	}
	if got := s.get("/x.UNKNOWN").header.Get("Content-Type"); got != "application/octet-stream" {
		t.Errorf("unknown suffix: %s", got)
	}
	if got := s.get("/page.html").header.Get("Content-Type"); got != "text/html" {
		t.Errorf("HTML: %s", got)
	}
}

func TestHeadHasTheHeaderOfGetAndNoBody(t *testing.T) {
	s := serveSite(t, map[string]string{"a.txt": "hello"}, Config{}, nil)
	get, head := s.get("/a.txt"), s.do("HEAD", "/a.txt", nil)
	s.want(head, 200, "")
	for _, name := range []string{"Content-Length", "Content-Type", "Etag", "Last-Modified"} {
		if head.header.Get(name) != get.header.Get(name) || get.header.Get(name) == "" {
			t.Errorf("%s: HEAD %q, GET %q", name, head.header.Get(name), get.header.Get(name))
		}
	}
}

func TestFileTakesNoOtherMethod(t *testing.T) {
	s := serveSite(t, map[string]string{"a.txt": "hello"}, Config{}, nil)
	for _, method := range []string{"POST", "PUT", "DELETE", "OPTIONS", "PROPFIND"} {
		got := s.do(method, "/a.txt", strings.NewReader("x"))
		if got.status != 405 || got.header.Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: %d, Allow %q", method, got.status, got.header.Get("Allow"))
		}
	}
}

func TestRangesAreSent(t *testing.T) {
	s := serveSite(t, map[string]string{"a.txt": "0123456789"}, Config{}, nil)
	got := s.get("/a.txt", "Range: bytes=2-4")
	s.want(got, 206, "234")
	if r := got.header.Get("Content-Range"); r != "bytes 2-4/10" {
		t.Errorf("Content-Range: %q", r)
	}
	s.want(s.get("/a.txt", "Range: bytes=-3"), 206, "789")
	if got := s.get("/a.txt", "Range: bytes=20-"); got.status != 416 || got.header.Get("Content-Range") != "bytes */10" {
		t.Errorf("beyond the end: %d %q", got.status, got.header.Get("Content-Range"))
	}
	if got := s.get("/a.txt", "Range: bytes=0-1,5-6"); got.status != 206 ||
		!strings.HasPrefix(got.header.Get("Content-Type"), "multipart/byteranges") || !strings.Contains(got.body, "\r\n\r\n56\r\n") {
		t.Errorf("two ranges: %d %s", got.status, got.body)
	}
	tag := s.get("/a.txt").header.Get("Etag")
	s.want(s.get("/a.txt", "Range: bytes=0-0", "If-Range: "+tag), 206, "0")
	s.want(s.get("/a.txt", "Range: bytes=0-0", `If-Range: "other"`), 200, "0123456789")
}

func TestConditionalRequestsAreAnswered(t *testing.T) {
	s := serveSite(t, map[string]string{"a.txt": "hello"}, Config{}, nil)
	fresh := s.get("/a.txt")
	tag, modified := fresh.header.Get("Etag"), fresh.header.Get("Last-Modified")
	for _, c := range []struct {
		header string
		status int
	}{
		{"If-None-Match: " + tag, 304},
		{`If-None-Match: "other", W/` + tag, 304},
		{`If-None-Match: "other"`, 200},
		{"If-Modified-Since: " + modified, 304},
		{"If-Modified-Since: Tue, 14 Nov 2000 22:13:20 GMT", 200},
		{"If-Match: " + tag, 200},
		{`If-Match: "other"`, 412},
		{"If-Unmodified-Since: Tue, 14 Nov 2000 22:13:20 GMT", 412},
	} {
		got := s.get("/a.txt", c.header)
		if got.status != c.status || (got.status == 304 && (got.body != "" || got.header.Get("Etag") != tag)) {
			t.Errorf("%s: %d %q", c.header, got.status, got.body)
		}
	}
}

func TestCompressedSiblingIsSentToWhoTakesIt(t *testing.T) {
	s := serveSite(t, map[string]string{
		"a.js": "plain", "a.js.br": "brotli", "a.js.gz": "gzip!!", "b.js": "plain", "b.js.gz": "gzip!!", "c.js": "plain",
	}, Config{}, nil)
	for _, c := range []struct{ path, accept, body, coding, vary string }{
		{"/a.js", "", "plain", "", "Accept-Encoding"},
		{"/a.js", "gzip, br", "brotli", "br", "Accept-Encoding"},
		{"/a.js", "gzip", "gzip!!", "gzip", "Accept-Encoding"},
		{"/a.js", "br;q=0, gzip", "gzip!!", "gzip", "Accept-Encoding"},
		{"/b.js", "gzip, br", "gzip!!", "gzip", "Accept-Encoding"},
		{"/b.js", "br", "plain", "", "Accept-Encoding"},
		{"/c.js", "gzip, br", "plain", "", ""},
		{"/a.js.gz", "gzip, br", "gzip!!", "", ""},
	} {
		got := s.get(c.path, "Accept-Encoding: "+c.accept)
		s.want(got, 200, c.body)
		if got.header.Get("Content-Encoding") != c.coding || got.header.Get("Vary") != c.vary {
			t.Errorf("%s for %q: encoding %q, Vary %q", c.path, c.accept, got.header.Get("Content-Encoding"), got.header.Get("Vary"))
		}
		if want := fmt.Sprint(len(c.body)); got.header.Get("Content-Length") != want {
			t.Errorf("%s for %q: length %q, want %s", c.path, c.accept, got.header.Get("Content-Length"), want)
		}
	}
	js := "text/javascript; charset=utf-8"
	if got := s.get("/a.js", "Accept-Encoding: br").header.Get("Content-Type"); got != js {
		t.Errorf("type of the sibling: %s", got)
	}
	tag := s.get("/a.js", "Accept-Encoding: br").header.Get("Etag")
	if plain := s.get("/a.js").header.Get("Etag"); tag == plain {
		t.Errorf("both codings have the ETag %s", tag)
	}
	got := s.get("/a.js", "Accept-Encoding: br", "If-None-Match: "+tag)
	if got.status != 304 || got.header.Get("Vary") != "Accept-Encoding" {
		t.Errorf("sibling again: %d, Vary %q", got.status, got.header.Get("Vary"))
	}
	s.want(s.get("/a.js", "Accept-Encoding: br", "Range: bytes=1-2"), 206, "ro")
	s.want(s.get("/a.js", "Accept-Encoding: br", `If-Match: "other"`), 412, "")
}

func TestOutdatedSiblingIsNotSent(t *testing.T) {
	s := serveSite(t, map[string]string{"a.js": "new", "a.js.gz": "old"}, Config{}, nil)
	old := time.Now().Add(-time.Hour)
	if err := os.Chtimes(filepath.Join(s.root, "a.js.gz"), old, old); err != nil {
		t.Fatal(err)
	}
	s.want(s.get("/a.js", "Accept-Encoding: gzip"), 200, "new")
}

func TestLargeFileArrivesWhole(t *testing.T) {
	content := strings.Repeat("0123456789abcdef", 1<<17) // 2 MiB, many times WriteStall's piece
	s := serveSite(t, map[string]string{"big.bin": content}, Config{}, nil)
	if got := s.get("/big.bin"); got.body != content {
		t.Errorf("%d of %d bytes, or others", len(got.body), len(content))
	}
	if got := s.get("/big.bin", "Range: bytes=1000000-1999999"); got.body != content[1000000:2000000] {
		t.Errorf("range: %d bytes, or others", len(got.body))
	}
}

func TestEmptyFileIsSent(t *testing.T) {
	s := serveSite(t, map[string]string{"empty.txt": ""}, Config{}, nil)
	got := s.get("/empty.txt")
	s.want(got, 200, "")
	if got.header.Get("Content-Length") != "0" {
		t.Errorf("Content-Length: %q", got.header.Get("Content-Length"))
	}
}

func TestUnreadableFileIsForbidden(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root reads everything")
	}
	s := serveSite(t, map[string]string{"a.txt": "SECRET"}, Config{}, nil)
	if err := os.Chmod(filepath.Join(s.root, "a.txt"), 0); err != nil {
		t.Fatal(err)
	}
	s.wantStatus("/a.txt", 403)
}

func TestRequestsOnOneConnectionAreAnsweredInOrder(t *testing.T) {
	s := serveSite(t, map[string]string{"a.txt": "first", "b.txt": "second"}, Config{}, nil)
	conn := s.connect()
	defer conn.Close()
	io.WriteString(conn, "GET /a.txt HTTP/1.1\r\nHost: x\r\n\r\nGET /x.php HTTP/1.1\r\nHost: x\r\n\r\nGET /b.txt HTTP/1.1\r\nHost: x\r\n\r\n")
	r := bufio.NewReader(conn)
	for _, want := range []string{"first", http.StatusText(404) + "\n", "second"} {
		if got := s.readReply(r); got.body != want {
			t.Errorf("got %q, want %q", got.body, want)
		}
	}
}
