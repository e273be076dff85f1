package main

import (
	"errors"
	"io"
	"strings"

	"howdah/supervisor"
	"howdah/supervisor/fpmconf"

	"github.com/spf13/cobra"
)

// importCommand makes a pool.toml of php-fpm's configuration.
func importCommand(stdout io.Writer) *cobra.Command {
	var o fpmconf.Options
	cmd := &cobra.Command{
		Use:   "import-fpm CONF",
		Short: "Print the pool.toml that a php-fpm.conf comes to",
		Long: `import-fpm reads a php-fpm.conf with all that it includes, and prints a pool.toml with the same settings.
Comments at its top say what could not be carried over. A configuration that php-fpm itself would refuse is
refused with php-fpm's words, all of them at once, and exit code 78. Nothing is changed.`,
		Example: `  howdah import-fpm /etc/php/8.2/fpm/php-fpm.conf > pool.toml
  howdah check -c pool.toml`,
		DisableFlagsInUseLine: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef(cmd, "nothing to import: give the path of a php-fpm.conf")
			}
			if err := atMost(cmd, args, 1); err != nil {
				return err
			}
			text, problems := fpmconf.Import(args[0], o)
			if len(problems) > 0 {
				return refusedImport(problems)
			}
			_, err := io.WriteString(stdout, text)
			return err
		},
	}
	cmd.Flags().StringVarP(&o.Prefix, "prefix", "p", "", "the `directory` that php-fpm -p has")
	cmd.Flags().BoolVarP(&o.AllowRoot, "allow-to-run-as-root", "R", false, "workers may run as root, as with php-fpm -R")
	return cmd
}

// refusedImport is the error of a configuration with problems: a line for each.
func refusedImport(problems []fpmconf.Problem) error {
	lines := make([]string, len(problems))
	for i, p := range problems {
		lines[i] = p.Level + ": " + p.String()
	}
	return supervisor.Misconfigured(errors.New(strings.Join(lines, "\n")))
}
