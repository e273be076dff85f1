package main

import (
	"fmt"

	"howdah/supervisor/config"
	"howdah/supervisor/control"

	"github.com/spf13/cobra"
)

// target is the running Howdah that a command is for.
type target struct {
	configFile string
	socket     string
}

// bind gives cmd the flags that name the target.
func (t *target) bind(cmd *cobra.Command) {
	cmd.Flags().StringVarP(&t.configFile, "config", "c", "", "configuration `file` of the howdah that is meant")
	cmd.Flags().StringVar(&t.socket, "socket", "", "its control socket, a `path`; without both: "+config.DefaultControlSocket())
	_ = cmd.MarkFlagFilename("config", "toml")
}

// client makes a client of the target. The caller closes it.
func (t *target) client(cmd *cobra.Command) (*control.Client, error) {
	switch {
	case t.socket != "" && t.configFile != "":
		return nil, usagef(cmd, "-c and --socket exclude each other")
	case t.socket != "":
		return control.NewClient(t.socket), nil
	case t.configFile == "":
		return control.NewClient(config.DefaultControlSocket()), nil
	}
	socket, err := config.ControlSocket(t.configFile)
	if err != nil {
		return nil, err
	}
	if socket == "" {
		return nil, fmt.Errorf(`%s has control_listen = "off": there is no socket to command howdah by`, t.configFile)
	}
	return control.NewClient(socket), nil
}

// with runs f with a client of the target.
func (t *target) with(cmd *cobra.Command, f func(*control.Client) error) error {
	c, err := t.client(cmd)
	if err != nil {
		return err
	}
	defer c.Close()
	return f(c)
}

// completePools completes a first argument that is the name of a pool, if a howdah answers.
func (t *target) completePools(cmd *cobra.Command, args []string, _ string) (names []string, d cobra.ShellCompDirective) {
	if len(args) == 0 {
		_ = t.with(cmd, func(c *control.Client) error {
			s, err := c.Status(cmd.Context(), "")
			for _, p := range s.Pools {
				names = append(names, p.Name)
			}
			return err
		})
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
