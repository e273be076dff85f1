package main

import (
	"fmt"

	"howdah/supervisor/control"

	"github.com/spf13/cobra"
)

// logLevels are the words of log_level.
var logLevels = []string{"alert", "error", "warning", "notice", "debug"}

// logLevelCommand changes what the running service logs.
func logLevelCommand() *cobra.Command {
	var t target
	var change control.Log
	cmd := &cobra.Command{
		Use:   "log-level [LEVEL] [--format text|json] [-c pool.toml | --socket PATH]",
		Short: "Change what is logged, or say what is",
		Long: `log-level changes the level or the format of the log of the running howdah, until the next reload puts those of the
configuration in force again. Without a change it prints what is in force.
The levels: alert, error, warning, notice, debug.`,
		Example: `  howdah log-level
  howdah log-level debug
  howdah log-level --format json`,
		ValidArgs: logLevels,
		Args: func(cmd *cobra.Command, args []string) error {
			return atMost(cmd, args, 1)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				change.Level = args[0]
			}
			return t.with(cmd, func(c *control.Client) error {
				l, err := c.SetLog(cmd.Context(), change)
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "log level %s, format %s\n", l.Level, l.Format)
				return err
			})
		},
	}
	t.bind(cmd)
	cmd.Flags().StringVar(&change.Format, "format", "", "`text` or json")
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions([]string{"text", "json"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}
