package config

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestEffectiveConfigurationReadsBackTheSame(t *testing.T) {
	c := wantConfig(t, machine(), strings.Join([]string{minimal, `pm = "static"`, `php_value.session.save_path = "C:\\x \"y\""`, `rlimit_core = "unlimited"`,
		`process_priority = 3`, `warmup = ["/a", "/b?c"]`, `[pool.www.http]`, `listen = ":8080"`, `root = "/srv"`, `trusted_proxies = ["::1", "unix", "10.1.2.3/8"]`,
		`[pool.www.websocket]`, `listen = ":8081"`, `[[pool.www.websocket.route]]`, `path = "/a"`, `script = "/srv/a.php"`, `[[pool.www.websocket.route]]`,
		`path = "/b/*"`, `script = "/srv/b.php"`, `serialize = "cookie:S"`}, "\n"))
	text := c.Effective()
	if again := wantConfig(t, machine(), text).Effective(); again != text {
		t.Errorf("got:\n%s\nwant:\n%s", again, text)
	}
	for _, line := range []string{`pm_start_servers = 10`, `client_listen = "/run/howdah/www.client.sock"`, `#pid =`, `trusted_proxies = ["::1", "10.0.0.0/8", "unix"]`,
		`php_value = { "session.save_path" = "C:\\x \"y\"" }`, `rlimit_files = 0`, `rlimit_core = "unlimited"`, `listen = "8080"`, `path = "/b/*"`, `event_workers = 5`} {
		if !strings.Contains(text, "\n"+line+"\n") {
			t.Errorf("no line %s in:\n%s", line, text)
		}
	}
}

func TestKeysThatOnlyCountAtStartAreNamedWhenTheyChange(t *testing.T) {
	a := wantConfig(t, machine(), minimal)
	b := wantConfig(t, machine(), "[global]\nruntime_dir = \"/run/other\"\nlog_level = \"debug\"\nrlimit_files = 9\n"+minimal)
	if got, want := AtBoot(a, b), []string{"runtime_dir", "rlimit_files", "control_listen"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := AtBoot(a, a); len(got) > 0 {
		t.Errorf("nothing changed, but %q", got)
	}
}

func ExampleParse() {
	_, err := machine().Parse("pool.toml", []byte(`[pool.www]
user = "www-data"
listen = "/run/howdah/www.sock"
pm_max_children = 5
pm_max_spare_servers = 8
request_terminate_timout = "30s"
`))
	fmt.Println(err)
	// Output:
	// pool.toml:5: pool.www.pm_max_spare_servers: 8 is more than pm_max_children (5, line 4)
	// pool.toml:6: pool.www.request_terminate_timout: unknown key (did you mean request_terminate_timeout?)
}
