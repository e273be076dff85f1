package main

import (
	"fmt"
	"strings"
	"time"

	"howdah/supervisor/control"

	"github.com/spf13/cobra"
)

// reloadCommand has the running service load its configuration again.
func reloadCommand() *cobra.Command {
	var t target
	cmd := &cobra.Command{
		Use:   "reload [-c pool.toml | --socket PATH]",
		Short: "Put the configuration in force, and say how that went",
		Long: `reload has the running howdah read its configuration again and start PHP anew, and waits until that has happened.
No request is lost and no socket closes. What fails leaves what it concerns as it was; the reasons are printed.

Exit code 0: everything is in force; 78: the configuration or its PHP has a problem; 70: something else went wrong.`,
		Example: `  howdah reload
  howdah reload -c /etc/howdah/pool.toml`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return t.with(cmd, func(c *control.Client) error {
				r, err := c.Reload(cmd.Context())
				if err != nil {
					return err
				}
				if !r.OK {
					return &control.Failure{Text: strings.Join(r.Problems, "\n"), ExitCode: r.ExitCode}
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "reloaded in %v\n", seconds(r.TookSeconds).Round(time.Millisecond))
				return err
			})
		},
	}
	t.bind(cmd)
	return cmd
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
