package config

import "testing"

const socket = minimal + `[pool.www.websocket]
listen = "/run/howdah/www.ws.sock"
`

func TestEachRouteHasItsOwnLines(t *testing.T) {
	wantProblems(t, machine(), socket+`[[pool.www.websocket.route]]
path = "/chat"
script = "/srv/chat.php"

[[pool.www.websocket.route]]
path = "game"
script = "/srv/missing.php"
replay = "none"

[[pool.www.websocket.route]]
path = "/chat"
script = "/srv/chat.html"
content_type = "multipart/form-data"
`,
		`12: pool.www.websocket.route.2.path: "game" does not begin with '/' (write "/game")`,
		`13: pool.www.websocket.route.2.script: /srv/missing.php: file does not exist`,
		`14: pool.www.websocket.route.2.replay: unknown key (did you mean reply?)`,
		`17: pool.www.websocket.route.3.path: "/chat" is the path of an earlier route`,
		`18: pool.www.websocket.route.3.script: /srv/chat.html has none of the endings in security_limit_extensions`,
		`19: pool.www.websocket.route.3.content_type: PHP would take the messages for forms (write for example "application/json")`,
	)
}

func TestOpeningToEveryOriginMustBeMeant(t *testing.T) {
	const route = "origins = [\"*\"]\n[[pool.www.websocket.route]]\npath = \"/x\"\nscript = \"/srv/x.php\"\n"
	wantProblems(t, machine(), socket+route,
		`8: pool.www.websocket.route.1.i_know: with origins = ["*"] every page on the web can connect with its visitors' cookies (name the origins, or write i_know = ["origins"] if cookies mean nothing here)`)
	wantConfig(t, machine(), socket+route+`i_know = ["origins"]`)
}

func TestAWebSocketTableNeedsARouteAndAWayIn(t *testing.T) {
	wantProblems(t, machine(), minimal+"[pool.www.websocket]\n",
		`5: pool.www.websocket.listen: is missing (write listen = "/run/howdah/www.ws.sock", or add an http table)`,
		`5: pool.www.websocket.route: there is no route (add [[pool.www.websocket.route]] with a path and a script)`)
	wantProblems(t, machine(), socket+"trusted_proxies = [\"unix\"]\nroute = 1\n",
		`7: pool.www.websocket.trusted_proxies: they are not believed anything without real_ip_header (write for example real_ip_header = "X-Forwarded-For")`,
		`8: pool.www.websocket.route: 1 is a whole number, not a list of tables (write [[pool.www.websocket.route]])`)
}

func TestTheKeysOfTheContractMayBeWrittenEmpty(t *testing.T) {
	c := wantConfig(t, machine(), socket+`trusted_proxies = []
real_ip_header = ""
idle_timeout = 0
messages_per_second = 1000000
opens_per_second = 1000000
opens_pending = 100000
[[pool.www.websocket.route]]
path = "/x/*"
script = "/srv/x.php"
serialize = ""
key = ""
open = ""
`)
	w := c.Pools[0].WebSocket
	if w.EventWorkers != 5 || w.MessageBytes != 64*KiB || w.Routes[0].Reply != "echo" || w.Routes[0].Handler != "event" {
		t.Errorf("got %+v", w)
	}
}
