package main

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

var update = flag.Bool("update", false, "rewrite generated documents")

func TestGoldenCommandLineReference(t *testing.T) {
	const name = "../../docs/cli.md"
	want := commandLineReference()
	if *update {
		if err := os.WriteFile(name, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(name); err != nil || string(got) != want {
		t.Errorf("docs/cli.md is out of date (%v): run make golden", err)
	}
}

// commandLineReference is docs/cli.md: what --help prints, command by command.
func commandLineReference() string {
	var out strings.Builder
	root := rootCommand(engine{}, &out, &out)
	out.WriteString("# The command line\n\n*Generated from `cmd/howdah`: change it there, then run `make golden`.*\n")
	help(&out, root)
	for _, cmd := range root.Commands() {
		if cmd.Name() != "help" && cmd.Name() != "completion" && !cmd.Hidden {
			help(&out, cmd)
			for _, below := range cmd.Commands() {
				help(&out, below)
			}
		}
	}
	out.WriteString(`
## Exit codes

| code | meaning |
|---|---|
| 0 | done; after a signal: stopped as asked |
| 64 | the command line makes no sense; nothing was done |
| 70 | something else went wrong; stderr or the log says what |
| 78 | the configuration, or the PHP that it names, can't be run |

Errors are lines on stderr that begin with ` + "`howdah: `" + `. Completion for bash, zsh, fish and PowerShell: ` + "`howdah completion --help`" + `.
`)
	return out.String()
}

func help(out *strings.Builder, cmd *cobra.Command) {
	cmd.InitDefaultHelpFlag()
	out.WriteString("\n## `" + cmd.CommandPath() + "`\n\n```\n")
	if err := cmd.Help(); err != nil { // prints to out
		panic(err) // a strings.Builder does not fail
	}
	out.WriteString("```\n")
}
