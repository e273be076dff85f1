package config

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"

	"github.com/BurntSushi/toml"
)

// Load reads the file at path. The error is Problems.
func Load(path string) (*Config, error) { return Here().Load(path) }

// Parse reads text, which came from a file called name. The error is Problems.
func Parse(name string, text []byte) (*Config, error) { return Here().Parse(name, text) }

// Load is Load on this machine.
func (s System) Load(path string) (*Config, error) {
	text, err := readFile(path)
	if err != nil {
		return nil, err
	}
	return s.Parse(path, text)
}

func readFile(path string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, Problems{{File: path, Text: "cannot read the configuration: " + reason(err)}}
	}
	return text, nil
}

// Parse is Parse on this machine.
func (s System) Parse(name string, text []byte) (*Config, error) {
	raw := map[string]any{}
	if _, err := toml.Decode(string(text), &raw); err != nil {
		return nil, Problems{syntaxProblem(name, text, err)}
	}
	r := &reader{file: name, sys: s, lines: indexLines(text), failed: map[string]bool{}}
	c := r.document(raw)
	r.check(c)
	if len(r.problems) > 0 {
		r.problems.sort()
		return nil, r.problems
	}
	c.Notices = r.notices
	return c, nil
}

// document reads the tables of a file; what they may say together is checked later.
func (r *reader) document(raw map[string]any) *Config {
	c := &Config{}
	pools := map[string]any{}
	global := map[string]any{}
	lost := false // a pool stands where it isn't one
	for _, name := range slices.Sorted(maps.Keys(raw)) {
		value := raw[name]
		table, ok := value.(map[string]any)
		switch {
		case name == "global" && ok:
			global = table
		case name == "pool" && ok:
			pools = table
		case name == "global":
			r.failWith([]string{name}, wrongType(value, "a table", "write [global]"))
		case name == "pool":
			r.failWith([]string{name}, wrongType(value, "a table", "write [pool.NAME]"))
		default:
			lost = lost || ok && looksLikePool(table)
			r.stray(name, value)
		}
	}
	readTable(r, globalHome(), []string{"global"}, globalKeys(), global, &c.Global)
	for _, name := range slices.Sorted(maps.Keys(pools)) {
		if p, ok := r.pool(name, pools[name]); ok {
			c.Pools = append(c.Pools, p)
		}
	}
	if len(pools) == 0 && !lost {
		r.fail(nil, "there is no pool", `add [pool.www] with listen = "/run/howdah/www.sock" and a user`)
	}
	return c
}

// tableNames is a hint.
const tableNames = "the tables are [global], [pool.NAME], [pool.NAME.http] and [pool.NAME.websocket]"

const maxPoolName = 64

var poolName = regexp.MustCompile(`^[A-Za-z0-9_.-]+$`)

func (r *reader) pool(name string, value any) (p Pool, ok bool) {
	path := []string{"pool", name}
	table, ok := value.(map[string]any)
	if !ok {
		hint := "write [pool.NAME]"
		if _, known := find(poolKeys(), name); known {
			hint = "it belongs in [pool.NAME]"
		}
		r.failWith(path, wrongType(value, "a table", hint))
		return p, false
	}
	switch {
	case !poolName.MatchString(name) || name == "." || name == "..":
		r.fail(path, "is not a name for a pool", "letters, digits, '_', '-' and '.'")
		return p, false
	case len(name) > maxPoolName:
		r.fail(path, fmt.Sprintf("has %d letters, more than %d", len(name), maxPoolName), "")
		return p, false
	}
	p.Name = name
	own := map[string]any{}
	for key, v := range table {
		if key != "http" && key != "websocket" {
			own[key] = v
			continue
		}
		at := join(path, []string{key})
		inner, ok := v.(map[string]any)
		switch {
		case !ok:
			r.failWith(at, wrongType(v, "a table", fmt.Sprintf("write [%s]", toml.Key(at))))
		case key == "http":
			p.HTTP = &HTTP{}
			readTable(r, httpHome(), at, httpKeys(), inner, p.HTTP)
		default:
			p.WebSocket = r.websocket(at, inner)
		}
	}
	readTable(r, poolHome(), path, poolKeys(), own, &p)
	return p, true
}

// stray reports something at the top of the file that is neither [global] nor [pool].
func (r *reader) stray(name string, value any) {
	path := []string{name}
	top := home{table: "the top of the file"}
	table, ok := value.(map[string]any)
	if !ok {
		hint := hintFor(top, name)
		if _, list := value.([]map[string]any); list || hint == "" {
			hint = tableNames
		}
		r.fail(path, "unknown key", hint)
		return
	}
	for _, h := range []home{globalHome(), poolHome()} {
		if meansDots(h, name, table) {
			r.dotted(top, path, table)
			return
		}
	}
	hint := tableNames
	switch {
	case nearest(name, []string{"global"}) != "":
		hint = "did you mean [global]?"
	case looksLikePool(table):
		hint = fmt.Sprintf("did you mean [%s]?", toml.Key{"pool", name})
	case nearest(name, []string{"pool"}) != "":
		hint = "did you mean [pool.NAME]?"
	}
	r.fail(path, "unknown table", hint)
}
