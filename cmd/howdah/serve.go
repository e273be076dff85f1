package main

import (
	"io"

	"howdah/supervisor"

	"github.com/spf13/cobra"
)

// defaultListen is where `serve --root` answers when --listen does not say.
const defaultListen = "127.0.0.1:8080"

// serveCommand runs the service, or a directory, until it is told to stop.
func serveCommand(e engine, stderr io.Writer) *cobra.Command {
	o := supervisor.Options{Version: versionText(), Stderr: stderr}
	cmd := &cobra.Command{
		Use:   "serve (-c pool.toml | --root DIR [--listen ADDR])",
		Short: "Run the service, or show one directory",
		Long: `serve stays in the foreground until it is told to stop.

With -c it runs the pools of a configuration for nginx to talk to.
With --root it shows one directory by HTTP: static files, and PHP by a pool of its own. It needs no nginx and no configuration.

Signals:
  TERM, QUIT  stop when running requests are done; a second one stops at once
  INT         stop at once
  HUP, USR2   load the configuration again; no request is lost and no socket closes
  USR1        open the log files again`,
		Example: `  howdah serve -c /etc/howdah/pool.toml
  howdah serve --root public/
  howdah serve --root public/ --listen 127.0.0.1:9090`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case o.ConfigFile != "" && o.Root != "":
				return usagef(cmd, "-c and --root exclude each other")
			case o.ConfigFile == "" && o.Root == "":
				return usagef(cmd, "nothing to serve: give -c pool.toml or --root DIR")
			case o.ConfigFile != "" && cmd.Flags().Changed("listen"):
				return usagef(cmd, "--listen goes with --root; with -c the configuration says where to listen")
			case o.ConfigFile != "":
				o.Listen = ""
			}
			return e.serve(o)
		},
	}
	cmd.Flags().StringVarP(&o.ConfigFile, "config", "c", "", "configuration `file` (see pool.toml.example)")
	cmd.Flags().StringVar(&o.Root, "root", "", "`directory` to show by HTTP")
	cmd.Flags().StringVar(&o.Listen, "listen", defaultListen, "`address` of the HTTP server of --root")
	return cmd
}
