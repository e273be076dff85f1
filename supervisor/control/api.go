package control

import "fmt"

// Reload is how a reload went.
type Reload struct {
	OK          bool     `json:"ok" doc:"everything is in force"`
	TookSeconds float64  `json:"took_seconds"`
	AgoSeconds  float64  `json:"ago_seconds,omitempty" doc:"how long ago it ended"`
	Problems    []string `json:"problems,omitempty" doc:"what went wrong, a line each; what they concern goes on as before"`
	ExitCode    int      `json:"exit_code" doc:"0, 78 if the configuration or its PHP is at fault, 70 for anything else"`
}

// Log is what is logged.
type Log struct {
	Level  string `json:"level,omitempty" doc:"alert, error, warning, notice or debug"`
	Format string `json:"format,omitempty" doc:"text or json"`
}

// StopRequest says how to stop.
type StopRequest struct {
	Now bool `json:"now,omitempty" doc:"end all requests at once instead of letting them finish"`
}

// Stopped is sent when nothing of the service is left but the process, which ends with it.
type Stopped struct {
	PID int `json:"pid" doc:"of the Howdah that has stopped"`
}

// Failure is the answer to a request that was not carried out.
type Failure struct {
	Word     string `json:"word" doc:"one word for what is wrong"`
	Text     string `json:"text" doc:"the same for people"`
	ExitCode int    `json:"exit_code" doc:"that the command ends with"`
	status   int
}

func (f *Failure) Error() string { return f.Text }

// Exit codes, as sysexits.h and php-fpm have them.
const (
	exitUsage    = 64
	exitSoftware = 70
)

// The words of failures.
const (
	WordNotAllowed = "not_allowed"
	WordBadRequest = "bad_request"
	WordNoRoute    = "no_route"
	WordNoPool     = "no_pool"
	WordNoWorker   = "no_worker"
	WordStuck      = "stuck"
	WordStopping   = "stopping"
	WordBusy       = "busy"
)

// fail makes a Failure. What the caller got wrong ends his command with the code for usage.
func fail(status int, word, text string) *Failure {
	code := exitSoftware
	if status == 400 || status == 404 {
		code = exitUsage
	}
	return &Failure{Word: word, Text: text, ExitCode: code, status: status}
}

// BadRequest says what is wrong with what was asked.
func BadRequest(text string) error { return fail(400, WordBadRequest, text) }

// NoPool says that there is no pool of that name.
func NoPool(name string) error { return fail(404, WordNoPool, "there is no pool "+name) }

// Stopping says that the service ends.
func Stopping() error { return fail(503, WordStopping, "howdah is stopping") }

// NoWorker says that no pool has a worker of that pid.
func NoWorker(pid int) error {
	return fail(404, WordNoWorker, fmt.Sprintf("process %d is no worker", pid))
}

// Busy says that something of which there can be only one runs already.
func Busy(text string) error { return fail(409, WordBusy, text) }

// Stuck says that the event loop of a pool did not answer in time.
func Stuck(pool string) error {
	return fail(503, WordStuck, "pool "+pool+" is stuck: its event loop does not answer")
}
