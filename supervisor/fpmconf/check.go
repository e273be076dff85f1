package fpmconf

import (
	"fmt"
	"strings"
)

// check is fpm_conf_post_process without its writing: php-fpm's own rules, in its order and words.
func (l *loader) check() {
	l.checkGlobal(l.tree.global)
	if len(l.tree.pools) == 0 {
		if len(l.problems) > 0 { // php-fpm does not come so far
			return
		}
		l.fail(place{}, "No pool defined. at least one pool section must be specified in config file")
		return
	}
	for _, p := range l.tree.pools {
		l.checkPool(p)
	}
	l.checkAddresses()
}

// minLogLimit is ZLOG_MIN_LIMIT.
const minLogLimit = 512

func (l *loader) checkGlobal(g *section) {
	bad := func(name, format string, args ...any) {
		l.fail(g.where(name), format, args...)
		g.spoil(name)
	}
	if l.o.Pid != "" {
		g.derive("pid", value{text: l.o.Pid})
	}
	if l.o.Pid != "" || g.has("pid") {
		g.derive("pid", value{text: l.absolute(g.str("pid"), nil, phpLocalState)})
	}
	if l.o.Daemonize != nil {
		g.derive("daemonize", flag(*l.o.Daemonize))
	}
	if g.sound("log_limit") && g.num("log_limit") < minLogLimit {
		bad("log_limit", "log_limit must be greater than %d", minLogLimit)
	}
	if g.num("process.max") < 0 {
		bad("process.max", "process_max can't be negative")
	}
	if !validPriority(g) {
		bad("process.priority", "process.priority must be included into [-19,20]")
	}
	if !g.has("error_log") {
		g.derive("error_log", value{text: "log/php-fpm.log"})
	}
	if !strings.EqualFold(g.str("error_log"), "syslog") {
		g.derive("error_log", value{text: l.absolute(g.str("error_log"), nil, phpLocalState)})
	}
	if name := g.str("events.mechanism"); g.has("events.mechanism") {
		mechanism := strings.ToLower(name)
		if mechanism != "epoll" && mechanism != "poll" && mechanism != "select" {
			bad("events.mechanism", "event mechanism '%s' is not available on this system", name)
		} else {
			g.derive("events.mechanism", value{text: mechanism})
			l.notice("events.mechanism = %s is ignored: Howdah always uses epoll", name)
		}
	}
}

func validPriority(s *section) bool {
	n := s.num("process.priority")
	return n == unset || -19 <= n && n <= 20
}

func flag(on bool) value {
	if on {
		return value{num: 1}
	}
	return value{}
}

func (l *loader) notice(format string, args ...any) {
	l.notices = append(l.notices, fmt.Sprintf(format, args...))
}

// pool notes a problem with a directive of a pool.
func (l *loader) pool(p *section, level, name, format string, args ...any) {
	at := p.where(name)
	text := fmt.Sprintf("[pool %s] ", p.name) + fmt.Sprintf(format, args...)
	l.problems = append(l.problems, Problem{level, at.file, at.line, text})
	p.spoil(name)
}

const (
	alert   = "ALERT"
	problem = "ERROR"
)

func (l *loader) checkPool(p *section) {
	if p.set("prefix") {
		p.derive("prefix", value{text: l.absolute(p.str("prefix"), nil, phpPrefix)})
		if !l.isDir(p.str("prefix")) {
			l.pool(p, problem, "prefix", "the prefix '%s' does not exist or is not a directory", p.str("prefix"))
		}
	}
	if !p.has("user") && l.o.System.UID == 0 && !l.o.AllowRoot {
		l.pool(p, alert, "user", "user has not been defined")
	}
	switch listen := p.str("listen"); {
	case listen == "":
		l.pool(p, alert, "listen", "no listen address have been defined!")
	case isUnix(listen):
		l.place(p, "listen")
	}
	if !validPriority(p) {
		l.pool(p, problem, "process.priority", "process.priority must be included into [-19,20]")
	}
	l.checkManager(p)
	l.checkStatus(p)
	l.checkLogs(p)
	l.checkDirectories(p)
	l.placeSettings(p)
	l.checkNames(p)
}

// isUnix is fpm_sockets_domain_from_address: what has no ':' and is no number is a path.
func isUnix(address string) bool { return !strings.Contains(address, ":") && !isDigits(address) }

// checkAddresses wants the pools to listen on different addresses. php-fpm's status listener is a pool of its own.
func (l *loader) checkAddresses() {
	type listener struct {
		pool      *section
		name      string
		directive string
	}
	taken := map[string]listener{}
	for _, directive := range []string{"listen", "pm.status_listen"} {
		for _, p := range l.tree.pools {
			address := p.str(directive)
			if address == "" || !p.sound(directive) {
				continue
			}
			now := listener{p, p.name, directive}
			if directive != "listen" {
				now.name += "_status"
			}
			first, clash := taken[address]
			if !clash {
				taken[address] = now
				continue
			}
			at := p.where(directive)
			l.fail(at, "[pool %s] unable to set listen address as it's already used in another pool '%s'", now.name, first.name)
			p.spoil(directive)
		}
	}
}

func poolText(p *section, format string, args ...any) string {
	return fmt.Sprintf("[pool %s] ", p.name) + fmt.Sprintf(format, args...)
}
