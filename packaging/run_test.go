package packaging

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// runScript runs run.sh in the directory above site, as make does in a checkout, with a howdah that only tells how it was called and
// what it finds in the site.
func runScript(t *testing.T, site string) (said string) {
	t.Helper()
	script, err := filepath.Abs("dev/run.sh")
	if err != nil {
		t.Fatal(err)
	}
	howdah := filepath.Join(t.TempDir(), "howdah")
	writeScript(t, howdah, `echo "called $*"; echo "has $(ls "$3") of $(stat -c %U "$3")"`)
	cmd := exec.CommandContext(t.Context(), "sh", script, howdah, filepath.Base(site), "127.0.0.1:0")
	cmd.Dir = filepath.Dir(site)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("run.sh: %v\n%s", err, out)
	}
	return string(out)
}

func TestMakeRunServesTheSiteItself(t *testing.T) {
	site, err := os.MkdirTemp("", "site") // not t.TempDir: anybody may enter this one
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(site) })
	if err := os.Chmod(site, 0o755); err != nil {
		t.Fatal(err)
	}
	if said := runScript(t, site); !strings.HasPrefix(said, "called serve --root "+filepath.Base(site)+" --listen 127.0.0.1:0\n") {
		t.Errorf("said %q, want only howdah's own words", said)
	}
}

func TestMakeRunServesACopyWhereTheWorkersMayNotEnter(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("without root the workers are who we are, and may enter")
	}
	site := t.TempDir() // below a directory that only root may enter
	if err := os.Chmod(site, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(site, "index.php"), []byte("<?php"), 0o600); err != nil {
		t.Fatal(err)
	}
	said := runScript(t, site)
	if !strings.Contains(said, "www-data can't read "+site+": serving a copy") {
		t.Errorf("said %q, want to be told that a copy is served", said)
	}
	if !strings.Contains(said, "has index.php of www-data") {
		t.Errorf("said %q, want the copy to have the site and to belong to www-data", said)
	}
	_, after, _ := strings.Cut(said, "--root ")
	copied, _, _ := strings.Cut(after, " ")
	if _, err := os.Stat(copied); !os.IsNotExist(err) {
		t.Errorf("the copy %s is still there: %v", copied, err)
	}
}
