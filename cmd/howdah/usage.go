package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// usageError is a command line that howdah can't make sense of. It says what to type instead.
type usageError struct {
	text string
	hint string
}

func (e *usageError) Error() string {
	return fmt.Sprintf("%s (%s)", e.text, e.hint)
}

// usagef returns a usageError that points at the help of cmd.
func usagef(cmd *cobra.Command, format string, args ...any) error {
	return &usageError{
		text: fmt.Sprintf(format, args...),
		hint: cmd.CommandPath() + " --help shows how",
	}
}

// flagError puts what the flag parser says on one line.
func flagError(cmd *cobra.Command, err error) error {
	text, _, _ := strings.Cut(err.Error(), "\n")
	return usagef(cmd, "%s", text)
}

// noArguments refuses what is left after the flags; a forgotten -c or --root is the usual reason.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return usagef(cmd, "unexpected argument %q", args[0])
}

// atMost refuses more than n arguments.
func atMost(cmd *cobra.Command, args []string, n int) error {
	if len(args) <= n {
		return nil
	}
	return usagef(cmd, "unexpected argument %q", args[n])
}

// first is the first argument, "" if there is none.
func first(args []string) string {
	if len(args) == 0 {
		return ""
	}
	return args[0]
}
