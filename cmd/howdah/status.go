package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"howdah/supervisor/control"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"
)

// statusCommand shows the running service.
func statusCommand() *cobra.Command {
	var t target
	var asJSON, watch bool
	var every time.Duration
	cmd := &cobra.Command{
		Use:   "status [POOL] [--watch] [--json] [-c pool.toml | --socket PATH]",
		Short: "Show pools, queues and workers",
		Long: `status shows what the running howdah does: for each pool its workers, its queue and its figures, and for each worker its state,
its request and what that costs. It is answered also while all workers are busy; a pool whose event loop does not answer
within a second is shown as stuck.`,
		Example: `  howdah status
  howdah status www --watch
  howdah status --json | jq '.pools[].queue'`,
		Args:              func(cmd *cobra.Command, args []string) error { return atMost(cmd, args, 1) },
		ValidArgsFunction: t.completePools,
		RunE: func(cmd *cobra.Command, args []string) error {
			pool := first(args)
			show := func(ctx context.Context, c *control.Client) error {
				s, err := c.Status(ctx, pool)
				if err != nil {
					return err
				}
				return printStatus(cmd.OutOrStdout(), s, asJSON)
			}
			return t.with(cmd, func(c *control.Client) error {
				if !watch {
					return show(cmd.Context(), c)
				}
				return watchStatus(cmd, every, func(ctx context.Context) error { return show(ctx, c) })
			})
		},
	}
	t.bind(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the answer of the control socket (docs/control.md)")
	cmd.Flags().BoolVarP(&watch, "watch", "w", false, "show it again and again, until interrupted")
	cmd.Flags().DurationVar(&every, "interval", time.Second, "`time` between two looks of --watch")
	return cmd
}

func printStatus(out io.Writer, s control.Status, asJSON bool) error {
	if !asJSON {
		return writeStatus(out, s)
	}
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s\n", text)
	return err
}

// watchStatus calls show every so often, until a signal comes. On a terminal each picture takes the place of the one before.
func watchStatus(cmd *cobra.Command, every time.Duration, show func(context.Context) error) error {
	ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if every <= 0 {
		return usagef(cmd, "--interval must be more than 0")
	}
	out := cmd.OutOrStdout()
	next := time.NewTicker(every)
	defer next.Stop()
	for {
		if isTerminal(out) {
			fmt.Fprint(out, "\x1b[H\x1b[2J")
		}
		if err := show(ctx); err != nil && ctx.Err() == nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-next.C:
		}
	}
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	_, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	return err == nil
}
