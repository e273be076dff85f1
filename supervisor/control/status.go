package control

import "time"

// Status is the service at one moment.
type Status struct {
	Version       string    `json:"version" doc:"of Howdah"`
	PID           int       `json:"pid" doc:"of Howdah"`
	Started       time.Time `json:"started" doc:"when"`
	UptimeSeconds float64   `json:"uptime_seconds" doc:"since then"`
	Source        string    `json:"source" doc:"the configuration's file, or the directory of serve --root"`
	Reloading     bool      `json:"reloading" doc:"a reload is under way"`
	LastReload    *Reload   `json:"last_reload,omitempty" doc:"how the last reload went; absent before the first"`
	Log           Log       `json:"log" doc:"what is logged"`
	Pools         []Pool    `json:"pools" doc:"by name"`
}

// The states of a pool.
const (
	PoolServing  = "serving"
	PoolParked   = "parked"   // ondemand and idle: its PHP is stopped and starts with the next request
	PoolPaused   = "paused"   // by the command
	PoolStarting = "starting" // no PHP serves yet, or again
	PoolStuck    = "stuck"    // its event loop did not answer in time
	PoolEnded    = "ended"    // it has left the configuration
)

// Pool is one pool. Figures of one that is stuck are 0.
type Pool struct {
	Name        string   `json:"name"`
	State       string   `json:"state" doc:"serving, parked, paused, starting, stuck (its loop did not answer in time) or ended"`
	Paused      string   `json:"paused,omitempty" doc:"queue or 503, if it was paused"`
	Listen      string   `json:"listen,omitempty" doc:"the FastCGI address"`
	HTTP        string   `json:"http,omitempty" doc:"the address of the embedded front"`
	PM          string   `json:"pm" doc:"static, dynamic or ondemand"`
	MaxChildren int      `json:"max_children" doc:"pm_max_children"`
	Generation  int      `json:"generation" doc:"number of the PHP that serves; 0: none"`
	Draining    int      `json:"draining" doc:"earlier generations that finish their requests"`
	PHP         PHP      `json:"php"`
	Busy        int      `json:"busy" doc:"workers with a request, those of earlier generations included"`
	Idle        int      `json:"idle" doc:"workers without"`
	Unused      int      `json:"unused" doc:"of them, those that have not worked yet"`
	Queue       Queue    `json:"queue"`
	Requests    Requests `json:"requests"`
	Connections int      `json:"connections" doc:"from the web server, now"`
	Workers     []Worker `json:"workers" doc:"by pid"`
}

// PHP is the PHP of a pool.
type PHP struct {
	Version string   `json:"version,omitempty" doc:"of the PHP that serves"`
	Newer   []string `json:"newer,omitempty" doc:"files of PHP (program, libraries, extensions, ini files) that have changed on disk since it started: reload to have them in force"`
}

// Queue holds the requests of a pool that wait for a worker.
type Queue struct {
	Length int `json:"length" doc:"requests that wait"`
	Peak   int `json:"peak" doc:"the most that ever waited"`
	Limit  int `json:"limit" doc:"queue_max"`
}

// Requests are totals since the pool started.
type Requests struct {
	Accepted  uint64 `json:"accepted" doc:"complete requests"`
	Completed uint64 `json:"completed" doc:"answered by PHP"`
	Failed    uint64 `json:"failed" doc:"answered by Howdah, because PHP could not: queue full or too slow, worker died, deadline"`
	Aborted   uint64 `json:"aborted" doc:"given up by the client"`
}
