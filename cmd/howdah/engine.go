package main

import (
	"io"

	"howdah/supervisor"
)

// engine is what the commands call. The tests of the command line put recorders in.
type engine struct {
	serve    func(supervisor.Options) error
	check    func(supervisor.Options, io.Writer) error
	exitCode func(error) int
}

var howdah = engine{serve: supervisor.Serve, check: supervisor.Check, exitCode: supervisor.ExitCode}
