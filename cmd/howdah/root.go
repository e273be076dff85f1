package main

import (
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// rootCommand is the whole command line. Answers go to stdout, what the service says to stderr.
func rootCommand(e engine, stdout, stderr io.Writer) *cobra.Command {
	root := &cobra.Command{
		Use:   "howdah",
		Short: "Run PHP behind nginx in php-fpm's place",
		Long: `Howdah runs PHP behind nginx in php-fpm's place: it starts and recycles php-cgi,
listens where nginx's fastcgi_pass already points, and queues what the workers can't take yet.`,
		Example: `  howdah serve --root public/            look at a site, no nginx needed
  howdah check -c /etc/howdah/pool.toml  say everything that is wrong with a configuration
  howdah serve -c /etc/howdah/pool.toml  run the service`,
		SilenceErrors:              true, // run prints them
		SilenceUsage:               true,
		DisableFlagsInUseLine:      true,
		SuggestionsMinimumDistance: 2,
		Args:                       cobra.ArbitraryArgs, // so that unknownCommand words the refusal
		RunE:                       unknownCommand,
	}
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.SetFlagErrorFunc(flagError)
	root.AddCommand(serveCommand(e, stderr), checkCommand(e, stdout, stderr), importCommand(stdout), fpmCommand(e, stdout, stderr), versionCommand(), manCommand(),
		statusCommand(), workersCommand(), reloadCommand(), stopCommand(), traceCommand(), recycleCommand(), poolCommand(), logLevelCommand(), debugCommand())

	// A command that only has others below it is not a way to call howdah.
	root.SetUsageTemplate(strings.Replace(root.UsageTemplate(), "{{if .Runnable}}", "{{if and .Runnable (not .HasAvailableSubCommands)}}", 1))

	// Cobra's own two would answer a word they don't know with help and exit code 0.
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, cmd := range root.Commands() {
		switch cmd.Name() {
		case "help":
			cmd.Args = knownTopic
		case "completion":
			cmd.Args, cmd.RunE = cobra.ArbitraryArgs, unknownCommand
		}
	}
	return root
}

// unknownCommand refuses a first word that is no command, and no word at all.
func unknownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return usagef(cmd, "no command given: there are %s", commandNames(cmd))
	}
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		return usagef(cmd, "unknown command %q: did you mean %s?", args[0], strings.Join(near, " or "))
	}
	return usagef(cmd, "unknown command %q: there are %s", args[0], commandNames(cmd))
}

// knownTopic lets `help` take the words of one command.
func knownTopic(cmd *cobra.Command, args []string) error {
	if _, _, err := cmd.Root().Find(args); err != nil || (len(args) > 0 && !isCommand(cmd.Root(), args[0])) {
		return usagef(cmd.Root(), "no help about %q: there are %s", strings.Join(args, " "), commandNames(cmd.Root()))
	}
	return nil
}

func isCommand(parent *cobra.Command, name string) bool {
	for _, cmd := range parent.Commands() {
		if cmd.Name() == name || cmd.HasAlias(name) {
			return true
		}
	}
	return false
}

func commandNames(parent *cobra.Command) string {
	var names []string
	for _, cmd := range parent.Commands() {
		if !cmd.Hidden {
			names = append(names, cmd.Name())
		}
	}
	return strings.Join(names, ", ")
}
