package config

import "time"

// WebSocket is [pool.NAME.websocket]: the WebSockets of a pool. docs/config.md says what each key means.
type WebSocket struct {
	Listen         string   // php-fpm's address rules; "": only the embedded front
	Origins        []string // empty: same host; "*": any
	EventWorkers   int      // 0 until check: half of pm_max_children
	TrustedProxies Peers
	RealIPHeader   string   // "": none is believed
	ShareWith      []string // names of pools

	HandshakeBytes   ByteSize
	HandshakeTimeout time.Duration
	OpenTimeout      time.Duration
	OpensPerSecond   int // 0: no limit
	OpensPending     int

	MaxConnections    int // 0: descriptors - 256
	ConnectionsPerIP  int // 0: no limit
	MessageBytes      ByteSize
	MessagesPerSecond int      // 0: no limit
	BytesPerSecond    ByteSize // 0: no limit
	InboxMessages     int
	InboxBytes        ByteSize
	StalledTimeout    time.Duration
	OutboxBytes       ByteSize
	WriteTimeout      time.Duration
	HandlerTimeout    time.Duration // 0: only request_terminate_timeout
	ConnectionMemory  ByteSize      // 0: no limit
	ConnectionCPU     time.Duration // 0: no limit
	PingInterval      time.Duration // 0: no pings
	PongTimeout       time.Duration
	IdleTimeout       time.Duration // 0: off
	Lifetime          time.Duration // 0: off
	DrainTimeout      time.Duration
	Subscriptions     int
	StateBytes        ByteSize
	Deflate           bool

	Routes []Route // at least one
}

// Route is one [[pool.NAME.websocket.route]].
type Route struct {
	Path         string   // decoded; exact, or with "/*" at its end
	Subprotocols []string // best first
	IKnow        []string // names of warnings
	Handler      string   // event, resident
	Script       string   // absolute path
	Reply        string   // echo, json, none
	ContentType  string
	OnError      string // close, keep
	Serialize    string // "": off; "cookie:NAME"
	Workers      int
	Key          string // "": least loaded; "query:N", "cookie:N", "header:N", "path", "user"
	Open         string // absolute path of a script; "": none
	Watch        bool
}
