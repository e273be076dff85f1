package main

import (
	"errors"
	"fmt"
	"strconv"

	"howdah/supervisor/control"

	"github.com/spf13/cobra"
)

// recycleCommand ends workers between requests.
func recycleCommand() *cobra.Command {
	var t target
	cmd := &cobra.Command{
		Use:   "recycle [POOL | PID] [-c pool.toml | --socket PATH]",
		Short: "Replace workers by fresh ones, between requests",
		Long: `recycle ends the workers of a pool, or one worker, or all of all pools, and fresh ones take their places: idle ones at once,
busy ones when they have answered. No request is lost. The opcache stays; reload is for a new one.`,
		Example: `  howdah recycle www
  howdah recycle 4711`,
		Args:              func(cmd *cobra.Command, args []string) error { return atMost(cmd, args, 1) },
		ValidArgsFunction: t.completePools,
		RunE: func(cmd *cobra.Command, args []string) error {
			return t.with(cmd, func(c *control.Client) error {
				r, err := c.Recycle(cmd.Context(), control.RecycleRequest{Pool: first(args)})
				var failure *control.Failure
				if pid, e := strconv.Atoi(first(args)); e == nil && errors.As(err, &failure) && failure.Word == control.WordNoPool {
					r, err = c.Recycle(cmd.Context(), control.RecycleRequest{PID: pid})
				}
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "recycled: %d workers at once, %d when they have answered\n", r.Now, r.Later)
				return err
			})
		},
	}
	t.bind(cmd)
	return cmd
}
