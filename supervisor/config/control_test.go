package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheControlSocketIsInTheRuntimeDirectoryUnlessTheFileSaysOtherwise(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pool.toml")
	for _, c := range []struct{ global, want string }{
		{"", "/run/howdah/control.sock"},
		{`runtime_dir = "/run/second/"`, "/run/second/control.sock"},
		{`control_listen = "/run//admin.sock"`, "/run/admin.sock"},
		{`control_listen = "off"`, "off"},
	} {
		text := "[global]\n" + c.global + "\n" + minimal
		if got := wantConfig(t, machine(), text).Global.ControlListen; got != c.want {
			t.Errorf("%s: the control socket is %q, want %q", c.global, got, c.want)
		}
		// A command finds the same place, also in a file that no Howdah would start with.
		if err := os.WriteFile(file, []byte(text+"\npm_max_children = \"many\"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		want := strings.TrimSuffix(c.want, "off")
		if got, err := machine().ControlSocket(file); err != nil || got != want {
			t.Errorf("%s: a command looks at %q (%v), want %q", c.global, got, err, want)
		}
	}
}

func TestAFileThatIsNoTOMLSaysSoToACommandToo(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pool.toml")
	if err := os.WriteFile(file, []byte("[global\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{file, file + ".gone"} {
		if _, err := machine().ControlSocket(name); err == nil || !strings.HasPrefix(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestControlAndMetricsTakeNoAddressOfAPool(t *testing.T) {
	for _, global := range []string{`control_listen = "/run/howdah/www.sock"`, `metrics_listen = "/run/howdah/www.sock"`} {
		_, err := machine().Parse("pool.toml", []byte("[global]\n"+global+"\n"+minimal))
		if err == nil || !strings.Contains(err.Error(), "is taken by global.") {
			t.Errorf("%s: %v", global, err)
		}
	}
}
