package config

import (
	"fmt"
	"slices"
	"strings"
)

// nearest returns the one of words that name is most likely a misspelling of, or "".
func nearest(name string, words []string) string {
	best, bestDistance := "", 2+len(name)/5
	for _, w := range words {
		if d := distance(strings.ToLower(name), w); d < bestDistance {
			best, bestDistance = w, d
		}
	}
	return best
}

// distance counts the letters to insert, drop, change or swap with a neighbour to make b of a (optimal string alignment).
func distance(a, b string) int {
	before, previous, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		previous[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := previous[j-1]
			if a[i-1] != b[j-1] {
				change++
			}
			row[j] = min(change, previous[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, previous, row = previous, row, before
	}
	return previous[len(b)]
}

// A home is a table of pool.toml with the names of its keys, for hints at keys that stand in the wrong one.
type home struct {
	table string
	names []string
}

func globalHome() home { return home{"[global]", names(globalKeys())} }
func poolHome() home   { return home{"[pool.NAME]", append(names(poolKeys()), "http", "websocket")} }
func httpHome() home   { return home{"[pool.NAME.http]", names(httpKeys())} }
func websocketHome() home {
	return home{"[pool.NAME.websocket]", append(names(websocketKeys()), "route")}
}
func routeHome() home { return home{"[[pool.NAME.websocket.route]]", names(routeKeys())} }

func homes() []home {
	return []home{globalHome(), poolHome(), httpHome(), websocketHome(), routeHome()}
}

// hintFor says what may be meant by name, a key that its table doesn't have. here is that table.
func hintFor(here home, name string) string {
	plain := strings.ReplaceAll(name, ".", "_")
	if slices.Contains(here.names, plain) {
		return write(plain + ": TOML makes tables at dots, so '_' stands for the '.' of php-fpm")
	}
	if slices.Contains(here.names, "pm_"+plain) {
		return fmt.Sprintf("did you mean %s?", "pm_"+plain)
	}
	for _, h := range homes() {
		if h.table != here.table && slices.Contains(h.names, plain) {
			if plain != name {
				return fmt.Sprintf("write %s, in %s", plain, h.table)
			}
			return "it belongs in " + h.table
		}
	}
	if why, ok := elsewhere()[name]; ok {
		return why
	}
	if why, ok := elsewhere()[strings.ReplaceAll(name, "_", ".")]; ok {
		return why
	}
	if near := nearest(plain, here.names); near != "" {
		return fmt.Sprintf("did you mean %s?", near)
	}
	for _, h := range homes() {
		if near := nearest(plain, h.names); near != "" {
			return fmt.Sprintf("did you mean %s, in %s?", near, h.table)
		}
	}
	return ""
}

// Why some of php-fpm's directives can't hold on php-cgi.
const (
	WhyNoChroot = "php-cgi, its libraries, its ini files and Howdah's private sockets would have to lie inside the jail; run this pool in a container, or all of Howdah with systemd's RootDirectory="
	WhyNoHat    = "only a process under a profile can change to a hat of it, and php-cgi is executed afresh; give php-cgi an AppArmor profile of its own"
	WhyDumpable = "php-cgi is executed as its user and so is dumpable; the system-wide kernel.yama.ptrace_scope = 1 keeps others from tracing it"
)

// elsewhere answers for php-fpm directives that are not keys of pool.toml.
func elsewhere() map[string]string {
	return map[string]string{
		"daemonize":        "Howdah stays in the foreground; systemd keeps it in the background",
		"events.mechanism": "Howdah always uses epoll",
		"include":          "all pools stand in one file",
		"prefix":           "write absolute paths",
		"listen.setfib":    "only FreeBSD has it",
		"process.dumpable": "php-cgi is always dumpable: " + WhyDumpable,
		"chroot":           WhyNoChroot,
		"apparmor_hat":     WhyNoHat,
	}
}
