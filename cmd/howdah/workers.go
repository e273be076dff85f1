package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"howdah/supervisor/control"

	"github.com/spf13/cobra"
)

// workersCommand lists all workers.
func workersCommand() *cobra.Command {
	var t target
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "workers [POOL] [--json] [-c pool.toml | --socket PATH]",
		Short: "List the PHP processes and what each does",
		Long: `workers lists every PHP process: its state, how many requests it has begun, the memory that it shares with nobody, the
processor time that it has used, and its request with the time that it takes. A request that is over stands in brackets.`,
		Example: `  howdah workers
  howdah workers www --json | jq '.[].workers[] | select(.state == "busy")'`,
		Args:              func(cmd *cobra.Command, args []string) error { return atMost(cmd, args, 1) },
		ValidArgsFunction: t.completePools,
		RunE: func(cmd *cobra.Command, args []string) error {
			return t.with(cmd, func(c *control.Client) error {
				s, err := c.Status(cmd.Context(), first(args))
				if err != nil {
					return err
				}
				var b strings.Builder
				if asJSON {
					text, err := json.MarshalIndent(s.Pools, "", "  ")
					if err != nil {
						return err
					}
					b.Write(append(text, '\n'))
				} else {
					writeWorkers(&b, s.Pools, 0)
				}
				_, err = fmt.Fprint(cmd.OutOrStdout(), b.String())
				return err
			})
		},
	}
	t.bind(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the pools of the control socket's answer (docs/control.md)")
	return cmd
}
