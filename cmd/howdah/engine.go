package main

import (
	"errors"
	"io"
)

// options is supervisor.Options until that package stands.
type options struct {
	ConfigFile, Root, Listen, Version string
	Stderr                            io.Writer
}

// engine is what the commands call. The tests of the command line put recorders in.
type engine struct {
	serve    func(options) error
	check    func(options, io.Writer) error
	exitCode func(error) int
}

var howdah = engine{
	serve:    func(options) error { return errors.New("serve is not built yet") },
	check:    func(options, io.Writer) error { return errors.New("check is not built yet") },
	exitCode: func(error) int { return 70 },
}
