package main

import (
	"fmt"

	"howdah/supervisor/control"

	"github.com/spf13/cobra"
)

// poolCommand pauses and resumes pools.
func poolCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "pool",
		Short: "Pause a pool, or resume it",
		Long: `pool pause keeps a pool's PHP from new requests, for the minute in which a database is moved; pool resume ends that.
Requests that run are finished. The web server sees no closed socket.`,
		Example: `  howdah pool pause www
  howdah pool resume www`,
		Args: cobra.ArbitraryArgs,
		RunE: unknownCommand,
	}
	cmd.AddCommand(pauseCommand(), resumeCommand())
	return cmd
}

func pauseCommand() *cobra.Command {
	var t target
	var mode string
	cmd := &cobra.Command{
		Use:   "pause POOL [--mode queue|503] [-c pool.toml | --socket PATH]",
		Short: "Give a pool's PHP no more requests",
		Long: `pause gives a pool's PHP no more requests until howdah pool resume, also over reloads. What arrives meanwhile waits, within
queue_max and queue_timeout, or with --mode 503 is refused at once, with what waits already.`,
		Example: `  howdah pool pause www
  howdah pool pause www --mode 503`,
		Args:              onePool,
		ValidArgsFunction: t.completePools,
		RunE: func(cmd *cobra.Command, args []string) error {
			return t.with(cmd, func(c *control.Client) error {
				p, err := c.Pause(cmd.Context(), args[0], mode)
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "pool %s is paused (%s), %d requests still run\n", p.Name, p.Paused, p.Busy)
				return err
			})
		},
	}
	t.bind(cmd)
	cmd.Flags().StringVar(&mode, "mode", "queue", "what becomes of requests: `queue` or 503")
	_ = cmd.RegisterFlagCompletionFunc("mode", cobra.FixedCompletions([]string{"queue", "503"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func resumeCommand() *cobra.Command {
	var t target
	cmd := &cobra.Command{
		Use:               "resume POOL [-c pool.toml | --socket PATH]",
		Short:             "End a pause",
		Long:              `resume has a paused pool run what waits and what comes. A pool that is not paused stays as it is.`,
		Example:           `  howdah pool resume www`,
		Args:              onePool,
		ValidArgsFunction: t.completePools,
		RunE: func(cmd *cobra.Command, args []string) error {
			return t.with(cmd, func(c *control.Client) error {
				p, err := c.Resume(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "pool %s is %s\n", p.Name, p.State)
				return err
			})
		},
	}
	t.bind(cmd)
	return cmd
}

// onePool wants the name of a pool.
func onePool(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return usagef(cmd, "which pool?")
	}
	return atMost(cmd, args, 1)
}
