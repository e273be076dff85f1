package e2e

import (
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// howdah is a running Howdah with one pool, www, and the file that configures it.
type howdah struct {
	*daemon
	sb     *sandbox
	config string // path of pool.toml
	socket string // where pool www listens
	run    string // runtime_dir
}

// poolDefaults are the keys that every test's pool has unless it says otherwise. PHP reads php-fpm's ini files, as on a
// machine that moves from php-fpm to Howdah.
func poolDefaults(sb *sandbox) (global, pool []string) {
	return []string{
			`error_log = "stderr"`,
			`runtime_dir = "` + sb.path("run") + `"`,
		}, []string{
			`user = "www-data"`,
			`group = "www-data"`,
			`listen = "` + sb.path("howdah.sock") + `"`,
			`listen_owner = "www-data"`,
			`listen_group = "www-data"`,
			`pm = "static"`,
			`pm_max_children = 4`,
			`php_ini = "/etc/php/8.2/fpm/php.ini"`,
			`php_ini_scan_dir = "/etc/php/8.2/fpm/conf.d"`,
		}
}

// poolTOML writes the configuration: lines before the first [section] replace or extend the defaults of [pool.www], lines
// below [global] those of [global]; all other sections stand as they are.
func poolTOML(sb *sandbox, lines ...string) string {
	global, pool := poolDefaults(sb)
	sections := map[string][]string{"[global]": nil, "[pool.www]": nil}
	order := []string{"[global]", "[pool.www]"}
	current := "[pool.www]"
	for _, line := range lines {
		if strings.HasPrefix(line, "[") {
			current = line
			if _, known := sections[current]; !known {
				order = append(order, current)
			}
			continue
		}
		sections[current] = append(sections[current], line)
	}
	sections["[global]"] = override(global, sections["[global]"])
	sections["[pool.www]"] = override(pool, sections["[pool.www]"])
	var text strings.Builder
	for _, name := range order {
		text.WriteString(name + "\n" + strings.Join(sections[name], "\n") + "\n")
	}
	return text.String()
}

// override returns the defaults whose keys are not among lines, then lines. A line `key =` without a value takes the
// default away.
func override(defaults, lines []string) []string {
	key := func(line string) string { k, _, _ := strings.Cut(line, "="); return strings.TrimSpace(k) }
	set := map[string]bool{}
	for _, line := range lines {
		set[key(line)] = true
	}
	var merged []string
	for _, line := range defaults {
		if !set[key(line)] {
			merged = append(merged, line)
		}
	}
	for _, line := range lines {
		if !strings.HasSuffix(strings.TrimSpace(line), "=") {
			merged = append(merged, line)
		}
	}
	return merged
}

// startHowdah runs `howdah serve -c pool.toml` and waits until it says that it is ready. After the test it is stopped with
// SIGTERM, and its socket and runtime directory must be gone or empty.
func startHowdah(t *testing.T, sb *sandbox, lines ...string) *howdah {
	t.Helper()
	h := prepareHowdah(t, sb, lines...)
	h.start(h.command())
	return h
}

// prepareHowdah writes the configuration only; start runs it.
func prepareHowdah(t *testing.T, sb *sandbox, lines ...string) *howdah {
	t.Helper()
	h := &howdah{
		daemon: &daemon{t: t},
		sb:     sb,
		config: sb.path("pool.toml"),
		socket: sb.path("howdah.sock"),
		run:    sb.path("run"),
	}
	write(t, h.config, poolTOML(sb, lines...))
	t.Cleanup(h.wantCleanedUp)
	return h
}

func (h *howdah) command() *exec.Cmd {
	cmd := exec.Command(binary, "serve", "-c", h.config)
	cmd.Env = []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TMPDIR=" + h.sb.path("tmp"), "LANG=C"}
	cmd.Dir = h.sb.dir
	return cmd
}

// start runs cmd, which must be a form of h.command, and waits until Howdah is ready.
func (h *howdah) start(cmd *exec.Cmd) {
	h.t.Helper()
	h.daemon = startDaemon(h.t, "howdah", syscall.SIGTERM, cmd)
	h.wantLogged(0, 20*time.Second, "ready to handle connections")
}

// rewrite replaces the configuration file; reload makes Howdah read it.
func (h *howdah) rewrite(lines ...string) {
	h.t.Helper()
	write(h.t, h.config, poolTOML(h.sb, lines...))
}

// reload sends SIGUSR2 and waits until the new generation serves.
func (h *howdah) reload() {
	h.t.Helper()
	since := h.mark()
	h.signal(syscall.SIGUSR2)
	h.wantLogged(since, 15*time.Second, "ready to handle connections")
}

// wantCleanedUp checks what a stopped Howdah leaves on disk: nothing but the lock and records in its runtime directory.
func (h *howdah) wantCleanedUp() {
	if h.cmd == nil || h.cmd.ProcessState == nil || h.cmd.ProcessState.ExitCode() != 0 {
		return // killed by the test, or it failed already
	}
	if exists(h.socket) {
		h.t.Errorf("left behind: socket %s", h.socket)
	}
	for _, pattern := range []string{"*/*.sock", "*/*/*", "*.sock"} {
		left, err := filepath.Glob(filepath.Join(h.run, pattern))
		if err != nil {
			h.t.Fatal(err)
		}
		for _, path := range left {
			h.t.Errorf("left behind: %s", path)
		}
	}
}
