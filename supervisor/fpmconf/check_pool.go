package fpmconf

import (
	"strings"

	"howdah/supervisor/config"
)

// checkManager looks at pm and its numbers.
func (l *loader) checkManager(p *section) {
	if p.has("process.dumpable") && p.sound("process.dumpable") && p.num("process.dumpable") == 0 {
		l.notice("%s", poolText(p, "process.dumpable = no cannot be kept: %s", config.WhyDumpable))
	}
	pm := p.str("pm")
	if pm == "" && p.sound("pm") {
		l.pool(p, alert, "pm", "the process manager is missing (static, dynamic or ondemand)")
	}
	const children, start, low, high = "pm.max_children", "pm.start_servers", "pm.min_spare_servers", "pm.max_spare_servers"
	if p.sound(children) && p.num(children) < 1 {
		l.pool(p, alert, children, "pm.max_children must be a positive value")
	}
	switch pm {
	case "dynamic":
		l.checkSpare(p, p.num(children), p.num(low), p.num(high))
		if p.sound("pm.max_spawn_rate") && p.num("pm.max_spawn_rate") < 1 {
			l.pool(p, alert, "pm.max_spawn_rate", "pm.max_spawn_rate must be a positive value")
		}
	case "ondemand":
		if m := l.tree.global; m.sound("events.mechanism") && m.str("events.mechanism") != "epoll" {
			l.pool(p, alert, "pm", "ondemand process manager can ONLY be used when events.mechanism is either epoll (Linux) or kqueue (*BSD).")
		}
		if idle := p.num("pm.process_idle_timeout"); p.sound("pm.process_idle_timeout") && idle < 1 {
			l.pool(p, alert, "pm.process_idle_timeout", "pm.process_idle_timeout(%ds) must be greater than 0s", idle)
		}
		if backlog := p.num("listen.backlog"); backlog < -1 {
			l.warnings = append(l.warnings, poolText(p, "listen.backlog(%d) was too low for the ondemand process manager. I updated it for you to %d.", backlog, -1))
		}
		for _, name := range []string{start, low, high} {
			p.derive(name, value{})
		}
	}
}

// checkSpare looks at the numbers of a dynamic pool.
func (l *loader) checkSpare(p *section, children, low, high int) {
	const startName, lowName, highName = "pm.start_servers", "pm.min_spare_servers", "pm.max_spare_servers"
	sound := true
	for _, name := range []string{lowName, highName} {
		switch n := p.num(name); {
		case !p.sound(name):
			sound = false
		case n <= 0:
			l.pool(p, alert, name, "%s(%d) must be a positive value", name, n)
			sound = false
		}
	}
	if !sound || !p.sound("pm.max_children") {
		return
	}
	if low > children || high > children {
		name := highName
		if low > children {
			name = lowName
		}
		l.pool(p, alert, name, "pm.min_spare_servers(%d) and pm.max_spare_servers(%d) cannot be greater than pm.max_children(%d)", low, high, children)
		return
	}
	if high < low {
		l.pool(p, alert, highName, "pm.max_spare_servers(%d) must not be less than pm.min_spare_servers(%d)", high, low)
		return
	}
	switch start := p.num(startName); {
	case !p.sound(startName):
	case start <= 0:
		start = low + (high-low)/2
		p.derive(startName, value{num: start})
		l.notices = append(l.notices, poolText(p, "pm.start_servers is not set. It's been set to %d.", start))
	case start < low || start > high:
		l.pool(p, alert, startName, "pm.start_servers(%d) must not be less than pm.min_spare_servers(%d) and not greater than pm.max_spare_servers(%d)", start, low, high)
	}
}

// checkStatus looks at status and ping.
func (l *loader) checkStatus(p *section) {
	if p.has("pm.status_listen") {
		if p.str("pm.status_listen") == "" {
			l.fail(p.where("pm.status_listen"), "[pool %s_status] no listen address have been defined!", p.name)
			p.spoil("pm.status_listen")
		}
		if !p.has("pm.status_path") {
			p.derive("pm.status_path", value{text: "/"})
		}
	}
	shortest := 2
	if p.has("pm.status_listen") {
		shortest = 1
	}
	l.checkURI(p, "pm.status_path", "status", shortest)
	if !p.set("ping.path") {
		p.derive("ping.response", value{})
		return
	}
	l.checkURI(p, "ping.path", "ping", 2)
	if !p.has("ping.response") {
		p.derive("ping.response", value{text: "pong"})
	} else if !p.set("ping.response") {
		l.pool(p, problem, "ping.response", "the ping response page '' is not long enough")
	}
}

