package e2e

import (
	"bytes"
	"crypto/sha1"
	"fmt"
	"io"
	"math/rand/v2"
	"mime/multipart"
	"strings"
	"testing"
	"time"
)

// noise is n bytes that don't compress and come out the same each time.
func noise(seed uint64, n int) string {
	b := make([]byte, n)
	src := rand.NewChaCha8([32]byte{byte(seed)})
	src.Read(b)
	return string(b)
}

// upload builds a multipart form of fields and files.
func upload(t *testing.T, files map[string]string) (contentType, body string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	if err := w.SetBoundary("e2e-boundary"); err != nil {
		t.Fatal(err)
	}
	if err := w.WriteField("title", "two words"); err != nil {
		t.Fatal(err)
	}
	for name, content := range files {
		part, err := w.CreateFormFile("files[]", name)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(part, content)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return w.FormDataContentType(), b.String()
}

func TestUploadsArriveAsUnderPHPFPM(t *testing.T) {
	p := startPair(t, nil, nil)
	for name, files := range map[string]map[string]string{
		"one small file":                {"a.txt": "content"},
		"an empty file":                 {"empty.bin": ""},
		"a file of 1.9 MB":              {"a.bin": noise(1, 1_900_000)},
		"a file above the limit":        {"a.bin": noise(2, 2_200_000)},
		"a name with quotes and a path": {`..\..//a "b" ü.php`: "x"},
		"a form above post_max_size":    {"a.bin": noise(3, 8_500_000)},
	} {
		t.Run(name, func(t *testing.T) {
			contentType, body := upload(t, files)
			p.compare(t, "plain", request("POST", "/upload.php", body, "Content-Type: "+contentType), 200, "input ")
			p.compare(t, "stream", request("POST", "/upload.php", body, "Content-Type: "+contentType), 200, "input ")
		})
	}
	t.Run("several files, with the form cut short", func(t *testing.T) {
		contentType, body := upload(t, map[string]string{"a": noise(4, 100_000)})
		p.compare(t, "plain", request("POST", "/upload.php", body[:len(body)-40], "Content-Type: "+contentType), 200, "title")
	})
}

// bigLimits lets PHP take and make bodies of 100 MB.
var bigLimits = []string{"[pool.www.php_value]", `post_max_size = "200M"`, `upload_max_filesize = "200M"`, `memory_limit = "256M"`, `max_execution_time = "60"`}

func TestHundredMegabytesGoUpAndDown(t *testing.T) {
	sb := newSandbox(t)
	h := startHowdah(t, sb, bigLimits...)
	n := startNginx(t, sb,
		server{name: "buffered", backend: h.socket, location: plainLocation},
		server{name: "stream", backend: h.socket, location: streamLocation})
	const size = 100 << 20
	body := noise(5, size)
	sum := sha1.Sum([]byte(body))
	for _, name := range []string{"buffered", "stream"} {
		b := newBrowser(t, n.socket(name))
		want := fmt.Sprintf("POST '%d' %d %x\n", size, size, sum)
		if p := b.post("/input.php", "application/octet-stream", body); p.body != want {
			t.Errorf("%s: 100 MB up: %d %.200q, want %q", name, p.status, p.body, want)
		}
		p := b.get(fmt.Sprintf("/big.php?bytes=%d", size))
		if p.status != 200 || len(p.body) != size {
			t.Errorf("%s: 100 MB down: %d with %d bytes", name, p.status, len(p.body))
		}
	}
	if peak := peakMemory(h.pid()); peak > 128<<20 {
		t.Errorf("howdah's memory went up to %d MB", peak>>20)
	}
}

func TestOutputArrivesWhenItIsFlushed(t *testing.T) {
	p := startPair(t, nil, nil)
	for _, name := range []string{"fpm-stream", "our-stream", "our-plain"} {
		b := newBrowser(t, p.nginx.socket(name))
		gate := "gate-" + name
		res, err := b.client.Get("http://example.test/steps.php?gate=" + gate)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		first := make([]byte, 4)
		if _, err := io.ReadFull(res.Body, first); err != nil || string(first) != "one\n" {
			t.Fatalf("%s: %q, %v before the gate opened", name, first, err)
		}
		write(t, p.sb.path("scratch", gate), "")
		rest, err := io.ReadAll(res.Body)
		if err != nil || string(rest) != "two\n" {
			t.Errorf("%s: %q, %v after the gate opened", name, rest, err)
		}
	}
}

// A body whose length nobody announced (a chunked request that nginx does not buffer) is lost by PHP; Howdah announces what
// has arrived.
func TestChunkedBodyArrivesThoughNginxDoesNotBufferIt(t *testing.T) {
	sb := newSandbox(t)
	h := startHowdah(t, sb)
	n := startNginx(t, sb, server{name: "stream", backend: h.socket, location: streamLocation})
	b := newBrowser(t, n.socket("stream"))
	p, err := b.try("POST", "/input.php", io.MultiReader(strings.NewReader("first "), strings.NewReader("second")), "Content-Type", "text/plain")
	if err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("POST '12' 12 %x\n", sha1.Sum([]byte("first second"))); p.body != want {
		t.Errorf("%d %q, want %q", p.status, p.body, want)
	}
}

func TestSlowReadersDoNotHoldWorkers(t *testing.T) {
	sb := newSandbox(t)
	h := startHowdah(t, sb, `pm_max_children = 2`, `response_buffer = "1M"`)
	// Twelve answers of 600 kB that nobody reads, asked for without nginx in between.
	var idle []*webServer
	for range 12 {
		w := dialFastCGI(t, h.socket)
		w.send(requestBytes(t, 1, 0, "", sb.script("GET", "big.php", param{"QUERY_STRING", "bytes=600000"})...))
		idle = append(idle, w)
	}
	n := startNginx(t, sb, server{name: "www", backend: h.socket, location: plainLocation})
	b := newBrowser(t, n.socket("www"))
	for range 20 {
		if p := b.wantPage("/hello.php", 200, "hello"); p.took > 3*time.Second {
			t.Errorf("hello took %v beside readers that don't read", p.took)
		}
	}
	for _, w := range idle {
		r, err := w.receive()
		if err != nil || !r.ended || !strings.HasPrefix(r.stdout, "Content-Type") || len(r.stdout) < 600000 {
			t.Errorf("a slow reader got %d bytes, %v", len(r.stdout), err)
		}
	}
}

// Fifty bodies that stop in the middle stop php-fpm, which reads them in its workers.
func TestStalledBodiesDoNotHoldWorkers(t *testing.T) {
	sb := newSandbox(t)
	h := startHowdah(t, sb, `pm_max_children = 4`)
	n := startNginx(t, sb, server{name: "www", backend: h.socket, location: plainLocation})
	body := noise(6, 200_000)
	params := sb.script("POST", "input.php", param{"CONTENT_LENGTH", fmt.Sprint(len(body))})
	whole := requestBytes(t, 1, 0, body, params...)
	half := len(whole) - len(body)/2
	var stalled []*webServer
	for range 50 {
		w := dialFastCGI(t, h.socket)
		w.send(whole[:half])
		stalled = append(stalled, w)
	}
	b := newBrowser(t, n.socket("www"))
	l := b.startLoad(8, "/hello.php", "hello")
	l.wantProgress(500, 10*time.Second)
	if c := l.stop(); c.bad() > 0 {
		t.Errorf("beside stalled bodies: %v", c)
	}
	want := fmt.Sprintf("%x", sha1.Sum([]byte(body)))
	for _, w := range stalled { // they go on, and none is lost
		w.send(whole[half:])
	}
	for _, w := range stalled {
		if r, err := w.receive(); err != nil || !strings.Contains(r.stdout, want) {
			t.Errorf("a body that went on: %.200q, %v", r.stdout, err)
		}
	}
}

func TestBodyThatNeverCompletesIsGivenUpAfterReceiveTimeout(t *testing.T) {
	sb := newSandbox(t)
	h := startHowdah(t, sb, `receive_timeout = "1s"`)
	w := dialFastCGI(t, h.socket)
	whole := requestBytes(t, 1, 0, "0123456789", sb.script("POST", "input.php", param{"CONTENT_LENGTH", "10"})...)
	w.send(whole[:len(whole)-12])
	start := time.Now()
	r, err := w.receive() // an answer or a closed connection, but not PHP's
	if strings.Contains(r.stdout, "POST '") {
		t.Errorf("a short body reached PHP: %q", r.stdout)
	}
	if took := time.Since(start); took < 900*time.Millisecond || took > 10*time.Second {
		t.Errorf("given up after %v (%v), want about 1 s", took, err)
	}
}

// PHP hangs on a body shorter than CONTENT_LENGTH, and takes what follows for the next request.
func TestLyingContentLengthNeverReachesPHP(t *testing.T) {
	sb := newSandbox(t)
	h := startHowdah(t, sb, `pm_max_children = 1`)
	for _, length := range []string{"100", "3", "0", "-1", "99999999999999999999", "abc", "5x", " 5"} {
		r := dialFastCGI(t, h.socket).ask(0, "12345", sb.script("POST", "input.php", param{"CONTENT_LENGTH", length})...)
		want := fmt.Sprintf("POST '5' 5 %x\n", sha1.Sum([]byte("12345")))
		if refused := strings.HasPrefix(r.stdout, "Status: 4"); !refused && !strings.HasSuffix(r.stdout, want) {
			t.Errorf("CONTENT_LENGTH %q with 5 bytes: %q, want 4xx or %q", length, r.stdout, want)
		}
		if r := dialFastCGI(t, h.socket).ask(0, "", sb.script("GET", "hello.php")...); !strings.HasSuffix(r.stdout, "hello") {
			t.Errorf("after CONTENT_LENGTH %q the next request got %q", length, r.stdout)
		}
	}
}
