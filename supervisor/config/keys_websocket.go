package config

import "time"

// maxMessage is the largest message that a WebSocket may bring.
const maxMessage = 16 * MiB

// websocketKeys declares [pool.NAME.websocket] but for its routes.
func websocketKeys() []group[WebSocket] {
	return []group[WebSocket]{
		{"WebSocket", []key[WebSocket]{
			{
				name: "listen", auto: "none: only the port of the http table", sample: `"/run/howdah/www.ws.sock"`,
				doc:   "Where nginx's proxy_pass for WebSockets points to: a Unix socket, ADDRESS:PORT, or a PORT on all addresses.",
				field: in(func(w *WebSocket) *string { return &w.Listen }, address()),
			}, {
				name: "origins", def: "[]", sample: `["https://www.example.org", "https://*.example.org"]`,
				doc:   `Pages that may connect, as browsers name them; "*." = any subdomain, "*" = every page. [] = those of the same host.`,
				field: in(func(w *WebSocket) *[]string { return &w.Origins }, origins()),
			}, {
				name: "event_workers", def: "0", sample: "2",
				doc:   "Workers that events may use at once, so that chatty clients leave some to pages. 0 = half of pm_max_children.",
				field: in(func(w *WebSocket) *int { return &w.EventWorkers }, whole(0, maxWorkers)),
			}, {
				name: "trusted_proxies", def: "[]", sample: `["unix", "10.0.0.0/8"]`,
				doc:   `Addresses and networks whose real_ip_header is believed; "unix" = whoever comes over a Unix socket.`,
				field: in(func(w *WebSocket) *Peers { return &w.TrustedProxies }, peers()),
			}, {
				name: "real_ip_header", auto: "none", sample: `"X-Forwarded-For"`,
				doc:   "The header in which trusted_proxies name the client; of a list the rightmost address that is no trusted proxy.",
				field: in(func(w *WebSocket) *string { return &w.RealIPHeader }, headerName()),
			}, {
				name: "share_with", def: "[]", sample: `["www"]`,
				doc:   "Other pools whose PHP may publish to the WebSockets of this one.",
				field: in(func(w *WebSocket) *[]string { return &w.ShareWith }, poolNames()),
			}, {
				name: "deflate", def: "false", sample: "true",
				doc:   "Compresses messages (permessage-deflate) for clients that can; costs CPU. Limits count what comes out.",
				field: in(func(w *WebSocket) *bool { return &w.Deflate }, toggle()),
			},
		}},
		{"Opening", openingKeys()},
		{"Limits of a connection", connectionKeys()},
		{"Times of a connection", timeKeys()},
	}
}

func openingKeys() []key[WebSocket] {
	return []key[WebSocket]{
		{
			name: "handshake_bytes", def: `"16K"`, sample: `"8K"`,
			doc:   "Largest header of the upgrade request, at most 56K. A larger one is answered 431.",
			field: in(func(w *WebSocket) *ByteSize { return &w.HandshakeBytes }, size(KiB, maxHeader)),
		}, {
			name: "handshake_timeout", def: `"5s"`, sample: `"2s"`,
			doc:   "Time for that header to arrive, from accept. Later it is answered 408.",
			field: in(func(w *WebSocket) *time.Duration { return &w.HandshakeTimeout }, duration(time.Millisecond)),
		}, {
			name: "open_timeout", def: `"10s"`, sample: `"3s"`,
			doc:   "Time for PHP to accept, waiting for a worker included. Later it is answered 503.",
			field: in(func(w *WebSocket) *time.Duration { return &w.OpenTimeout }, duration(time.Millisecond)),
		}, {
			name: "opens_per_second", def: "500", sample: "50",
			doc:   "Upgrades begun per second, twice as many in a burst; others are answered 503. 0 = no limit.",
			field: in(func(w *WebSocket) *int { return &w.OpensPerSecond }, whole(0, 1_000_000)),
		}, {
			name: "opens_pending", def: "1000", sample: "200",
			doc:   "Upgrades that may wait for PHP; one more is answered 503.",
			field: in(func(w *WebSocket) *int { return &w.OpensPending }, whole(1, 1_000_000)),
		}, {
			name: "max_connections", def: "0", sample: "5000",
			doc:   "Most WebSockets at once; one more is answered 503. 0 = Howdah's descriptor limit less 256.",
			field: in(func(w *WebSocket) *int { return &w.MaxConnections }, whole(0, 1<<24)),
		}, {
			name: "connections_per_ip", def: "0", sample: "20",
			doc:   "Most WebSockets of one address; one more is answered 429. Only for addresses that are known. 0 = no limit.",
			field: in(func(w *WebSocket) *int { return &w.ConnectionsPerIP }, whole(0, 1<<24)),
		},
	}
}

