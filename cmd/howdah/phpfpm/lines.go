package phpfpm

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"howdah/fcgiserver"
	"howdah/supervisor"
	"howdah/supervisor/fpmconf"
)

// lines are log lines before and after the service: on stderr, and in error_log once it is known.
type lines struct {
	log *supervisor.Log
	*slog.Logger
}

// newLines opens error_log; "stderr" is stderr alone.
func (p *Program) newLines(errorLog string) (*lines, error) {
	log, err := supervisor.OpenLog(supervisor.LogOptions{File: errorLog, Level: supervisor.LevelNotice, Stderr: p.Stderr, Echo: errorLog != "stderr"})
	if err != nil {
		return nil, err
	}
	return &lines{log, log.Logger()}, nil
}

// close writes what is not written yet.
func (l *lines) close() { _ = l.log.Close() }

// say writes one line on stderr.
func (p *Program) say(write func(*lines)) {
	if l, err := p.newLines("stderr"); err == nil {
		write(l)
		l.close()
	}
}

// failed is the last line of a start that came to nothing.
const failed = "FPM initialization failed"

// refusal is a configuration that can't be run. Its text has a line for each problem.
type refusal struct {
	loaded   *fpmconf.Loaded
	problems []fpmconf.Problem
}

func (r *refusal) Error() string {
	texts := make([]string, len(r.problems))
	for i, problem := range r.problems {
		texts[i] = problem.String()
	}
	return strings.Join(texts, "\n")
}

// refuse says what is wrong. Without a configuration to go by, stderr is where php-fpm says it.
func (p *Program) refuse(r *refusal) int {
	p.say(func(l *lines) {
		l.remarks(r.loaded)
		for _, problem := range r.problems {
			l.problem(problem)
		}
		l.Error(failed)
	})
	return exitConfig
}

func (l *lines) problem(problem fpmconf.Problem) {
	level := supervisor.LevelError
	if problem.Level == "ALERT" {
		level = supervisor.LevelAlert
	}
	l.Log(context.Background(), level, problem.String())
}

// remarks are what php-fpm says of a configuration that it takes all the same.
func (l *lines) remarks(loaded *fpmconf.Loaded) {
	for _, text := range loaded.Warnings {
		l.Warn(text)
	}
	for _, text := range loaded.Notices {
		l.Info(text)
	}
}

// startFailure is why the service did not start, in php-fpm's words where it has any.
func (p *Program) startFailure(err error) string {
	var taken *fcgiserver.ListenError
	var held *supervisor.HeldError
	switch {
	case errors.As(err, &taken) && errors.Is(err, fcgiserver.ErrInUse):
		return addressTaken(taken.Address)
	case errors.As(err, &held) && len(p.addresses) > 0: // this configuration runs already
		return addressTaken(p.addresses[0])
	}
	return err.Error()
}

func addressTaken(address string) string {
	if strings.HasPrefix(address, "/") {
		return "Another FPM instance seems to already listen on " + address
	}
	return fmt.Sprintf("unable to bind listening socket for address '%s': Address already in use (98)", address)
}
