package config

func statusKeys() []key[Pool] {
	return []key[Pool]{
		{
			name: "pm_status_path", fpm: "pm.status_path", auto: "none", sample: `"/status"`,
			doc:   "SCRIPT_NAME at which Howdah answers with php-fpm's status page, also when every worker is busy. It shows queries: keep the public out.",
			field: in(func(p *Pool) *string { return &p.PMStatusPath }, pagePath()),
		}, {
			name: "pm_status_listen", fpm: "pm.status_listen", auto: "none", sample: `"/run/howdah/www.status.sock"`,
			doc:   "A second address that answers only the status page and ping, also when max_connections are open. Owner, mode and clients as for listen.",
			field: in(func(p *Pool) *string { return &p.PMStatusListen }, address()),
		}, {
			name: "ping_path", fpm: "ping.path", auto: "none", sample: `"/ping"`,
			doc:   "SCRIPT_NAME at which Howdah answers with ping_response.",
			field: in(func(p *Pool) *string { return &p.PingPath }, pagePath()),
		}, {
			name: "ping_response", fpm: "ping.response", def: `"pong"`, sample: `"up"`,
			doc:   "The body of the answer at ping_path.",
			field: in(func(p *Pool) *string { return &p.PingResponse }, phrase()),
		},
	}
}
