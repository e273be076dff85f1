package worker

import "fmt"

// State is where a worker stands between its birth and its death.
type State uint8

// The states of a worker.
const (
	Fresh     State = iota // connected to; no fork has accepted yet, as far as we know
	Idle                   // said hello, waits for a request
	Busy                   // runs a request
	Lingering              // runs a request whose connection is gone; it will accept a new one when it is done
	Draining               // told to end while idle
	Killing                // over its deadline: SIGPROF is on its way to PHP, SIGKILL follows
	Dead                   // its process has ended, or its connection came to nothing
)

func (s State) String() string {
	return [...]string{"fresh", "idle", "busy", "lingering", "draining", "killing", "dead"}[s]
}

// occupied is 1 in the states in which the worker has a request to run, or has not come back from one.
func (s State) occupied() int {
	if s == Busy || s == Lingering || s == Killing {
		return 1
	}
	return 0
}

// Event is what happens to a worker.
type Event uint8

// The events of a worker.
const (
	Answered  Event = iota // hello came back, from a process whose pid the kernel vouches for
	Silent                 // hello did not come back in time
	Assigned               // a request was written to it
	Completed              // END_REQUEST came
	Abandoned              // its connection was closed while it ran: the client has gone, or the worker closed it
	Overdue                // its request ran longer than request_terminate_timeout
	Retired                // it is to be recycled, or its generation ends
	Returned               // it accepted a new connection, which stands for it from here on
	Exited                 // its process has ended
)

func (e Event) String() string {
	return [...]string{"answered", "silent", "assigned", "completed", "abandoned", "overdue", "retired", "returned", "exited"}[e]
}

// next is the whole life of a worker: what is not here can't happen.
var next = map[State]map[Event]State{
	Fresh:     {Answered: Idle, Silent: Dead, Exited: Dead},
	Idle:      {Assigned: Busy, Retired: Draining, Abandoned: Lingering, Exited: Dead},
	Busy:      {Completed: Idle, Abandoned: Lingering, Overdue: Killing, Exited: Dead},
	Lingering: {Overdue: Killing, Returned: Dead, Exited: Dead},
	Killing:   {Completed: Idle, Abandoned: Killing, Returned: Dead, Exited: Dead},
	Draining:  {Exited: Dead},
	Dead:      {},
}

// TransitionError is an event that can't happen in a state: a mistake in this package, never an operational fault.
type TransitionError struct {
	From  State
	Event Event
}

func (e *TransitionError) Error() string {
	return fmt.Sprintf("a worker that is %s cannot be %s", e.From, e.Event)
}

// on returns the state after e.
//
// Errors: *TransitionError.
func (s State) on(e Event) (State, error) {
	if to, ok := next[s][e]; ok {
		return to, nil
	}
	return s, &TransitionError{From: s, Event: e}
}
