package config

import (
	"path/filepath"
	"strings"

	"github.com/BurntSushi/toml"
)

// controlName is the control socket's file in runtime_dir.
const controlName = "control.sock"

// checkControl completes where the control socket is, and looks for the directories of it and of the metrics.
func (r *reader) checkControl(at []string, g *Global) {
	if g.ControlListen == "" {
		g.ControlListen = filepath.Join(g.RuntimeDir, controlName)
		if err := unixPathFits(g.ControlListen); err != nil && r.given(at, "runtime_dir") {
			r.failWith(below(at, "runtime_dir"), err)
		}
	}
	if g.ControlListen != "off" {
		r.checkSocketDir(below(at, "control_listen"), g.ControlListen, g)
	} else if g.ControlGroup != "" {
		r.notice(`[global] control_group has no effect with control_listen = "off"`)
	}
	r.checkSocketDir(below(at, "metrics_listen"), g.MetricsListen, g)
}

// ControlSocket is where a Howdah that runs the configuration at path has its control socket; "" says that it has none. It looks
// at nothing else in the file, so that whoever broke it meanwhile still reaches the one that runs. The error is Problems.
func ControlSocket(path string) (string, error) { return Here().ControlSocket(path) }

// ControlSocket is ControlSocket on this machine.
func (s System) ControlSocket(path string) (string, error) {
	text, err := readFile(path)
	if err != nil {
		return "", err
	}
	var file struct {
		Global struct {
			RuntimeDir    string `toml:"runtime_dir"`
			ControlListen string `toml:"control_listen"`
		}
	}
	if _, err := toml.Decode(string(text), &file); err != nil {
		return "", Problems{syntaxProblem(path, text, err)}
	}
	g := file.Global
	switch {
	case g.ControlListen == "off":
		return "", nil
	case g.ControlListen != "":
		return filepath.Clean(g.ControlListen), nil
	case strings.HasPrefix(g.RuntimeDir, "/"):
		return filepath.Join(g.RuntimeDir, controlName), nil
	}
	return s.DefaultControlSocket(), nil
}

// DefaultControlSocket is where a Howdah of this user has its control socket if its configuration does not say.
func DefaultControlSocket() string { return Here().DefaultControlSocket() }

// DefaultControlSocket is DefaultControlSocket on this machine.
func (s System) DefaultControlSocket() string {
	return filepath.Join(s.RuntimeDir("howdah"), controlName)
}
