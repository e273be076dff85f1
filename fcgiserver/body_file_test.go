package fcgiserver

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// bodyOf is what the worker would get as the job's body.
func bodyOf(t *testing.T, j *job) string {
	t.Helper()
	if j.file == nil {
		return ""
	}
	b, err := io.ReadAll(io.NewSectionReader(j.file, 0, j.size))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestARequestBodyFileStandsForSTDIN(t *testing.T) {
	for _, c := range []struct{ name, text, length, stdin, want string }{
		{"whole", "the body", "8", "", "the body"},
		{"in place of what came", "the body", "8", "STDIN text", "the body"},
		{"as much as is announced", "the body and more", "8", "", "the body"},
		{"as much as there is", "short", "8", "", "short"},
		{"large", strings.Repeat("x", 300_000), "300000", "", strings.Repeat("x", 300_000)},
		{"empty", "", "8", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := startFront(t, nil)
			file := filepath.Join(f.site, "body")
			if err := os.WriteFile(file, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			cl := f.client()
			cl.send(records{}.post(1, 1, f.script(), c.stdin, "CONTENT_LENGTH", c.length, "REQUEST_BODY_FILE", file))
			j := f.wantJob()
			if got := bodyOf(t, j); got != c.want {
				t.Errorf("%.40q (%d bytes), want %.40q", got, len(got), c.want)
			}
			j.end("done")
			cl.wantAnswer(1, "done")
		})
	}
}

func TestARequestBodyFileThatCanNotBeReadMeansNoBody(t *testing.T) {
	f := startFront(t, nil)
	c := f.client()
	for _, file := range []string{filepath.Join(f.site, "missing"), f.site, os.DevNull} {
		c.send(records{}.post(1, 1, f.script(), "", "CONTENT_LENGTH", "8", "REQUEST_BODY_FILE", file))
		j := f.wantJob()
		if j.file != nil || j.size != 0 || !strings.Contains(j.wire, "CONTENT_LENGTH0") {
			t.Errorf("%s: a body of %d bytes, %q", file, j.size, j.wire)
		}
		j.end("done")
		c.wantAnswer(1, "done")
	}
	f.wantLog("REQUEST_BODY_FILE: ")
}

func TestNoRequestBodyFileIsOpenedWithoutALength(t *testing.T) {
	f := startFront(t, nil)
	c := f.client()
	for _, length := range []string{"", "0", "-1", "x"} {
		c.send(records{}.post(1, 1, f.script(), "", "CONTENT_LENGTH", length, "REQUEST_BODY_FILE", f.script()))
		j := f.wantJob()
		if j.file != nil {
			t.Errorf("CONTENT_LENGTH %q: a body of %d bytes", length, j.size)
		}
		j.end("done")
		c.wantAnswer(1, "done")
	}
}
