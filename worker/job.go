package worker

import (
	"os"
	"time"

	"howdah/internal/request"
)

// Job is one request on its way through the pool, as the pool sees it. Its methods are called on the loop.
//
// The pool calls End or Fail exactly once, and nothing after it, unless the job was aborted; then it calls nothing more.
type Job interface {
	// Wire is the request as FastCGI records: BEGIN_REQUEST with KEEP_CONN, PARAMS, and the body if it lies in memory. The
	// bytes stay as they are until End or Fail.
	Wire() []byte
	// Spill is a body that lies in a file, sent as STDIN after Wire; nil if there is none. The file stays open until End or Fail.
	Spill() (body *os.File, sizeBytes int64)
	// RequestID is the id that Wire uses.
	RequestID() uint16
	// Output takes records of the answer as they came, whole or in part. It returns false when the job wants no more until
	// Task.Resume; what it was given it keeps.
	Output(records []byte) (more bool)
	// End takes the last records of the answer, END_REQUEST included.
	End(records []byte)
	// Fail says that there will be no (further) answer. status is the HTTP status that fits; retryAfter is 0 where trying
	// again is not advised; cause is one word for log and counter.
	Fail(status int, retryAfter time.Duration, cause Cause)
	// Note notes what the request is, for the table of workers. It is called once, when a worker gets the request.
	Note(*request.Note)
	// Begun says which process works on the job.
	Begun(pid int)
	// Describe returns what a log line needs: the script and the request line.
	Describe() (script, request string)
}

// Limited is a job that may have a time limit of its own, counted from when a worker gets it; 0: none.
type Limited interface {
	Limit() time.Duration
}

// Cause is the one word for why a request got no answer from PHP. It is the same in log and counter.
type Cause = string

// Why a job fails.
const (
	CauseQueueFull    Cause = "queue_full"
	CauseQueueTimeout Cause = "queue_timeout"
	CausePaused       Cause = "paused"      // by the operator
	CauseUnavailable  Cause = "unavailable" // no PHP runs and none is about to: a crash loop, or a pool that is stopping
	CauseAdminValue   Cause = "admin_value" // the request's PHP_ADMIN_VALUE cannot be in force
	CauseDied         Cause = "worker_died"
	CauseProtocol     Cause = "protocol_error" // what the worker sent is not FastCGI
	CauseTimedOut     Cause = "timed_out"
	CauseStopped      Cause = "stopped" // Howdah stops and its patience is at an end
)
