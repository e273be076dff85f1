package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"
)

// websocket reads [pool.NAME.websocket] and its routes.
func (r *reader) websocket(at []string, table map[string]any) *WebSocket {
	w := &WebSocket{}
	own := map[string]any{}
	for name, v := range table {
		if name != "route" {
			own[name] = v
			continue
		}
		w.Routes = r.routes(join(at, []string{"route"}), v)
	}
	readTable(r, websocketHome(), at, websocketKeys(), own, w)
	return w
}

func (r *reader) routes(at []string, raw any) []Route {
	tables, ok := raw.([]map[string]any)
	if items, isList := raw.([]any); isList { // written as route = [{…}]
		ok = true
		for _, item := range items {
			table, isTable := item.(map[string]any)
			ok = ok && isTable
			tables = append(tables, table)
		}
	}
	if !ok {
		r.failWith(at, wrongType(raw, "a list of tables", fmt.Sprintf("write [[%s]]", toml.Key(at))))
		return nil
	}
	routes := make([]Route, len(tables))
	for i, table := range tables {
		readTable(r, routeHome(), routeAt(at, i), routeKeys(), table, &routes[i])
	}
	return routes
}

// routeAt is the path of the i-th route, from 0: people count them from 1.
func routeAt(at []string, i int) []string { return below(at, strconv.Itoa(i+1)) }

func (r *reader) checkWebSocket(at []string, p *Pool, c *Config) {
	w := p.WebSocket
	if w.Listen == "" && p.HTTP == nil && r.sound(at, "listen") {
		r.fail(below(at, "listen"), "is missing", fmt.Sprintf(`write listen = "/run/howdah/%s.ws.sock", or add an http table`, p.Name))
	}
	r.checkSocketDir(below(at, "listen"), w.Listen, &c.Global)
	switch {
	case w.EventWorkers == 0:
		w.EventWorkers = max(p.PMMaxChildren/2, 1)
	case w.EventWorkers > p.PMMaxChildren:
		r.fail(below(at, "event_workers"), fmt.Sprintf("%d is more than %s", w.EventWorkers, r.cite(at[:2], "pm_max_children", p.PMMaxChildren)), "")
	}
	if w.InboxBytes < w.MessageBytes {
		r.notice("[pool %s] inbox_bytes is less than message_bytes: a large message waits alone", p.Name)
	}
	proxied := len(w.TrustedProxies.Prefixes) > 0 || w.TrustedProxies.Unix
	switch {
	case proxied && w.RealIPHeader == "":
		r.fail(below(at, "trusted_proxies"), "they are not believed anything without real_ip_header", `write for example real_ip_header = "X-Forwarded-For"`)
	case !proxied && w.RealIPHeader != "":
		r.notice("[pool %s] real_ip_header is believed of nobody, since trusted_proxies is empty", p.Name)
	}
	if network, _ := SplitAddress(w.Listen); w.Listen != "" && network == "unix" && w.ConnectionsPerIP > 0 && !w.TrustedProxies.Unix {
		r.notice(`[pool %s] connections_per_ip has no effect on a Unix socket without trusted_proxies = ["unix"] and real_ip_header`, p.Name)
	}
	for _, name := range w.ShareWith {
		if !slices.ContainsFunc(c.Pools, func(other Pool) bool { return other.Name == name }) {
			r.fail(below(at, "share_with"), fmt.Sprintf("there is no pool %q", name), "")
		}
	}
	r.checkRoutes(below(at, "route"), p)
}

func (r *reader) checkRoutes(at []string, p *Pool) {
	w := p.WebSocket
	if len(w.Routes) == 0 && !r.failed[pathKey(at)] {
		r.fail(at, "there is no route", fmt.Sprintf("add [[%s]] with a path and a script", toml.Key(at)))
	}
	for i := range w.Routes {
		route, at := &w.Routes[i], routeAt(at, i)
		if route.Path == "" && r.sound(at, "path") {
			r.fail(below(at, "path"), "is missing", `write path = "/chat"`)
		}
		if route.Script == "" && r.sound(at, "script") {
			r.fail(below(at, "script"), "is missing", `write script = "/srv/app/chat.php"`)
		}
		for _, earlier := range w.Routes[:i] {
			if route.Path != "" && earlier.Path == route.Path {
				r.fail(below(at, "path"), fmt.Sprintf("%q is the path of an earlier route", route.Path), "")
			}
		}
		if slices.Contains(w.Origins, "*") && !slices.Contains(route.IKnow, "origins") {
			r.fail(below(at, "i_know"), `with origins = ["*"] every page on the web can connect with its visitors' cookies`,
				`name the origins, or write i_know = ["origins"] if cookies mean nothing here`)
		}
		for _, name := range route.IKnow {
			if name != "origins" {
				r.fail(below(at, "i_know"), fmt.Sprintf("there is no warning %q", name), `the names are "origins"`)
			}
		}
		if route.Script != "" && !r.hasExtension(p, route.Script) {
			r.fail(below(at, "script"), route.Script+" has none of the endings in security_limit_extensions", "")
		}
	}
}

func (r *reader) hasExtension(p *Pool, script string) bool {
	return len(p.SecurityLimitExtensions) == 0 || slices.ContainsFunc(p.SecurityLimitExtensions, func(e string) bool { return strings.HasSuffix(script, e) })
}
