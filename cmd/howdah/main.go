package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"howdah/cmd/howdah/phpfpm"
)

// Exit codes, with sysexits.h's and php-fpm's meaning. The supervisor decides between configuration (78) and software (70).
const exitUsage = 64

func main() {
	if call, ok := phpfpm.Called(os.Args); ok {
		os.Exit(runFPM(call, os.Stdout, os.Stderr, howdah))
	}
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr, howdah))
}

// run carries out one command line and returns the exit code.
func run(args []string, stdout, stderr io.Writer, e engine) int {
	cmd := rootCommand(e, stdout, stderr)
	cmd.SetArgs(args)
	err := cmd.Execute()
	if err == nil {
		return 0
	}
	var other *exitError
	if errors.As(err, &other) { // it has said all there is to say
		return other.code
	}
	// A configuration reports all its problems together, one a line; each line says who speaks.
	for line := range strings.Lines(err.Error()) {
		fmt.Fprintf(stderr, "howdah: %s\n", strings.TrimRight(line, "\n"))
	}
	var usage *usageError
	if errors.As(err, &usage) {
		return exitUsage
	}
	return e.exitCode(err)
}
