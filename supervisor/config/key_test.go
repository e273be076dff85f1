package config

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// TestEveryKeyChangesWhatIsDecoded sets each key of the tables to its sample, alone, and looks for the value in its field.
func TestEveryKeyChangesWhatIsDecoded(t *testing.T) {
	const route = "[[pool.www.websocket.route]]\npath = \"/x\"\nscript = \"/srv/x.php\"\n"
	const front = "[pool.www.http]\nlisten = \"127.0.0.1:8000\"\nroot = \"/srv\"\n"
	eachKey(globalKeys(), func(k key[Global]) {
		wantEffect(t, k, minimal, "[global]\n"+k.name+" = "+k.sample+"\n"+minimal, func(c *Config) *Global { return &c.Global })
	})
	eachKey(poolKeys(), func(k key[Pool]) {
		rest := regexp.MustCompile(`(?m)^`+k.name+` = .*\n`).ReplaceAllString(minimal, "")
		base := minimal
		if rest != minimal {
			base = strings.NewReplacer("www-data", "alice", "www.sock", "other.sock").Replace(minimal)
		}
		if k.name == "request_slowlog_timeout" {
			rest += "slowlog = \"/srv/slow.log\"\n"
		}
		wantEffect(t, k, base, rest+k.name+" = "+k.sample+"\n", func(c *Config) *Pool { return &c.Pools[0] })
	})
	eachKey(httpKeys(), func(k key[HTTP]) {
		rest := regexp.MustCompile(`(?m)^`+k.name+` = .*\n`).ReplaceAllString(front, "")
		wantEffect(t, k, minimal+front, minimal+rest+k.name+" = "+k.sample+"\n", func(c *Config) *HTTP { return c.Pools[0].HTTP })
	})
	eachKey(websocketKeys(), func(k key[WebSocket]) {
		with := map[string]string{"trusted_proxies": "real_ip_header = \"X-Real-IP\"\n"}[k.name]
		before := "[pool.www.websocket]\n" + strings.Replace("listen = \"8000\"\n", k.name, "#", 1)
		if k.name == "listen" {
			before = "[pool.www.http]\nlisten = \"8000\"\nroot = \"/srv\"\n[pool.www.websocket]\n"
		}
		if with != "" { // these two come together
			wantEffect(t, k, minimal+before+route, minimal+before+with+k.name+" = "+k.sample+"\n"+route, func(c *Config) *WebSocket { return c.Pools[0].WebSocket })
			return
		}
		wantEffect(t, k, minimal+before+route, minimal+before+k.name+" = "+k.sample+"\n"+route, func(c *Config) *WebSocket { return c.Pools[0].WebSocket })
	})
	eachKey(routeKeys(), func(k key[Route]) {
		before := minimal + "[pool.www.websocket]\nlisten = \"8000\"\n" + route
		rest := regexp.MustCompile(`(?m)^`+k.name+` = .*\n`).ReplaceAllString(before, "")
		wantEffect(t, k, before, rest+k.name+" = "+k.sample+"\n", func(c *Config) *Route { return &c.Pools[0].WebSocket.Routes[0] })
	})
}

func wantEffect[T any](t *testing.T, k key[T], before, after string, at func(*Config) *T) {
	t.Helper()
	s := machine()
	if k.name == "runtime_dir" || k.name == "client_listen" {
		after = strings.ReplaceAll(after, k.sample, `"/srv/other"`)
	}
	old := k.field.show(at(wantConfig(t, s, before)))
	now := k.field.show(at(wantConfig(t, s, after)))
	if old == now {
		t.Errorf("%s = %s changes nothing: the field is still %s", k.name, k.sample, now)
	}
}

func eachKey[T any](groups []group[T], f func(key[T])) {
	for _, g := range groups {
		for _, k := range g.keys {
			f(k)
		}
	}
}

func TestDeclarationsAreWhole(t *testing.T) {
	declarationsAreWhole(t, "global", globalKeys())
	declarationsAreWhole(t, "pool", poolKeys())
	declarationsAreWhole(t, "http", httpKeys())
	declarationsAreWhole(t, "websocket", websocketKeys())
	declarationsAreWhole(t, "route", routeKeys())
}

func declarationsAreWhole[T any](t *testing.T, table string, groups []group[T]) {
	seen := map[string]bool{}
	eachKey(groups, func(k key[T]) {
		name := fmt.Sprintf("%s.%s", table, k.name)
		if seen[k.name] {
			t.Errorf("%s is declared twice", name)
		}
		seen[k.name] = true
		if (k.def == "") == (k.auto == "") {
			t.Errorf("%s has a default %q and %q in words: one of them is needed", name, k.def, k.auto)
		}
		if k.sample == "" || k.sample == k.def {
			t.Errorf("%s has no sample that differs from its default", name)
		}
		if !strings.HasSuffix(k.doc, ".") || strings.Contains(k.doc, "\n") || len(k.doc) > 150 {
			t.Errorf("%s is documented by %q: one sentence or two in one line of at most 150 letters", name, k.doc)
		}
		if plain := strings.TrimSuffix(strings.ReplaceAll(k.fpm, ".", "_"), "[]"); k.fpm != "" && plain != k.name {
			t.Errorf("%s should be called %s, after php-fpm's %s", name, plain, k.fpm)
		}
	})
}

func TestDefaultsAreValid(t *testing.T) {
	r := &reader{sys: machine(), lines: indexLines(nil), failed: map[string]bool{}}
	readTable(r, globalHome(), []string{"global"}, globalKeys(), nil, &Global{})
	readTable(r, poolHome(), []string{"pool", "www"}, poolKeys(), nil, &Pool{})
	readTable(r, httpHome(), []string{"pool", "www", "http"}, httpKeys(), nil, &HTTP{})
	readTable(r, websocketHome(), []string{"pool", "www", "websocket"}, websocketKeys(), nil, &WebSocket{})
	readTable(r, routeHome(), []string{"pool", "www", "websocket", "route", "1"}, routeKeys(), nil, &Route{})
	if len(r.problems) > 0 {
		t.Error(r.problems)
	}
}
