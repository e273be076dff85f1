package supervisor

import (
	"os"
	"os/signal"
	"syscall"
)

// SignalEvent is what a signal asks for.
type SignalEvent uint8

// What signals ask for.
const (
	SignalNothing SignalEvent = iota
	SignalStop                // stop when running requests are done, or process_control_timeout is over
	SignalKill                // stop at once
	SignalReload              // load the configuration again
	SignalReopen              // open the log files again
)

func (e SignalEvent) String() string {
	return [...]string{"nothing", "stop", "kill", "reload", "reopen"}[e]
}

// signalEvents is the meaning of each signal, before and after the first SignalStop.
//
// Source: php-fpm's, but TERM is as gentle as QUIT, because that is what every service manager and container sends.
var signalEvents = map[syscall.Signal]struct{ running, stopping SignalEvent }{
	syscall.SIGTERM: {SignalStop, SignalKill},
	syscall.SIGQUIT: {SignalStop, SignalKill},
	syscall.SIGINT:  {SignalKill, SignalKill},
	syscall.SIGUSR1: {SignalReopen, SignalReopen},
	syscall.SIGUSR2: {SignalReload, SignalNothing},
	syscall.SIGHUP:  {SignalReload, SignalNothing},
}

// signalQueue has room for signals that come faster than they are handled. Equal ones that find no room are dropped, as the
// kernel does.
const signalQueue = 64

// Signals receives the signals that the service obeys. Its owner receives from C and asks Event what each one means.
//
// Goroutines: none of ours (os/signal has one). Concurrency: Event belongs to one goroutine.
type Signals struct {
	C        <-chan os.Signal
	c        chan os.Signal
	stopping bool
}

// CatchSignals begins to receive. Call it first of all: before it, most of these signals end the process.
//
// SIGPIPE is ignored, as php-fpm does: without it, a write to a stderr that nobody reads any more would be the end.
func CatchSignals() *Signals {
	c := make(chan os.Signal, signalQueue)
	for sig := range signalEvents {
		signal.Notify(c, sig)
	}
	signal.Ignore(syscall.SIGPIPE)
	return &Signals{C: c, c: c}
}

// Event tells what a signal from C asks for now, and remembers a stop.
func (s *Signals) Event(sig os.Signal) SignalEvent {
	event := signalEvent(sig, s.stopping)
	if event == SignalStop {
		s.stopping = true
	}
	return event
}

// signalEvent looks it up.
func signalEvent(sig os.Signal, stopping bool) SignalEvent {
	number, _ := sig.(syscall.Signal)
	meaning := signalEvents[number]
	if stopping {
		return meaning.stopping
	}
	return meaning.running
}

// Close gives the signals their default meaning again.
func (s *Signals) Close() {
	signal.Stop(s.c)
	signal.Reset(syscall.SIGPIPE)
}
