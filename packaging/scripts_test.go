package packaging

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestAnOldOrMissingGoIsOneLineThatSaysWhatToDo(t *testing.T) {
	answers := []struct {
		said string // what `go version` prints; "" for no go at all
		fine bool
	}{
		{"", false},
		{"go version go1.19.8 linux/amd64", false},
		{"go version go1.24.12 linux/amd64", false},
		{"go version go1.9 linux/arm64", false},
		{"gccgo says hello", false},
		{"go version go1.25.0 linux/amd64", true},
		{"go version go1.25 linux/amd64", true},
		{"go version go1.26.8 X:nodwarf5 linux/amd64", true},
		{"go version go2.0 linux/amd64", true},
		{"go version devel go1.28-0123456789 linux/amd64", true},
	}
	for _, answer := range answers {
		program := filepath.Join(t.TempDir(), "go")
		if answer.said != "" {
			writeScript(t, program, "echo '"+answer.said+"'")
		}
		got, err := exec.CommandContext(t.Context(), "sh", "dev/go-version.sh", program).CombinedOutput()
		if err != nil {
			t.Errorf("%q: %v", answer.said, err)
		}
		switch text := string(got); {
		case answer.fine && text != "":
			t.Errorf("%q: said %q, want nothing", answer.said, text)
		case !answer.fine && (strings.Count(text, "\n") != 1 || !strings.Contains(text, "needs Go 1.25 or later") || !strings.Contains(text, "https://go.dev/dl/")):
			t.Errorf("%q: said %q, want one line with what is needed and where it is", answer.said, text)
		}
	}
}

func TestMakeStopsAtAnOldGoWithThatOneLine(t *testing.T) {
	program := filepath.Join(t.TempDir(), "go")
	writeScript(t, program, "echo 'go version go1.19.8 linux/amd64'")
	for _, target := range []string{"build", "run", "test"} {
		out, err := exec.CommandContext(t.Context(), "make", "--no-print-directory", "-C", "..", target, "GO="+program).CombinedOutput()
		if err == nil {
			t.Errorf("make %s succeeded with Go 1.19", target)
		}
		if text := string(out); strings.Count(text, "\n") != 1 || !strings.Contains(text, "is Go 1.19.8") {
			t.Errorf("make %s said %q, want one line", target, text)
		}
	}
}

// debian is a machine of stubs: what is installed, who we are, and an apt-get that notes how it was called.
type debian struct{ bin, policy, notes string }

func newDebian(t *testing.T, uid, installed string) debian {
	t.Helper()
	d := debian{bin: t.TempDir(), policy: filepath.Join(t.TempDir(), "policy-rc.d"), notes: filepath.Join(t.TempDir(), "notes")}
	writeScript(t, filepath.Join(d.bin, "id"), "echo "+uid)
	writeScript(t, filepath.Join(d.bin, "dpkg-query"), `for name; do :; done; case " `+installed+` " in *" $name "*) echo installed ;; *) exit 1 ;; esac`)
	writeScript(t, filepath.Join(d.bin, "apt-get"), `[ -x "$POLICY_RC_D" ] && policy=kept || policy=missing; echo "$DEBIAN_FRONTEND policy $policy: $*" >>`+d.notes)
	return d
}

// deps runs deps.sh on the machine and returns what it said and what apt-get was asked.
func (d debian) deps(t *testing.T, packages ...string) (said, asked string, err error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "sh", append([]string{"dev/deps.sh"}, packages...)...)
	cmd.Env = append(os.Environ(), "PATH="+d.bin+":"+os.Getenv("PATH"), "POLICY_RC_D="+d.policy)
	out, err := cmd.CombinedOutput()
	notes, _ := os.ReadFile(d.notes)
	return string(out), string(notes), err
}

func TestWhatIsInstalledIsNotMentioned(t *testing.T) {
	said, asked, err := newDebian(t, "0", "one two").deps(t, "one", "two")
	if err != nil || said != "" || asked != "" {
		t.Errorf("said %q, asked apt-get %q, %v; want silence", said, asked, err)
	}
}

func TestOnlyWhatIsMissingIsInstalledAndNoServiceStarts(t *testing.T) {
	d := newDebian(t, "0", "one")
	said, asked, err := d.deps(t, "one", "two", "three")
	if err != nil || said != "installing two three\n" {
		t.Errorf("said %q, %v; want one line with the two that are missing", said, err)
	}
	if !strings.HasPrefix(asked, "noninteractive policy kept: install ") || !strings.HasSuffix(asked, " two three\n") || !strings.Contains(asked, "--no-install-recommends") {
		t.Errorf("apt-get was asked %q", asked)
	}
	if _, err := os.Stat(d.policy); !os.IsNotExist(err) {
		t.Errorf("the policy that keeps services from starting is still there: %v", err)
	}
}

func TestAPolicyOfTheMachineIsLeftAlone(t *testing.T) {
	d := newDebian(t, "0", "")
	writeScript(t, d.policy, "exit 101 # mine")
	if _, _, err := d.deps(t, "two"); err != nil {
		t.Error(err)
	}
	if text := readFile(t, d.policy); !strings.Contains(text, "mine") {
		t.Errorf("the machine's policy-rc.d is now %q", text)
	}
}

func TestAFailedInstallUpdatesTheListsOnceThenShowsWhatAptSaid(t *testing.T) {
	d := newDebian(t, "0", "")
	writeScript(t, filepath.Join(d.bin, "apt-get"), `echo "$1" >>`+d.notes+`; echo "E: Unable to locate package two"; [ "$1" = update ]`)
	said, asked, err := d.deps(t, "two")
	if err == nil || !strings.Contains(said, "E: Unable to locate package two") || !strings.Contains(said, "could not install two") {
		t.Errorf("said %q, %v; want apt-get's words and an error", said, err)
	}
	if asked != "install\nupdate\ninstall\n" {
		t.Errorf("apt-get was asked %q, want install, update, install", asked)
	}
}

func TestWithoutRootTheOneLineToTypeIsShown(t *testing.T) {
	said, asked, err := newDebian(t, "1000", "one").deps(t, "one", "two")
	if err == nil || asked != "" {
		t.Errorf("asked apt-get %q, %v; want an error and nothing asked", asked, err)
	}
	if strings.Count(said, "\n") != 1 || !strings.Contains(said, "sudo sh packaging/dev/deps.sh two") {
		t.Errorf("said %q, want one line with the command", said)
	}
}

func writeScript(t *testing.T, path, body string) {
	t.Helper()
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+body+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
}
