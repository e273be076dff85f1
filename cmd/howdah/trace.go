package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"howdah/supervisor/control"

	"github.com/spf13/cobra"
)

// traceCommand shows where PHP is.
func traceCommand() *cobra.Command {
	var t target
	var asJSON bool
	which := control.TraceRequest{Depth: control.DefaultDepth}
	cmd := &cobra.Command{
		Use:   "trace [POOL | PID] [--depth N] [--json] [-c pool.toml | --socket PATH]",
		Short: "Show where PHP is, in each worker that has a request",
		Long: `trace shows the PHP call stack of each worker that has a request, of all pools or of one, or of one worker: the innermost call
first, with the line that it has come to. Nothing is stopped for it. docs/slowlog.md says what a container needs.`,
		Example: `  howdah trace
  howdah trace 4711 --depth 200`,
		Args:              func(cmd *cobra.Command, args []string) error { return atMost(cmd, args, 1) },
		ValidArgsFunction: t.completePools,
		RunE: func(cmd *cobra.Command, args []string) error {
			if which.Depth < 1 {
				return usagef(cmd, "--depth is a number above 0, not %d", which.Depth)
			}
			return t.with(cmd, func(c *control.Client) error {
				which.Pool = first(args)
				seen, err := c.Trace(cmd.Context(), which)
				var failure *control.Failure
				if pid, e := strconv.Atoi(first(args)); e == nil && pid > 0 && errors.As(err, &failure) && failure.Word == control.WordNoPool {
					which.Pool, which.PID = "", pid
					seen, err = c.Trace(cmd.Context(), which)
				}
				if err != nil {
					return err
				}
				if !asJSON {
					return writeTrace(cmd.OutOrStdout(), seen)
				}
				text, err := json.MarshalIndent(seen.Workers, "", "  ")
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s\n", text)
				return err
			})
		},
	}
	t.bind(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the workers of the control socket's answer (docs/control.md)")
	cmd.Flags().IntVar(&which.Depth, "depth", which.Depth, "show at most so many `calls` of each stack")
	return cmd
}

// writeTrace prints stacks as PHP's own traces look.
func writeTrace(out io.Writer, t control.Trace) error {
	var b strings.Builder
	if len(t.Workers) == 0 {
		b.WriteString("no worker has a request\n")
	}
	for i, w := range t.Workers {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "pool %s, worker %d, %s", w.Pool, w.PID, w.State)
		if w.Script != "" {
			fmt.Fprintf(&b, " for %.3f s: %s (%s)", w.Seconds, w.Request, w.Script)
		}
		b.WriteByte('\n')
		if w.Problem != "" {
			fmt.Fprintf(&b, "  no stack: %s\n", w.Problem)
		}
		for n, call := range w.Stack {
			if call.File == "" {
				fmt.Fprintf(&b, "  #%d %s() [internal function]\n", n, call.Function)
				continue
			}
			fmt.Fprintf(&b, "  #%d %s() %s:%d\n", n, call.Function, call.File, call.Line)
		}
	}
	_, err := io.WriteString(out, b.String())
	return err
}