func (l *loader) checkURI(p *section, name, word string, shortest int) {
	path := p.str(name)
	if path == "" {
		return
	}
	odd := func(r rune) bool {
		return !(r < 0x80 && strings.ContainsRune("/-_.~", r)) && !('0' <= r && r <= '9') && !('a' <= r|0x20 && r|0x20 <= 'z' && r < 0x80)
	}
	switch {
	case path[0] != '/':
		l.pool(p, problem, name, "the %s path '%s' must start with a '/'", word, path)
	case len(path) < shortest:
		l.pool(p, problem, name, "the %s path '%s' is not long enough", word, path)
	case strings.ContainsFunc(path, odd):
		l.pool(p, problem, name, "the %s path '%s' must contain only the following characters '[alphanum]/_-.~'", word, path)
	}
}

// checkLogs looks at access log and slow log. The access log's format is checked where it is compiled.
func (l *loader) checkLogs(p *section) {
	if p.set("access.log") {
		l.place(p, "access.log")
		if !p.has("access.format") {
			p.derive("access.format", value{text: `%R - %u %t "%m %r" %s`})
		}
	}
	if p.set("slowlog") {
		l.place(p, "slowlog")
	}
	slow, end := p.num("request_slowlog_timeout"), p.num("request_terminate_timeout")
	if slow != 0 && !p.set("slowlog") {
		l.pool(p, problem, "request_slowlog_timeout", "'slowlog' must be specified for use with 'request_slowlog_timeout'")
	} else if slow != 0 && end != 0 && slow > end {
		l.pool(p, problem, "request_slowlog_timeout", "'request_slowlog_timeout' (%d) can't be greater than 'request_terminate_timeout' (%d)", slow, end)
	}
	const depthName = "request_slowlog_trace_depth"
	switch depth := p.num(depthName); {
	case !p.has(depthName) || !p.sound(depthName):
	case depth == 0:
		p.derive(depthName, value{num: 20})
	case !p.set("slowlog"):
		l.pool(p, problem, depthName, "'slowlog' must be specified for use with 'request_slowlog_trace_depth'")
	case depth < 0:
		l.pool(p, problem, depthName, "'request_slowlog_trace_depth' (%d) must be a positive value", depth)
	}
}

// checkDirectories looks at chroot and chdir.
func (l *loader) checkDirectories(p *section) {
	if p.set("chroot") {
		l.placeRoot(p)
	}
	if !p.set("chdir") {
		return
	}
	l.place(p, "chdir")
	dir := p.str("chdir")
	if !p.has("chroot") {
		if !l.isDir(dir) {
			l.pool(p, problem, "chdir", "the chdir path '%s' does not exist or is not a directory", dir)
		}
		return
	}
	if inside := p.str("chroot") + "/" + dir; p.sound("chroot") && !l.isDir(inside) {
		l.pool(p, problem, "chdir", "the chdir path '%s' within the chroot path '%s' ('%s') does not exist or is not a directory", dir, p.str("chroot"), inside)
	}
}

// placeRoot makes chroot absolute; only there $prefix is known.
func (l *loader) placeRoot(p *section) {
	root := p.str("chroot")
	if i := strings.Index(root, "$prefix"); i > 0 && root[0] != '/' {
		l.fail(p.where("chroot"), "'$prefix' must be use at the beginning of the value")
		l.pool(p, problem, "chroot", "the chroot path '%s' must start with a '/'", root)
		return
	} else if i == 0 {
		root = strings.TrimPrefix(root, "$prefix")
		if root == "" {
			root = strings.TrimSuffix(l.absolute("", p, phpPrefix), "/")
		} else {
			root = l.absolute("", p, phpPrefix) + root
		}
	}
	p.derive("chroot", value{text: l.absolute(root, p, phpPrefix)})
	if root = p.str("chroot"); !l.isDir(root) {
		l.pool(p, problem, "chroot", "the chroot path '%s' does not exist or is not a directory", root)
	}
}

// checkNames looks for users and groups, as -t does for root.
func (l *loader) checkNames(p *section) {
	if l.o.System.UID != 0 {
		return
	}
	for _, name := range []string{"user", "listen.owner"} {
		if p.set(name) {
			if _, err := l.o.System.User(p.str(name)); err != nil {
				l.pool(p, problem, name, "cannot get uid for user '%s'", p.str(name))
			}
		}
	}
	for _, name := range []string{"group", "listen.group"} {
		if p.set(name) {
			if _, err := l.o.System.Group(p.str(name)); err != nil {
				l.pool(p, problem, name, "cannot get gid for group '%s'", p.str(name))
			}
		}
	}
}
