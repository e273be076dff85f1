package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"howdah/supervisor/control"

	"github.com/spf13/cobra"
)

// debugCommand looks into Howdah itself.
func debugCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "debug",
		Short:   "Look into howdah itself",
		Long:    `debug is for those who work on howdah, or report a problem of it.`,
		Example: `  howdah debug pprof cpu -o cpu.pprof`,
		Args:    cobra.ArbitraryArgs,
		RunE:    unknownCommand,
	}
	cmd.AddCommand(pprofCommand())
	return cmd
}

// profiles are the pictures that pprofCommand can take.
var profiles = []string{"heap", "cpu", "goroutine"}

func pprofCommand() *cobra.Command {
	var t target
	var file string
	var span time.Duration
	var text bool
	cmd := &cobra.Command{
		Use:   "pprof heap|cpu|goroutine [-o FILE] [-c pool.toml | --socket PATH]",
		Short: "Profile the memory, processor time or goroutines of howdah",
		Long: `pprof writes a profile of the running howdah, to be read by "go tool pprof". heap and goroutine are pictures of the moment,
cpu watches for a while. No request is disturbed.`,
		Example: `  howdah debug pprof cpu --for 10s -o cpu.pprof && go tool pprof -top cpu.pprof
  howdah debug pprof goroutine --text`,
		ValidArgs: profiles,
		Args: func(cmd *cobra.Command, args []string) error {
			if !slices.Contains(profiles, first(args)) {
				return usagef(cmd, "which profile? There are %s", strings.Join(profiles, ", "))
			}
			return atMost(cmd, args, 1)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			out := cmd.OutOrStdout()
			if file == "" && isTerminal(out) && (!text || args[0] == "cpu") {
				return usagef(cmd, "a profile is nothing for a terminal: give -o FILE, or --text for heap and goroutine")
			}
			return t.with(cmd, func(c *control.Client) error {
				profile := func(w io.Writer) error { return c.Profile(cmd.Context(), w, args[0], span, text) }
				if file == "" {
					return profile(out)
				}
				return intoFile(file, profile)
			})
		},
	}
	t.bind(cmd)
	cmd.Flags().StringVarP(&file, "output", "o", "", "`file` to write to instead of stdout")
	cmd.Flags().DurationVar(&span, "for", 30*time.Second, "the `time` for which cpu watches")
	cmd.Flags().BoolVar(&text, "text", false, "write heap or goroutine for people")
	return cmd
}

// intoFile has write make a file. One that could not be written whole is not left behind.
func intoFile(name string, write func(io.Writer) error) error {
	f, err := os.Create(name)
	if err != nil {
		return fmt.Errorf("cannot write the profile: %w", err)
	}
	err = write(f)
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		_ = os.Remove(name)
	}
	return err
}