func connectionKeys() []key[WebSocket] {
	return []key[WebSocket]{
		{
			name: "message_bytes", def: `"64K"`, sample: `"1M"`,
			doc:   "Largest message of a client, after inflation, at most 16M. A larger one closes with 1009.",
			field: in(func(w *WebSocket) *ByteSize { return &w.MessageBytes }, size(1, maxMessage)),
		}, {
			name: "messages_per_second", def: "100", sample: "1000",
			doc:   "Messages taken per second, twice as many in a burst; more wait, and 10 s of more closes with 4301. 0 = no limit.",
			field: in(func(w *WebSocket) *int { return &w.MessagesPerSecond }, whole(0, 1_000_000)),
		}, {
			name: "bytes_per_second", def: `"1M"`, sample: `"8M"`,
			doc:   `Bytes taken per second, twice as many in a burst; more wait, and 10 s of more closes with 4115. "off" = no limit.`,
			field: in(func(w *WebSocket) *ByteSize { return &w.BytesPerSecond }, size(0, maxSize)),
		}, {
			name: "inbox_messages", def: "32", sample: "8",
			doc:   "Messages that may wait for PHP; then no more are read from the client.",
			field: in(func(w *WebSocket) *int { return &w.InboxMessages }, whole(1, 1<<20)),
		}, {
			name: "inbox_bytes", def: `"256K"`, sample: `"1M"`,
			doc:   "Bytes that may wait for PHP, likewise; one larger message alone is taken.",
			field: in(func(w *WebSocket) *ByteSize { return &w.InboxBytes }, size(1, maxSize)),
		}, {
			name: "outbox_bytes", def: `"1M"`, sample: `"256K"`,
			doc:   "Bytes that may wait for a slow client; more closes with 4111.",
			field: in(func(w *WebSocket) *ByteSize { return &w.OutboxBytes }, size(KiB, maxSize)),
		}, {
			name: "connection_memory", def: `"off"`, sample: `"8M"`,
			doc:   "Growth of a resident worker while a connection's handlers ran; more closes with 4112.",
			field: in(func(w *WebSocket) *ByteSize { return &w.ConnectionMemory }, size(0, maxSize)),
		}, {
			name: "connection_cpu", def: `"off"`, sample: `"30s"`,
			doc:   "CPU time of a connection's handlers; more closes with 4113.",
			field: in(func(w *WebSocket) *time.Duration { return &w.ConnectionCPU }, duration(0)),
		}, {
			name: "subscriptions", def: "100", sample: "20",
			doc:   "Channels that a connection may be subscribed to; one more is logged and left out.",
			field: in(func(w *WebSocket) *int { return &w.Subscriptions }, whole(1, 1<<20)),
		}, {
			name: "state_bytes", def: `"16K"`, sample: `"4K"`,
			doc:   "Largest $connection->state, as JSON, at most 48K. A larger one is not saved, and logged.",
			field: in(func(w *WebSocket) *ByteSize { return &w.StateBytes }, size(2, 48*KiB)),
		},
	}
}

func timeKeys() []key[WebSocket] {
	return []key[WebSocket]{
		{
			name: "handler_timeout", def: `"5s"`, sample: `"2s"`,
			doc:   "Time for PHP to deal with one event, from its start; then it is ended with file and line in the log, and the event has failed.",
			field: in(func(w *WebSocket) *time.Duration { return &w.HandlerTimeout }, duration(0)),
		}, {
			name: "stalled_timeout", def: `"30s"`, sample: `"10s"`,
			doc:   "How long an inbox may stay full before the connection closes with 4116.",
			field: in(func(w *WebSocket) *time.Duration { return &w.StalledTimeout }, duration(time.Millisecond)),
		}, {
			name: "write_timeout", def: `"10s"`, sample: `"3s"`,
			doc:   "How long a client may take nothing of what is written to it, before the connection closes with 4111.",
			field: in(func(w *WebSocket) *time.Duration { return &w.WriteTimeout }, duration(time.Millisecond)),
		}, {
			name: "ping_interval", def: `"25s"`, sample: `"50s"`,
			doc:   `Time between pings, give or take a tenth; below the proxy_read_timeout of nginx. "off" = no pings.`,
			field: in(func(w *WebSocket) *time.Duration { return &w.PingInterval }, duration(0)),
		}, {
			name: "pong_timeout", def: `"10s"`, sample: `"5s"`,
			doc:   "How long a client may be silent after a ping, before the connection closes with 4201.",
			field: in(func(w *WebSocket) *time.Duration { return &w.PongTimeout }, duration(time.Millisecond)),
		}, {
			name: "idle_timeout", def: `"off"`, sample: `"10m"`,
			doc:   "Time without a message either way, after which the connection closes with 4202.",
			field: in(func(w *WebSocket) *time.Duration { return &w.IdleTimeout }, duration(0)),
		}, {
			name: "lifetime", def: `"off"`, sample: `"1d"`,
			doc:   "Age at which a connection closes with 4203.",
			field: in(func(w *WebSocket) *time.Duration { return &w.Lifetime }, duration(0)),
		}, {
			name: "drain_timeout", def: `"30s"`, sample: `"5s"`,
			doc:   "At a stop: time for clients to say goodbye and for close events, within process_control_timeout.",
			field: in(func(w *WebSocket) *time.Duration { return &w.DrainTimeout }, duration(0)),
		},
	}
}
