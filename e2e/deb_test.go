package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// buildDeb makes the Debian package of the program under test with a version.
func buildDeb(t *testing.T, version string) string {
	t.Helper()
	makefile, err := os.ReadFile("../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	nfpm := regexp.MustCompile(`NFPM +:= (\S+)`).FindSubmatch(makefile)
	if nfpm == nil {
		t.Fatal("the Makefile names no nfpm")
	}
	out := t.TempDir()
	binary := filepath.Join(out, "howdah")
	for _, args := range [][]string{
		{"go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w -X main.version=" + version, "-o", binary, "./cmd/howdah"},
		{"sh", "packaging/deb/build.sh", "go", string(nfpm[1]), version, out, binary},
	} {
		cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
		cmd.Dir = ".."
		cmd.Env = append(cmd.Environ(), "CGO_ENABLED=0")
		if said, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, said)
		}
	}
	debs := glob(out + "/howdah_" + version + "_*.deb")
	if len(debs) != 1 {
		t.Fatalf("packages: %v", debs)
	}
	return debs[0]
}

func TestTheDebianPackageIsInstalledStartedUpgradedRemovedAndPurged(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("dpkg needs root")
	}
	t.Parallel()
	noteRun(t)
	cmd := exec.CommandContext(t.Context(), "unshare", "--mount", "--pid", "--fork", "--kill-child",
		"sh", "testdata/deb/life.sh", buildDeb(t, "1.0.0"), buildDeb(t, "1.1.0"), t.TempDir())
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	seen := map[string][]string{}
	for line := range strings.Lines(string(out)) {
		if word, value, ok := strings.Cut(strings.TrimSpace(line), ": "); ok {
			seen[word] = append(seen[word], value)
		} else if word, ok := strings.CutSuffix(strings.TrimSpace(line), ":"); ok {
			seen[word] = append(seen[word], "")
		}
	}
	want := func(word string, i int, pattern string) {
		t.Helper()
		if len(seen[word]) <= i || !regexp.MustCompile(pattern).MatchString(seen[word][i]) {
			t.Errorf("%s: %q, want %s\n%s", word, seen[word], pattern, out)
		}
	}
	want("installed", 0, `1\.0\.0`)
	want("install calls", 0, `^[^;]*start howdah.service;$`)
	want("page", 0, `^PHP answers$`)
	want("upgraded", 0, `1\.1\.0`)
	want("page of the drop-in", 0, `^PHP answers$`)
	want("upgrade calls", 0, `^[^;]*restart howdah.service;(stop php8.2-fpm.service;|stop howdah.service;)*[^;]*restart php8.2-fpm.service;(stop php8.2-fpm.service;)?$`)
	want("process of the drop-in", 0, `^another$`)
	want("conffile", 0, `edited by the operator`)
	want("page", 1, `^PHP answers$`)
	want("trigger calls", 0, `^[^;]*reload howdah.service;[^;]*reload php8.2-fpm.service;$`)
	want("page of the drop-in", 1, `^PHP answers$`)
	want("remove calls", 0, `stop howdah.service`)
	want("running after remove", 0, `^none$`)
	want("conffile after remove", 0, `edited by the operator`)
	if len(seen["after"]) != 1 || seen["after"][0] != seen["before"][0] {
		t.Errorf("left after the purge: %q, before there was %q", seen["after"], seen["before"])
	}
	want("beside php-fpm", 0, `Howdah was not started or enabled`)
	want("calls beside php-fpm", 0, `^$`)
	want("enabled beside php-fpm", 0, `^no$`)
}

func TestTheConfigurationsThatPackagesBringAreComplete(t *testing.T) {
	t.Parallel()
	noteRun(t)
	sb := newSandbox(t)
	for _, name := range []string{"deb/pool.toml", "docker.toml"} {
		file := sb.path(filepath.Base(filepath.Dir(name)) + "-" + filepath.Base(name))
		write(t, file, strings.NewReplacer("/srv/www", sb.path("site"), "/run/howdah", sb.dir).Replace(read(t, "../packaging/"+name)))
		if out, err := exec.CommandContext(t.Context(), binary, "check", "-c", file).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}
