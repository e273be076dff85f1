package packaging

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// commentedSetting is a line of the drop-in that waits for an operator to take its # off.
var commentedSetting = regexp.MustCompile(`(?m)^#([A-Z][A-Za-z]*=)`)

func TestTheUnitsAreCleanForSystemd(t *testing.T) {
	dir := t.TempDir()
	install(t, dir, "howdah.service", readFile(t, "howdah.service"))
	install(t, dir, "howdah.socket", readFile(t, "howdah.socket"))
	verifyUnits(t, filepath.Join(dir, "howdah.service"), filepath.Join(dir, "howdah.socket"))
}

func TestTheHardeningDropInIsAllCommentsAndCleanWithoutThem(t *testing.T) {
	dropIn := readFile(t, "howdah.service.d/hardening.conf.example")
	for line := range strings.Lines(dropIn) {
		if line = strings.TrimSpace(line); line != "" && line != "[Service]" && !strings.HasPrefix(line, "#") {
			t.Errorf("%q is in force: a copied drop-in must change nothing until somebody decides", line)
		}
	}
	if n := len(commentedSetting.FindAllString(dropIn, -1)); n < 10 {
		t.Errorf("found %d commented settings, want at least 10", n)
	}
	dir := t.TempDir()
	install(t, dir, "howdah.service", readFile(t, "howdah.service"))
	install(t, dir, "howdah.service.d/hardening.conf", commentedSetting.ReplaceAllString(dropIn, "$1"))
	verifyUnits(t, filepath.Join(dir, "howdah.service"))
}

func TestTheDropInThatPutsHowdahInPHPFPMsUnitIsClean(t *testing.T) {
	const unit = "/lib/systemd/system/php8.2-fpm.service"
	if _, err := os.Stat(unit); err != nil {
		t.Skip("no php8.2-fpm on this machine: make deps")
	}
	dir := t.TempDir()
	install(t, dir, "php8.2-fpm.service", readFile(t, unit))
	install(t, dir, "php8.2-fpm.service.d/howdah.conf", readFile(t, "migrate/php-fpm.service.d.conf"))
	verifyUnits(t, filepath.Join(dir, "php8.2-fpm.service"))
}

func TestTheServiceHasWhatTheEngineCountsOn(t *testing.T) {
	unit := settings(readFile(t, "howdah.service"))
	for _, want := range []string{
		"Type=notify",
		"ExecStart=/usr/bin/howdah serve -c /etc/howdah/pool.toml",
		"ExecReload=/bin/kill -USR2 $MAINPID",
		"KillMode=mixed",
		"OOMPolicy=continue",
		"RuntimeDirectory=howdah",
	} {
		if !unit[want] {
			t.Errorf("howdah.service lacks %s", want)
		}
	}
	for _, key := range []string{"OOMScoreAdjust", "TasksMax", "LimitNOFILE", "WatchdogSec", "TimeoutStopSec"} {
		if valueOf(unit, key) == "" {
			t.Errorf("howdah.service lacks %s", key)
		}
	}
	for _, key := range []string{"NoNewPrivileges", "RestrictSUIDSGID", "MemoryDenyWriteExecute", "ProtectHome", "PrivateTmp", "User"} {
		if value := valueOf(unit, key); value != "" {
			t.Errorf("howdah.service has %s=%s: mail(), the JIT, sites in /home or pools with users of their own stop working", key, value)
		}
	}
}

func TestSystemdWaitsLongerThanTheDrain(t *testing.T) {
	unit := settings(readFile(t, "howdah.service"))
	stop, err := time.ParseDuration(valueOf(unit, "TimeoutStopSec") + "s")
	if err != nil {
		t.Fatalf("TimeoutStopSec: %v", err)
	}
	match := regexp.MustCompile(`(?m)^#?\s*process_control_timeout = "([^"]+)"`).FindStringSubmatch(readFile(t, "../pool.toml.example"))
	if match == nil {
		t.Fatal("pool.toml.example does not show process_control_timeout")
	}
	drain, err := time.ParseDuration(match[1])
	if err != nil {
		t.Fatalf("process_control_timeout: %v", err)
	}
	if stop < drain+5*time.Second {
		t.Errorf("TimeoutStopSec is %v and process_control_timeout %v: systemd would kill workers that Howdah still waits for", stop, drain)
	}
}

// verifyUnits runs systemd-analyze verify, which exits with 0 after a warning: silence is what counts.
func verifyUnits(t *testing.T, units ...string) {
	t.Helper()
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Skip("no systemd-analyze on this machine: package systemd")
	}
	out, err := exec.CommandContext(t.Context(), "systemd-analyze", append([]string{"verify", "--man=no"}, units...)...).CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
}

// install writes a unit below dir. Howdah is not installed where tests run, so a program stands in that is everywhere.
func install(t *testing.T, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(strings.NewReplacer("/usr/bin/howdah", "/bin/true", "/usr/lib/howdah/php-fpm8.2", "/bin/true").Replace(text)), 0o644); err != nil {
		t.Fatal(err)
	}
}

// settings is the set of a unit's Key=value lines.
func settings(unit string) map[string]bool {
	set := map[string]bool{}
	for line := range strings.Lines(unit) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			set[line] = true
		}
	}
	return set
}

func valueOf(unit map[string]bool, key string) string {
	for line := range unit {
		if name, value, ok := strings.Cut(line, "="); ok && name == key {
			return value
		}
	}
	return ""
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
