package statuspage

import "time"

// Pool is a picture of a pool at one moment.
type Pool struct {
	Name    string
	Manager string // pm
	Started time.Time
	Now     time.Time

	Accepted        uint64 // requests begun
	Waiting         int    // requests that wait
	WaitingMax      int
	WaitingLimit    int // how many may
	Idle, Active    int // processes
	ActiveMax       int
	ChildrenReached uint64
	Slow            uint64
	MemoryPeak      *uint64 // bytes; nil: the page is that of a PHP before 8.4

	Processes []Process
}

// Process is one worker with its current request, or its last. Texts are empty where there is nothing to tell.
type Process struct {
	PID      int
	State    string
	Started  time.Time
	Requests int

	Duration      time.Duration
	Method        string
	URI           string
	Query         string
	ContentLength int64
	User          string
	Script        string
	CPU           float64 // percent
	Memory        uint64  // bytes
}

// value is one field of a page. Only one of them counts, by kind.
type value struct {
	kind   kind
	text   string
	number int64
	real   float64
	at     time.Time
}

type kind uint8

const (
	isText   kind = iota // escaped as the form demands
	isNumber             //
	isReal               // with two decimals
	isTime
)

func text(s string) value                      { return value{text: s} }
func real(f float64) value                     { return value{kind: isReal, real: f} }
func moment(t time.Time) value                 { return value{kind: isTime, at: t} }
func number[T int | int64 | uint64](n T) value { return value{kind: isNumber, number: int64(n)} }

// field is a value with its name: words with spaces between them.
type field struct {
	name  string
	value value
}

// fields are those of the pool, in php-fpm's order.
func (p *Pool) fields() []field {
	all := []field{
		{"pool", text(p.name())},
		{"process manager", text(p.Manager)},
		{"start time", moment(p.Started)},
		{"start since", number(seconds(p.Started, p.Now))},
		{"accepted conn", number(p.Accepted)},
		{"listen queue", number(p.Waiting)},
		{"max listen queue", number(p.WaitingMax)},
		{"listen queue len", number(p.WaitingLimit)},
		{"idle processes", number(p.Idle)},
		{"active processes", number(p.Active)},
		{"total processes", number(p.Idle + p.Active)},
		{"max active processes", number(p.ActiveMax)},
		{"max children reached", number(p.ChildrenReached)},
		{"slow requests", number(p.Slow)},
	}
	if p.MemoryPeak != nil {
		all = append(all, field{"memory peak", number(*p.MemoryPeak)})
	}
	return all
}

// maxName is what php-fpm keeps of a pool's name.
const maxName = 31

func (p *Pool) name() string { return p.Name[:min(len(p.Name), maxName)] }

// fields are those of a process on the page, in php-fpm's order.
func (p *Process) fields(now time.Time) []field {
	return []field{
		{"pid", number(p.PID)},
		{"state", text(p.State)},
		{"start time", moment(p.Started)},
		{"start since", number(seconds(p.Started, now))},
		{"requests", number(p.Requests)},
		{"request duration", number(p.Duration.Microseconds())},
		{"request method", text(orDash(p.Method))},
		{requestURI, value{}},
		{"content length", number(p.ContentLength)},
		{"user", text(orDash(p.User))},
		{"script", text(orDash(p.Script))},
		{"last request cpu", real(p.CPU)},
		{"last request memory", number(p.Memory)},
	}
}

// requestURI is the field that is made of two: the URI, and the query, if there is one, behind a question mark. Each form escapes
// them apart.
const requestURI = "request uri"

// uri joins the two as escape has them.
func (p *Process) uri(escape func(string) string) string {
	joined := escape(orDash(p.URI))
	if p.Query != "" {
		joined += "?" + escape(p.Query)
	}
	return joined
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// seconds are counted as php-fpm counts them: between two whole seconds of the clock.
func seconds(from, to time.Time) int64 { return to.Unix() - from.Unix() }
