package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestImportPrintsAPoolFileThatCheckTakesAndShowsInFull(t *testing.T) {
	dir := t.TempDir()
	conf, toml := filepath.Join(dir, "php-fpm.conf"), filepath.Join(dir, "pool.toml")
	text := "[global]\nerror_log = " + dir + "/log\n[www]\nuser = www-data\nlisten = " + dir + "/$pool.sock\npm = static\npm.max_children = 3\n"
	if err := os.WriteFile(conf, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	made := runProgram(t, "import-fpm", conf)
	if made.code != 0 || made.stderr != "" {
		t.Fatalf("import-fpm: %+v", made)
	}
	if err := os.WriteFile(toml, []byte(made.stdout), 0o644); err != nil {
		t.Fatal(err)
	}
	shown := runProgram(t, "check", "--effective", "-c", toml)
	if shown.code != 0 || shown.stderr != "" {
		t.Fatalf("check --effective: %+v", shown)
	}
	for _, line := range []string{"pm_max_children = 3", `pm = "static"`, `listen = "` + dir + `/www.sock"`, "queue_max = 1024"} {
		if !strings.Contains(shown.stdout, line+"\n") {
			t.Errorf("check --effective has no %s:\n%s", line, shown.stdout)
		}
	}
}

func TestImportRefusesWhatPHPFPMWouldRefuseAllAtOnceWithExit78(t *testing.T) {
	conf := filepath.Join(t.TempDir(), "php-fpm.conf")
	if err := os.WriteFile(conf, []byte("[www]\nfoo = 1\npm = sometimes\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	got := runProgram(t, "import-fpm", conf)
	if got.code != 78 || got.stdout != "" {
		t.Errorf("%+v, want 78 and nothing on stdout", got)
	}
	for _, line := range []string{
		"howdah: ERROR: [" + conf + ":2] unknown entry 'foo'\n",
		"howdah: ERROR: [" + conf + ":3] unable to parse value for entry 'pm': invalid process manager (static, dynamic or ondemand)\n",
		"howdah: ALERT: [" + conf + ":1] [pool www] no listen address have been defined!\n",
		"howdah: ERROR: failed to load configuration file '" + conf + "'\n",
	} {
		if !strings.Contains(got.stderr, line) {
			t.Errorf("stderr has no %q:\n%s", line, got.stderr)
		}
	}
}
