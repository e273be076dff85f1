package httpfront

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"path/filepath"
	"strings"
	"testing"
)

// The site that make run serves must work on any PHP, without a warning, and also without Howdah's own functions.
func TestExampleSiteWorks(t *testing.T) {
	root, err := filepath.Abs("../examples/site")
	if err != nil {
		t.Fatal(err)
	}
	s := serveWith(t, Config{Root: root}, phpCGI(t))
	for path, want := range map[string]string{
		"/":                                `<title>It works. · Howdah</title>`,
		"/form.php":                        `<input id="name"`,
		"/upload.php":                      `<input id="file"`,
		"/path.php":                        `<p class="path">none</p>`,
		"/path.php/with%20space/%3Cb%3E/x": `<p class="path">/with space/&lt;b&gt;/x</p>`,
		"/stream.php":                      `data-stream="stream.php?lines"`,
		"/finish.php":                      `data-finish="finish.php"`,
		"/finish.php?job=none":             "null\n",
		"/facts.php":                       `SAPI cgi-fcgi`,
		"/style.css":                       `:root {`,
		"/site.js":                         `'use strict'`,
		"/favicon.svg":                     `<svg`,
	} {
		got := s.get(path)
		if got.status != 200 || !strings.Contains(got.body, want) {
			t.Errorf("%s: %d, no %s in\n%.500s", path, got.status, want, got.body)
		}
	}
	var worker struct{ PID int }
	if got := s.get("/worker.php?hold=1"); json.Unmarshal([]byte(got.body), &worker) != nil || worker.PID < 2 {
		t.Errorf("worker: %q", got.body)
	}
	form := "Content-Type: application/x-www-form-urlencoded"
	if got := s.do("POST", "/form.php", strings.NewReader("name=%3Cb%3E&text=a%0Ab"), form); !strings.Contains(got.body, "Hello, &lt;b&gt;.") {
		t.Errorf("form: %d %s", got.status, got.body)
	}
	if got := s.do("POST", "/form.php", strings.NewReader("name[]=x"), form); got.status != 422 {
		t.Errorf("form without a name: %d", got.status)
	}
	if got := s.do("POST", "/", strings.NewReader("")); got.status != 303 || got.header.Get("Location") != "/#visits" {
		t.Errorf("reset: %d to %q", got.status, got.header.Get("Location"))
	}
	var body bytes.Buffer
	upload := multipart.NewWriter(&body)
	part, err := upload.CreateFormFile("file", "a.txt")
	if err != nil {
		t.Fatal(err)
	}
	part.Write([]byte("elephant"))
	upload.Close()
	got := s.do("POST", "/upload.php", &body, "Content-Type: "+upload.FormDataContentType())
	if sum := fmt.Sprintf("%x", sha256.Sum256([]byte("elephant"))); got.status != 200 || !strings.Contains(got.body, sum) {
		t.Errorf("upload: %d %s", got.status, got.body)
	}
	if log := s.log.String(); log != "" {
		t.Errorf("log: %s", log)
	}
}
