package main

import (
	"fmt"

	"howdah/supervisor/control"

	"github.com/spf13/cobra"
)

// stopCommand ends the running service.
func stopCommand() *cobra.Command {
	var t target
	var now bool
	cmd := &cobra.Command{
		Use:   "stop [-c pool.toml | --socket PATH]",
		Short: "Let running requests finish and end the service",
		Long: `stop lets running requests finish, within process_control_timeout, and ends the service. It returns when that has happened:
all PHP processes have ended, and another howdah can start.`,
		Example: `  howdah stop
  howdah stop --now --socket /run/howdah/control.sock`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return t.with(cmd, func(c *control.Client) error {
				s, err := c.Stop(cmd.Context(), now)
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "stopped, pid %d\n", s.PID)
				return err
			})
		},
	}
	t.bind(cmd)
	cmd.Flags().BoolVar(&now, "now", false, "end all requests at once")
	return cmd
}
