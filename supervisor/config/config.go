package config

import (
	"math"
	"net/netip"
	"os"
	"time"
)

// Unlimited is the value of an rlimit key that says "unlimited" (RLIM_INFINITY).
const Unlimited = math.MaxUint64

// Config is a whole pool.toml: every key has a value, and all checks have passed.
type Config struct {
	Global  Global
	Pools   []Pool   // sorted by name, at least one
	Notices []string // worth a log line at start, but no reason to refuse

	Warnings []string // more than notices: php-fpm's files have some
	Hints    []string // less than notices: what php-fpm would not say
}

// Global is [global]. docs/config.md says what each key means.
type Global struct {
	ErrorLog                  string // absolute path, "stderr" or "syslog"
	LogLevel                  string // alert, error, warning, notice, debug
	LogFormat                 string // text, json
	LogLimit                  int    // bytes of a line
	LogBuffering              bool
	SyslogIdent               string
	SyslogFacility            string
	Pid                       string // absolute path; "": no pid file
	RuntimeDir                string // absolute path
	ProcessControlTimeout     time.Duration
	ProcessMax                int     // 0: no limit
	ProcessPriority           *int    // nil: unchanged
	RlimitFiles               *uint64 // nil: unchanged
	RlimitCore                *uint64 // nil: unchanged
	EmergencyRestartThreshold int     // 0: off
	EmergencyRestartInterval  time.Duration
	SystemdInterval           time.Duration // 0: off
	ControlListen             string        // absolute path, or "off"
	ControlGroup              string        // name or id; "": Howdah's own
	MetricsListen             string        // php-fpm's address rules; "": none
}

// Pool is [pool.NAME].
type Pool struct {
	Name string

	User  string   // as written; "" when Howdah isn't root
	Group string   // as written; "" when Howdah isn't root
	RunAs *Account // nil: the workers stay who Howdah is

	Listen               string // php-fpm's address rules; "": only the HTTP front
	ListenBacklog        int    // -1: the kernel's largest
	ListenOwner          string // name or id; "": unchanged
	ListenGroup          string
	ListenMode           os.FileMode
	ListenACLUsers       []string
	ListenACLGroups      []string
	ListenAllowedClients []netip.Prefix // empty: everybody
	ClientListen         string         // absolute path

	PM                    string // static, dynamic, ondemand
	PMMaxChildren         int
	PMStartServers        int
	PMMinSpareServers     int
	PMMaxSpareServers     int
	PMMaxSpawnRate        int // per second
	PMProcessIdleTimeout  time.Duration
	PMMaxRequests         int           // 0: no limit
	RecycleMemory         ByteSize      // 0: off
	RecycleAge            time.Duration // 0: off
	RecycleIdle           time.Duration // 0: off
	ProcessPriority       *int          // nil: unchanged
	RlimitFiles           *uint64       // nil: unchanged
	RlimitCore            *uint64       // nil: unchanged
	CatchWorkersOutput    bool
	DecorateWorkersOutput bool

	RequestTerminateTimeout              time.Duration // 0: off
	RequestTerminateTimeoutTrackFinished bool
	RequestSlowlogTimeout                time.Duration // 0: off
	RequestSlowlogTraceDepth             int
	Slowlog                              string
	QueueMax                             int
	QueueTimeout                         time.Duration
	ReceiveTimeout                       time.Duration
	KeepaliveTimeout                     time.Duration // 0: no keep-alive
	MaxConnections                       int           // 0: descriptors - 256
	ResponseBuffer                       ByteSize
	BodyBuffer                           ByteSize
	Warmup                               []string // URIs
	ReloadOverlap                        time.Duration

	AccessLog          string // absolute path, "stderr" or "syslog"; "": none
	AccessFormat       string
	AccessSuppressPath []string

	PMStatusPath   string // "": none
	PMStatusListen string // php-fpm's address rules; "": none
	PingPath       string // "": none
	PingResponse   string

	PHPBinary               string   // absolute if it was found
	PHPIni                  string   // "": PHP's own
	PHPNoIni                bool     // php-fpm's -n, which no key of a file stands for
	PHPDefines              []string // php-fpm's -d, likewise: "NAME=VALUE" in php.ini's syntax
	PHPIniScanDir           string   // "": PHP's own
	Chdir                   string
	SecurityLimitExtensions []string // empty: all
	ClearEnv                bool
	Env                     []Setting // $NAME is replaced
	PHPValue                []Setting
	PHPFlag                 []Setting // "1" or "0"
	PHPAdminValue           []Setting
	PHPAdminFlag            []Setting // "1" or "0"
	PHPValueSets            int

	HTTP      *HTTP      // nil: no [pool.NAME.http]
	WebSocket *WebSocket // nil: no [pool.NAME.websocket]
}

// HTTP is [pool.NAME.http], the embedded front.
type HTTP struct {
	Listen         string   // php-fpm's address rules
	Root           string   // absolute path, links not resolved
	Index          []string // file names
	Fallback       string   // URI path; "": none
	FollowSymlinks []string // absolute paths
	TrustedProxies Peers
	AccessLog      string // absolute path, "stderr", "off"

	HeaderMax        ByteSize
	BodyMax          ByteSize // 0: no limit
	HeaderTimeout    time.Duration
	BodyTimeout      time.Duration
	WriteTimeout     time.Duration
	KeepaliveTimeout time.Duration
	MaxConnections   int
}

// Setting is one entry of env or php_value, in the order of the file.
type Setting struct{ Name, Value string }

// Peers are the clients a key believes: addresses, and whoever comes over a Unix socket.
type Peers struct {
	Prefixes []netip.Prefix
	Unix     bool
}
