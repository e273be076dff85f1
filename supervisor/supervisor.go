package supervisor

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"howdah/fcgiserver"
	"howdah/supervisor/config"
	"howdah/supervisor/control"
)

// Exit codes, as php-fpm and sysexits.h have them.
const (
	exitOK       = 0
	exitSoftware = 70
	exitConfig   = 78
)

// Options say what to run. ConfigFile or Root is set, not both.
type Options struct {
	ConfigFile string
	Load       func(file string) (*config.Config, error) // reads ConfigFile, at start and at each reload; nil: config.Load
	Root       string                                    // serve this folder
	Listen     string                                    // where, with Root; "": 127.0.0.1:8080
	Effective  bool                                      // Check prints all settings
	Version    string
	Stderr     io.Writer // nil: os.Stderr
	FPM        *FPM      // nil: speak as howdah serve does
}

// startError is why the service did not start, with the exit code that says whose affair it is.
type startError struct {
	code int
	err  error
}

func (e *startError) Error() string { return e.err.Error() }
func (e *startError) Unwrap() error { return e.err }

// Misconfigured marks the error of a command as one for exit code 78.
func Misconfigured(err error) error { return misconfigured(err) }

// misconfigured marks err as one that the operator mends in the configuration or on the machine.
func misconfigured(err error) error {
	if err == nil {
		return nil
	}
	return &startError{code: exitConfig, err: err}
}

// ExitCode is the code that main ends with for what Serve or Check returned: 0, 78 if the configuration or the machine does
// not allow the service to run, 70 for what should not happen.
func ExitCode(err error) int {
	var start *startError
	var problems config.Problems
	var held *HeldError
	var failure *control.Failure // of a command
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &start):
		return start.code
	case errors.As(err, &failure):
		return failure.ExitCode
	case errors.As(err, &problems), errors.As(err, &held), errors.Is(err, fcgiserver.ErrInUse):
		return exitConfig
	}
	return exitSoftware
}

// Serve runs the service until a signal ends it.
func Serve(o Options) error {
	if o.Stderr == nil {
		o.Stderr = os.Stderr
	}
	signals := CatchSignals()
	defer signals.Close()
	s := &service{options: o, signals: signals, pools: map[string]*pool{}, cancel: make(chan struct{}),
		commands: make(chan command), finished: make(chan struct{})}
	defer s.release()
	if err := s.start(); err != nil {
		return err
	}
	return s.run()
}

// Check looks at everything that can keep Serve from starting, as far as that can be seen without starting it, and says so.
func Check(o Options, out io.Writer) error {
	c, err := o.load()
	if err != nil {
		return err
	}
	if o.Effective {
		_, err := fmt.Fprint(out, c.Effective())
		return err
	}
	for _, n := range c.Notices {
		fmt.Fprintln(out, "notice:", n)
	}
	php := newPHPs()
	lines, err := php.check(c)
	for _, line := range lines {
		fmt.Fprintln(out, line)
	}
	if err != nil {
		return err
	}
	var unfit []error
	for _, p := range c.Pools {
		if err := routesFit(p); err != nil {
			unfit = append(unfit, fmt.Errorf("pool %s: %w", p.Name, err))
		}
	}
	if err := errors.Join(unfit...); err != nil {
		return misconfigured(err)
	}
	names := make([]string, len(c.Pools))
	for i, p := range c.Pools {
		names[i] = p.Name
	}
	fmt.Fprintf(out, "%s is valid: %d pools (%s)\n", o.source(), len(c.Pools), strings.Join(names, ", "))
	return nil
}

func (o Options) load() (*config.Config, error) {
	if o.Root != "" {
		return config.ForRoot(o.Root, o.Listen)
	}
	if o.Load != nil {
		return o.Load(o.ConfigFile)
	}
	return config.Load(o.ConfigFile)
}

// source names what was loaded, for a log line.
func (o Options) source() string {
	if o.Root != "" {
		return o.Root
	}
	return o.ConfigFile
}
