package config

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
)

// check completes the defaults that depend on other keys or on the machine, then looks at what keys say together.
func (r *reader) check(c *Config) {
	r.checkGlobal(&c.Global)
	var ignored []string
	for i := range c.Pools {
		p := &c.Pools[i]
		at := []string{"pool", p.Name}
		if !r.sys.root() && (p.User != "" || p.Group != "") {
			ignored = append(ignored, p.Name)
		}
		r.checkIdentity(at, p)
		r.checkProcessManager(at, p)
		r.checkListen(at, p, &c.Global)
		r.checkPHP(at, p)
		r.checkSlowlog(at, p)
		if p.HTTP != nil {
			r.checkHTTP(join(at, []string{"http"}), p, &c.Global)
		}
		if p.WebSocket != nil {
			r.checkWebSocket(join(at, []string{"websocket"}), p, c)
		}
	}
	if len(ignored) > 0 {
		r.notice("user and group are ignored when Howdah is not running as root (pool %s)", strings.Join(ignored, ", "))
	}
	r.checkClashes(c)
	r.checkProcessMax(c)
}

// below is the path of a key in the table at.
func below(at []string, key string) []string { return join(at, []string{key}) }

// given reports whether the file has the key; sound whether it has it without a problem, or not at all.
func (r *reader) given(at []string, key string) bool { return r.lines.has(below(at, key)) }
func (r *reader) sound(at []string, key string) bool { return !r.failed[pathKey(below(at, key))] }

// cite names another key with its value and place, as in "pm_max_children (5, line 11)".
func (r *reader) cite(at []string, key string, value any) string {
	if r.given(at, key) {
		return fmt.Sprintf("%s (%v, line %d)", key, value, r.lines.of(below(at, key)))
	}
	return fmt.Sprintf("%s (%v by default)", key, value)
}

func (r *reader) checkGlobal(g *Global) {
	at := []string{"global"}
	if g.RuntimeDir == "" {
		g.RuntimeDir = r.sys.RuntimeDir("howdah")
	}
	if f, err := r.sys.Stat(g.RuntimeDir); err == nil {
		if !f.Dir {
			r.fail(below(at, "runtime_dir"), g.RuntimeDir+" is not a directory", "")
		} else if f.UID != 0 && f.UID != uint32(r.sys.UID) {
			r.fail(below(at, "runtime_dir"), fmt.Sprintf("%s belongs to user %d", g.RuntimeDir, f.UID), "Howdah must own it, or root")
		}
	}
	r.checkControl(at, g)
	if g.ProcessPriority != nil && !r.sys.root() {
		r.notice("[global] process_priority is ignored when Howdah is not running as root")
		g.ProcessPriority = nil
	}
	if !g.LogBuffering {
		r.notice("[global] log_buffering = false has no effect: each line is always written at once")
	}
	if g.EmergencyRestartThreshold > 0 && g.EmergencyRestartInterval == 0 {
		r.notice("[global] emergency_restart_threshold has no effect without emergency_restart_interval")
	}
}

// RuntimeDir is where a directory called name for sockets belongs: under /run for root, else where only this user may write.
func (s System) RuntimeDir(name string) string {
	if s.root() {
		return filepath.Join("/run", name)
	}
	if dir, ok := s.LookupEnv("XDG_RUNTIME_DIR"); ok && filepath.IsAbs(dir) {
		return filepath.Join(dir, name)
	}
	return filepath.Join("/tmp", name+"-"+strconv.Itoa(s.UID))
}

func (r *reader) checkProcessMax(c *Config) {
	sum := 0
	for _, p := range c.Pools {
		sum += p.PMMaxChildren
	}
	if limit := c.Global.ProcessMax; limit > 0 && sum > limit {
		text := fmt.Sprintf("%d is less than the pm_max_children of all pools together (%d)", limit, sum)
		r.fail([]string{"global", "process_max"}, text, "Howdah forks them all at start")
	}
}

// checkPHP finds settings that two tables give.
func (r *reader) checkPHP(at []string, p *Pool) {
	for _, pair := range []struct {
		value, flag   string
		values, flags []Setting
	}{
		{"php_value", "php_flag", p.PHPValue, p.PHPFlag},
		{"php_admin_value", "php_admin_flag", p.PHPAdminValue, p.PHPAdminFlag},
	} {
		for _, f := range pair.flags {
			for _, v := range pair.values {
				if v.Name == f.Name {
					place := below(below(at, pair.flag), f.Name)
					if !r.lines.has(place) { // written without quotes
						place = join(below(at, pair.flag), strings.Split(f.Name, "."))
					}
					r.fail(place, "is set by "+pair.value+" too", "leave one of them out")
				}
			}
		}
	}
}
