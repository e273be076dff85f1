package config

// routeKeys declares [[pool.NAME.websocket.route]].
func routeKeys() []group[Route] {
	return []group[Route]{
		{"Route", []key[Route]{
			{
				name: "path", auto: "required", sample: `"/chat"`,
				doc:   `The path that clients connect to, exactly as written; "/*" at its end stands for whatever follows.`,
				field: in(func(r *Route) *string { return &r.Path }, routePath()),
			}, {
				name: "handler", def: `"event"`, sample: `"resident"`,
				doc:   `"event": each event is a request to the script. "resident": one PHP process holds many connections.`,
				field: in(func(r *Route) *string { return &r.Handler }, oneOf("event", "resident")),
			}, {
				name: "script", auto: "required", sample: `"/srv/app/chat.php"`,
				doc:   "The PHP file that answers, by its absolute path.",
				field: in(func(r *Route) *string { return &r.Script }, filePath()),
			}, {
				name: "subprotocols", def: "[]", sample: `["chat.v2", "chat.v1"]`,
				doc:   "Subprotocols that may be agreed on, best first. Others that a client names, such as a token, are never echoed.",
				field: in(func(r *Route) *[]string { return &r.Subprotocols }, tokens()),
			}, {
				name: "i_know", def: "[]", sample: `["origins"]`,
				doc:   "Names of warnings of howdah check that are accepted for this route.",
				field: in(func(r *Route) *[]string { return &r.IKnow }, tokens()),
			},
		}},
		{"Event routes", []key[Route]{
			{
				name: "reply", def: `"echo"`, sample: `"json"`,
				doc:   `"echo": what the script prints goes to the sender. "json": only if it is valid JSON. "none": nothing does.`,
				field: in(func(r *Route) *string { return &r.Reply }, oneOf("echo", "json", "none")),
			}, {
				name: "content_type", def: `"text/plain; charset=utf-8"`, sample: `"application/json"`,
				doc:   "CONTENT_TYPE of a text message, as the script sees it. Binary ones are application/octet-stream.",
				field: in(func(r *Route) *string { return &r.ContentType }, contentType()),
			}, {
				name: "on_error", def: `"close"`, sample: `"keep"`,
				doc:   "What becomes of a connection whose message the script failed on: it closes with 1011 or 4110, or is kept.",
				field: in(func(r *Route) *string { return &r.OnError }, oneOf("close", "keep")),
			}, {
				name: "serialize", auto: "off", sample: `"cookie:PHPSESSID"`,
				doc:   "Events with the same value of this cookie run one after the other, so that none blocks a worker by a session lock.",
				field: in(func(r *Route) *string { return &r.Serialize }, selector("cookie")),
			},
		}},
		{"Resident routes", []key[Route]{
			{
				name: "workers", def: "1", sample: "4",
				doc:   "Processes among which the connections are divided.",
				field: in(func(r *Route) *int { return &r.Workers }, whole(1, maxWorkers)),
			}, {
				name: "key", auto: "least loaded", sample: `"query:room"`,
				doc:   `What keeps connections on one worker: "query:N", "cookie:N", "header:N", "path" or "user".`,
				field: in(func(r *Route) *string { return &r.Key }, selector("query", "cookie", "header", "path", "user")),
			}, {
				name: "open", auto: "none", sample: `"/srv/app/login.php"`,
				doc:   "An event script that accepts connections before the resident worker gets them.",
				field: in(func(r *Route) *string { return &r.Open }, filePath()),
			}, {
				name: "watch", def: "false", sample: "true",
				doc:   "For development: a change of a file that the script included restarts the worker.",
				field: in(func(r *Route) *bool { return &r.Watch }, toggle()),
			},
		}},
	}
}
