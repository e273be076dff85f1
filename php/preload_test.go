package php

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheTokenAndTheSitesFileAreFilledIn(t *testing.T) {
	got := Preload(Template(), "SECRET", "/run/it's.sock", "require "+Quote(`/srv/it's\x.php`)+";")
	if n := strings.Count(got, "'SECRET'") + strings.Count(got, ":SECRET"); n < 1 || strings.Contains(got, "@HOWDAH") {
		t.Errorf("placeholders are left in\n%s", got)
	}
	if want := `require '/srv/it\'s\\x.php';`; !strings.Contains(got, want) {
		t.Errorf("%s is not in\n%s", want, got)
	}
}

func TestThePHPFilesCompile(t *testing.T) {
	binary, err := exec.LookPath("php-cgi")
	if err != nil {
		t.Skip("no php-cgi here")
	}
	for name, text := range map[string]string{"preload.php": Preload(Template(), "T", "", "return;"), "probe.php": Probe} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command(binary, "-n", "-l", path).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}

func TestRunningPreloadPrintsNothingEvenTwice(t *testing.T) {
	binary, err := exec.LookPath("php-cgi")
	if err != nil {
		t.Skip("no php-cgi here")
	}
	dir := t.TempDir()
	preload, twice := filepath.Join(dir, "preload.php"), filepath.Join(dir, "twice.php")
	os.WriteFile(preload, []byte(Preload(Template(), "T", "", "")), 0o600)
	os.WriteFile(twice, []byte("<?php require "+Quote(preload)+"; require "+Quote(preload)+"; echo function_exists('fastcgi_finish_request') ? 'there' : 'missing';"), 0o600)
	out, err := exec.Command(binary, "-n", "-q", twice).CombinedOutput()
	if err != nil || strings.TrimSpace(string(out)) != "there" {
		t.Errorf("got %q, %v", out, err)
	}
}
