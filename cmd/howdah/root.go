package main

import (
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// rootCommand is the whole command line. Output goes to stdout, what the service says to stderr.
func rootCommand(e engine, stdout, stderr io.Writer) *cobra.Command {
	root := &cobra.Command{
		Use:   "howdah",
		Short: "Run PHP behind nginx in php-fpm's place",
		Long: `Howdah runs PHP behind nginx in php-fpm's place: it starts and recycles php-cgi,
listens where nginx's fastcgi_pass already points, and queues what the workers can't take yet.`,
		Example: `  howdah serve --root public/            look at a site, no nginx needed
  howdah check -c /etc/howdah/pool.toml  say everything that is wrong with a configuration
  howdah serve -c /etc/howdah/pool.toml  run the service`,
		SilenceErrors: true, // run prints them
		SilenceUsage:  true,
		Args:          cobra.ArbitraryArgs, // so that RunE words the refusal
		RunE:          unknownCommand,
	}
	root.SetFlagErrorFunc(flagError)
	root.AddCommand(serveCommand(e, stderr), checkCommand(e, stdout, stderr), versionCommand())
	return root
}

// unknownCommand refuses a first word that is no command, and no word at all.
func unknownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return usagef(cmd, "no command given: serve, check or version")
	}
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		return usagef(cmd, "unknown command %q: did you mean %s?", args[0], strings.Join(near, " or "))
	}
	return usagef(cmd, "unknown command %q: there are serve, check and version", args[0])
}
