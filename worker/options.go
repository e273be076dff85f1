package worker

import (
	"time"
)

// Mode decides how many workers stay used, that is warm. The forks themselves are there from the start in every mode.
type Mode string

// The values of pm.
const (
	Static   Mode = "static"   // never scaled down
	Dynamic  Mode = "dynamic"  // used workers beyond MaxSpare are recycled when idle for IdleTimeout
	OnDemand Mode = "ondemand" // used workers are recycled when idle for IdleTimeout; a pool that is all idle is parked
)

// Options is the configuration of one generation of a pool: plain values, checked by whoever made them.
type Options struct {
	Mode        Mode
	MaxChildren int // forks, and the most that are busy at once; ≥ 1
	MinSpare    int // so many idle used workers are never recycled for idling
	MaxSpare    int
	MaxSpawn    int           // workers that idling may recycle in one second
	IdleTimeout time.Duration // pm.process_idle_timeout

	MaxRequests   int           // pm.max_requests; 0: no limit
	RecycleMemory uint64        // private bytes; 0: no limit
	RecycleAge    time.Duration // 0: no limit
	RecycleIdle   time.Duration // 0: never

	QueueMax     int
	QueueTimeout time.Duration

	TerminateTimeout time.Duration // request_terminate_timeout; 0: none
	TrackFinished    bool          // it and SlowTimeout go on after fastcgi_finish_request

	SlowTimeout time.Duration // request_slowlog_timeout; 0: none
	SlowDepth   int           // request_slowlog_trace_depth: frames
	// Slow takes a request that has run longer than SlowTimeout, with the stack it was seen in. Called off the loop; may be nil.
	Slow func(Stacked)

	ReloadOverlap time.Duration
	DrainTimeout  time.Duration // process_control_timeout

	CrashThreshold int           // emergency_restart_threshold; 0: off
	CrashInterval  time.Duration // emergency_restart_interval

	// Start execs the zygote of a generation. It is called off the loop.
	Start func(generation int) (*Zygote, error)
	// StartWith is Start with the settings of one kind of request over the pool's own. nil: there are none.
	StartWith func(generation int, o Overrides) (*Zygote, error)
	Sides     int // sets of such settings that have a php-cgi at once
	// Environment is the workers', for ${NAME} in such settings.
	Environment []string
	// Prepare makes the requests that a new generation must have answered before it serves: the probe of the host calls, the
	// warm-up. Those of one round run at once, each in another worker. Called on the loop; may be nil.
	Prepare func(z *Zygote) [][]Job
	// Serving is told when a generation takes over. Called on the loop; may be nil.
	Serving func(z *Zygote)
	// Call takes a call of one of Howdah's functions in PHP, made by the process pid, before the request that made it is completed. The
	// payload is valid until it returns. Called on the loop; nil: nobody wants any.
	Call func(pid int, kind string, payload []byte)
	// Output takes a line of one of the Streams; pid is 0 where it can't be told. Called on the loop; nil drops them.
	Output func(pid int, stream Stream, line string)
}

// Stream is where a line of a worker's came from.
type Stream string

// The streams.
const (
	StreamStdout   Stream = "stdout"
	StreamStderr   Stream = "stderr"
	StreamMessages Stream = "messages" // what PHP logs; the first line of a message begins with "PHP message: "
)

// Counters are totals since the pool was made. They belong to the loop; Pool.Stats copies them.
type Counters struct {
	Accepted     uint64 // jobs submitted
	Begun        uint64 // jobs that a worker got
	Completed    uint64 // jobs that PHP answered to the end
	Aborted      uint64 // jobs whose client went away
	Queued       uint64 // jobs that had to wait
	Reused       uint64 // requests on a worker connection that had served one before
	TimedOut     uint64
	Backpressure uint64 // times an answer had to wait for a slow client
	Failed       map[Cause]uint64
	Recycled     map[string]uint64 // by cause
	Deaths       uint64            // of workers that were not told to end
	DeathCauses  map[string]uint64 // by the word of process.ExitCause; besides, CauseTimedOut for those killed over a deadline
	Generations  uint64
	HostCalls    uint64 // messages from our own functions in PHP

	Waits     Times // in the queue, of requests that a worker got
	Durations Times // with a worker, of requests that it answered or failed to

	BusyMax         int    // the most workers that were busy at once
	ChildrenReached uint64 // times that requests began to wait since all pm_max_children workers were busy, each after there was room
	Slow            uint64 // requests that ran longer than request_slowlog_timeout
	MemoryMax       uint64 // the most that a request added to its worker's memory, in bytes; see Info.Memory
}

// Stats is a picture of a pool at one moment.
type Stats struct {
	Counters
	Started     time.Time
	Mode        Mode
	MaxChildren int

	Generation int
	Workers    int // said hello
	Busy, Idle int
	Used       int // idle ones that have worked
	Waiting    int // in the queue
	WaitingMax int // the most there ever were
	Parked     bool

	WaitingLimit int // queue_max
	Paused       PauseMode
	Draining     int // generations
	Sides        int // php-cgi beside the main one, for the settings of requests
}
