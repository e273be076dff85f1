package config

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// socketRoom is what a generation adds to RUNTIME_DIR/NAME for the socket of its php-cgi.
const socketRoom = len("/g99999-4294967295/sock")

func (r *reader) checkListen(at []string, p *Pool, g *Global) {
	if p.Listen == "" && p.HTTP == nil && p.WebSocket == nil && r.sound(at, "listen") {
		r.fail(below(at, "listen"), "is missing", fmt.Sprintf(`write listen = "/run/howdah/%s.sock", or add an http table`, p.Name))
	}
	if p.ClientListen == "" {
		p.ClientListen = filepath.Join(g.RuntimeDir, p.Name+".client.sock")
	}
	r.checkSocketDir(below(at, "listen"), p.Listen, g)
	r.checkSocketDir(below(at, "client_listen"), p.ClientListen, g)
	r.checkSocketDir(below(at, "pm_status_listen"), p.PMStatusListen, g)
	if n := len(g.RuntimeDir) + 1 + len(p.Name) + socketRoom; n > maxUnixPath && r.sound([]string{"global"}, "runtime_dir") {
		place := at
		if r.given([]string{"global"}, "runtime_dir") {
			place = []string{"global", "runtime_dir"}
		}
		text := fmt.Sprintf("the Unix sockets in %s/%s need paths of %d bytes, more than the %d that they can have", g.RuntimeDir, p.Name, n, maxUnixPath)
		r.fail(place, text, "choose a shorter runtime_dir")
	}
	r.noticeListen(p)
}

// checkSocketDir looks for the directory of a Unix socket. runtime_dir itself may still be missing.
func (r *reader) checkSocketDir(at []string, address string, g *Global) {
	network, path := SplitAddress(address)
	if address == "" || network != "unix" || r.failed[pathKey(at)] {
		return
	}
	dir := filepath.Dir(path)
	if dir == g.RuntimeDir {
		return
	}
	if err := needDirectory(r.sys, dir); err != nil {
		r.failWith(at, err)
	}
}

// noticeListen says what php-fpm would warn of, or what would leave nginx outside.
func (r *reader) noticeListen(p *Pool) {
	network, _ := SplitAddress(p.Listen)
	unix := p.Listen != "" && network == "unix"
	acl := len(p.ListenACLUsers)+len(p.ListenACLGroups) > 0
	owned := p.ListenOwner != "" || p.ListenGroup != ""
	switch {
	case unix && acl && owned:
		r.notice("[pool %s] ACL set, listen_owner and listen_group are ignored", p.Name)
	case unix && !acl && !owned && r.sys.root() && p.ListenMode&0o002 == 0:
		r.notice("[pool %s] only root can connect to %s: set listen_owner to the user that nginx runs as", p.Name, p.Listen)
	}
	if p.PMStatusListen != "" && p.PMStatusPath == "" && p.PingPath == "" {
		r.notice("[pool %s] pm_status_listen serves nothing without pm_status_path or ping_path", p.Name)
	}
	if unix && len(p.ListenAllowedClients) > 0 {
		r.notice("[pool %s] listen_allowed_clients is ignored on a Unix socket", p.Name)
	}
}

// A holder is a key that names a listening address.
type holder struct {
	path    []string
	address string
}

// checkClashes finds addresses that are used twice, in one pool or two.
func (r *reader) checkClashes(c *Config) {
	global := []string{"global"}
	var all []holder
	if c.Global.ControlListen != "off" {
		all = append(all, holder{below(global, "control_listen"), c.Global.ControlListen})
	}
	all = append(all, holder{below(global, "metrics_listen"), c.Global.MetricsListen})
	for _, p := range c.Pools {
		at := []string{"pool", p.Name}
		all = append(all, holder{below(at, "listen"), p.Listen}, holder{below(at, "client_listen"), p.ClientListen},
			holder{below(at, "pm_status_listen"), p.PMStatusListen})
		if p.HTTP != nil {
			all = append(all, holder{join(at, []string{"http", "listen"}), p.HTTP.Listen})
		}
		if p.WebSocket != nil {
			all = append(all, holder{join(at, []string{"websocket", "listen"}), p.WebSocket.Listen})
		}
	}
	all = slices.DeleteFunc(all, func(h holder) bool { return h.address == "" || r.failed[pathKey(h.path)] })
	slices.SortStableFunc(all, func(a, b holder) int { return cmp.Compare(r.lines.of(a.path), r.lines.of(b.path)) })
	for i, later := range all {
		for _, first := range all[:i] {
			if clash(first.address, later.address) {
				text := fmt.Sprintf("%s is taken by %s (line %d)", strconv.Quote(later.address), strings.Join(first.path, "."), r.lines.of(first.path))
				if first.address != later.address {
					text = fmt.Sprintf("%s overlaps %s of %s (line %d)", strconv.Quote(later.address), strconv.Quote(first.address), strings.Join(first.path, "."), r.lines.of(first.path))
				}
				r.fail(later.path, text, "")
				break
			}
		}
	}
}
