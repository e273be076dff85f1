package wsbridge

import (
	"net/netip"
	"time"
)

// Options are the plain values a bridge works by; checked by whoever made them. docs/config.md says what each means.
type Options struct {
	Origins        []string // lower case; empty: same host
	TrustedProxies []netip.Prefix
	TrustUnix      bool
	RealIPHeader   string
	EventWorkers   int // ≥ 1

	HandshakeBytes   int
	HandshakeTimeout time.Duration
	OpenTimeout      time.Duration
	OpensPerSecond   int // 0: no limit
	OpensPending     int
	MaxConnections   int
	ConnectionsPerIP int // 0: no limit

	MessageBytes      int
	MessagesPerSecond int // 0: no limit
	BytesPerSecond    int // 0: no limit
	InboxMessages     int
	InboxBytes        int
	OutboxBytes       int
	Subscriptions     int
	StateBytes        int
	Deflate           bool

	HandlerTimeout time.Duration // 0: none
	StalledTimeout time.Duration
	WriteTimeout   time.Duration
	PingInterval   time.Duration // 0: no pings
	PongTimeout    time.Duration
	IdleTimeout    time.Duration // 0: off
	Lifetime       time.Duration // 0: off

	Routes []Route
}

// Route is where a path leads.
type Route struct {
	Path         string // decoded; exact, or with "/*" at its end
	Subprotocols []string
	Script       string // SCRIPT_FILENAME
	ScriptName   string // SCRIPT_NAME
	DocumentRoot string
	Reply        Reply
	ContentType  string
	KeepOnError  bool
	SerialCookie string // events with the same value of this cookie run one after the other; "": off
}

// Reply says what of an event script's output goes to the client.
type Reply string

// The values of reply.
const (
	ReplyEcho Reply = "echo"
	ReplyJSON Reply = "json"
	ReplyNone Reply = "none"
)
