package control

// Worker is one PHP process.
type Worker struct {
	PID         int      `json:"pid"`
	State       string   `json:"state" doc:"idle, busy, lingering, draining or killing; see docs/states.md"`
	Generation  int      `json:"generation"`
	AgeSeconds  float64  `json:"age_seconds" doc:"since it was forked"`
	Requests    int      `json:"requests" doc:"that it has begun"`
	MemoryBytes uint64   `json:"memory_bytes" doc:"resident memory that it shares with nobody"`
	CPUSeconds  float64  `json:"cpu_seconds" doc:"processor time that it has used"`
	Doomed      string   `json:"doomed,omitempty" doc:"why it will be recycled at the next chance"`
	Request     *Request `json:"request,omitempty" doc:"its request, or its last; absent before the first"`
}

// Request is what a worker does, or did last. Strings are cut to php-fpm's lengths.
type Request struct {
	Running       bool    `json:"running" doc:"it is not answered yet"`
	Method        string  `json:"method"`
	URI           string  `json:"uri" doc:"SCRIPT_NAME"`
	Query         string  `json:"query,omitempty"`
	Script        string  `json:"script" doc:"the file that runs"`
	User          string  `json:"user,omitempty" doc:"of HTTP basic authentication"`
	ContentLength int64   `json:"content_length" doc:"bytes of body"`
	Seconds       float64 `json:"seconds" doc:"so far, or in the end, without the time in the queue"`
	WaitedSeconds float64 `json:"waited_seconds" doc:"in the queue"`
	CPUPercent    float64 `json:"cpu_percent" doc:"of one processor; 0 while it runs and for one below 10 ms"`
	MemoryBytes   uint64  `json:"memory_bytes" doc:"what it added to the worker's memory at its peak; 0 as cpu_percent is"`
}

// RecycleRequest names workers: a process, or all of a pool that have worked, or all of all pools.
type RecycleRequest struct {
	Pool string `json:"pool,omitempty" doc:"only of this pool"`
	PID  int    `json:"pid,omitempty" doc:"only this process"`
}

// Recycled is what a recycling did.
type Recycled struct {
	Now   int `json:"now" doc:"workers that were idle, and have been ended"`
	Later int `json:"later" doc:"workers that are busy, and will be when they have answered"`
}

// PauseRequest says what becomes of requests during a pause.
type PauseRequest struct {
	Mode string `json:"mode,omitempty" doc:"queue (the default): they wait, within queue_max and queue_timeout; 503: they are refused"`
}
