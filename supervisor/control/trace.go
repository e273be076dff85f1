package control

import (
	"net/http"
	"strconv"
)

// TraceRequest names the workers to look at: a process, or all with a request, of a pool or of all pools.
type TraceRequest struct {
	Pool  string
	PID   int
	Depth int // frames, at most
}

// DefaultDepth is how many frames are shown where nobody says how many.
const DefaultDepth = 50

// Trace is what workers were doing, at one moment for each.
type Trace struct {
	Workers []TracedWorker `json:"workers"`
}

// TracedWorker is a worker and where its PHP was.
type TracedWorker struct {
	Pool    string  `json:"pool"`
	PID     int     `json:"pid"`
	State   string  `json:"state" doc:"as of a Worker"`
	Script  string  `json:"script,omitempty" doc:"the file that runs; - if its client has gone"`
	Request string  `json:"request,omitempty" doc:"method and URI"`
	Seconds float64 `json:"seconds" doc:"so far, without the time in the queue"`
	Stack   []Call  `json:"stack,omitempty" doc:"the innermost call first"`
	Problem string  `json:"problem,omitempty" doc:"why there is no stack"`
}

// Call is one frame of a stack.
type Call struct {
	Function string `json:"function" doc:"with its class, or [INCLUDE_OR_EVAL] for the code of a file or of eval()"`
	File     string `json:"file,omitempty" doc:"where its own code is; absent for a function of PHP itself"`
	Line     int    `json:"line,omitempty" doc:"that it has come to"`
}

func traceRoutes() []Route {
	return []Route{{
		Method: "GET", Path: "/v1/trace", Command: "howdah trace", Answer: Trace{}, quiet: true,
		Doc: "Where PHP is, in each worker that has a request. Nothing is stopped for it.",
		Query: []Param{
			{"pool", "only this pool"}, {"pid", "only this process, also if it is idle"},
			{"depth", "the most calls of a stack, " + strconv.Itoa(DefaultDepth) + " if it is left out"},
		},
		do: func(s Service, r *http.Request) (any, error) {
			which := TraceRequest{Pool: r.FormValue("pool"), Depth: DefaultDepth}
			for name, number := range map[string]*int{"pid": &which.PID, "depth": &which.Depth} {
				text := r.FormValue(name)
				if text == "" {
					continue
				}
				n, err := strconv.Atoi(text)
				if err != nil || n < 1 {
					return nil, BadRequest(name + " is a number above 0, not " + text)
				}
				*number = n
			}
			return s.Trace(r.Context(), which)
		},
	}}
}
