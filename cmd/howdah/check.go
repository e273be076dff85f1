package main

import (
	"io"

	"howdah/supervisor"

	"github.com/spf13/cobra"
)

// checkCommand says whether serve would start with a configuration.
func checkCommand(e engine, stdout, stderr io.Writer) *cobra.Command {
	o := supervisor.Options{Version: versionText(), Stderr: stderr}
	cmd := &cobra.Command{
		Use:   "check -c pool.toml",
		Short: "Say everything that is wrong with a configuration",
		Long: `check reads a configuration and looks at the PHP that it names, and reports all problems together.
It starts nothing and changes nothing. Exit code 0: serve would start; 78: it would not.

With --effective it prints the settings in force instead: a pool.toml in which every key has its value, defaults too.`,
		Example: `  howdah check -c /etc/howdah/pool.toml
  howdah check -c pool.toml && systemctl reload howdah
  howdah check --effective -c pool.toml`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.ConfigFile == "" {
				return usagef(cmd, "nothing to check: give -c pool.toml")
			}
			return e.check(o, stdout)
		},
	}
	cmd.Flags().StringVarP(&o.ConfigFile, "config", "c", "", "configuration `file` to look at")
	cmd.Flags().BoolVar(&o.Effective, "effective", false, "print every key with the value that is in force")
	return cmd
}
