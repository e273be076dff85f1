package main

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"howdah/supervisor"
)

// TestMain lets the test binary play howdah: a test starts it again with HOWDAH_TEST_PLAYS_HOWDAH set.
func TestMain(m *testing.M) {
	if os.Getenv("HOWDAH_TEST_PLAYS_HOWDAH") == "1" {
		main()
	}
	os.Exit(m.Run())
}

// outcome is what one run of howdah showed.
type outcome struct {
	code           int
	stdout, stderr string
}

// runProgram runs howdah as a process of its own.
func runProgram(t *testing.T, args ...string) outcome {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	cmd.Env = append(os.Environ(), "HOWDAH_TEST_PLAYS_HOWDAH=1")
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("howdah %s: %v", strings.Join(args, " "), err)
	}
	return outcome{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// recorder is an engine that notes what it was asked and answers with err.
type recorder struct {
	served, checked []supervisor.Options
	err             error
	code            int
}

func (r *recorder) engine() engine {
	return engine{
		serve:    func(o supervisor.Options) error { r.served = append(r.served, o); return r.err },
		check:    func(o supervisor.Options, _ io.Writer) error { r.checked = append(r.checked, o); return r.err },
		exitCode: func(error) int { return r.code },
	}
}

// runInside runs a command line in this process against r.
func runInside(r *recorder, args ...string) outcome {
	var stdout, stderr strings.Builder
	code := run(args, &stdout, &stderr, r.engine())
	return outcome{code, stdout.String(), stderr.String()}
}

func TestWrongCommandLinesExitWith64AndOneLineThatSaysWhatToType(t *testing.T) {
	lines := []struct {
		args []string
		says string
	}{
		{[]string{}, "no command given"},
		{[]string{"srve"}, `unknown command "srve": did you mean serve?`},
		{[]string{"xyzzy"}, `unknown command "xyzzy": there are check, completion, debug, fpm, help, import-fpm, log-level, pool, recycle, reload, serve, status, stop, trace, version, workers`},
		{[]string{"--daemonize"}, "unknown flag: --daemonize"},
		{[]string{"serve"}, "nothing to serve: give -c pool.toml or --root DIR"},
		{[]string{"serve", "-c", "pool.toml", "--root", "public"}, "-c and --root exclude each other"},
		{[]string{"serve", "-c", "pool.toml", "--listen", "127.0.0.1:0"}, "--listen goes with --root"},
		{[]string{"serve", "-c", ""}, "nothing to serve"},
		{[]string{"serve", "-c"}, "flag needs an argument: 'c' in -c"},
		{[]string{"serve", "--rot", "public"}, "unknown flag: --rot"},
		{[]string{"serve", "-y", "pool.toml"}, "unknown shorthand flag: 'y' in -y"},
		{[]string{"serve", "pool.toml"}, `unexpected argument "pool.toml"`},
		{[]string{"check"}, "nothing to check: give -c pool.toml"},
		{[]string{"check", "pool.toml"}, `unexpected argument "pool.toml"`},
		{[]string{"check", "--root", "public"}, "unknown flag: --root"},
		{[]string{"recycle", "www", "4711"}, `unexpected argument "4711"`},
		{[]string{"trace", "www", "4711"}, `unexpected argument "4711"`},
		{[]string{"trace", "--depth", "0"}, "--depth is a number above 0, not 0"},
		{[]string{"pool"}, "no command given: there are pause, resume"},
		{[]string{"pool", "stop", "www"}, `unknown command "stop"`},
		{[]string{"pool", "pause"}, "which pool?"},
		{[]string{"pool", "resume", "www", "blog"}, `unexpected argument "blog"`},
		{[]string{"debug", "pprof", "disk"}, "which profile? There are heap, cpu, goroutine"},
		{[]string{"import-fpm"}, "nothing to import: give the path of a php-fpm.conf"},
		{[]string{"import-fpm", "a.conf", "b.conf"}, `unexpected argument "b.conf"`},
		{[]string{"reload", "now"}, `unexpected argument "now"`},
		{[]string{"status", "www", "blog"}, `unexpected argument "blog"`},
		{[]string{"status", "-c", "pool.toml", "--socket", "x.sock"}, "-c and --socket exclude each other"},
		{[]string{"log-level", "debug", "json"}, `unexpected argument "json"`},
		{[]string{"version", "now"}, `unexpected argument "now"`},
		{[]string{"help", "srve"}, `no help about "srve"`},
		{[]string{"completion", "csh"}, `unknown command "csh"`},
	}
	for _, line := range lines {
		t.Run(strings.Join(line.args, " "), func(t *testing.T) {
			r := &recorder{}
			got := runInside(r, line.args...)
			if got.code != 64 {
				t.Errorf("exit code %d, want 64", got.code)
			}
			if got.stdout != "" {
				t.Errorf("stdout has %q, want nothing", got.stdout)
			}
			if !strings.HasPrefix(got.stderr, "howdah: ") || strings.Count(got.stderr, "\n") != 1 {
				t.Errorf("stderr is not one line that begins with howdah: %q", got.stderr)
			}
			if !strings.Contains(got.stderr, line.says) {
				t.Errorf("stderr %q does not say %q", got.stderr, line.says)
			}
			if !strings.Contains(got.stderr, "--help shows how") {
				t.Errorf("stderr %q does not say where help is", got.stderr)
			}
			if len(r.served)+len(r.checked) > 0 {
				t.Errorf("the command was carried out all the same: %+v", r)
			}
		})
	}
}

func TestServeHandsTheFlagsToTheSupervisor(t *testing.T) {
	cases := []struct {
		args                     []string
		configFile, root, listen string
	}{
		{[]string{"serve", "-c", "pool.toml"}, "pool.toml", "", ""},
		{[]string{"serve", "--config=pool.toml"}, "pool.toml", "", ""},
		{[]string{"serve", "--root", "public"}, "", "public", "127.0.0.1:8080"},
		{[]string{"serve", "--root", "public", "--listen", "[::1]:0"}, "", "public", "[::1]:0"},
	}
	for _, c := range cases {
		r := &recorder{}
		if got := runInside(r, c.args...); got.code != 0 || got.stderr != "" {
			t.Errorf("%v: exit code %d, stderr %q, want 0 and nothing", c.args, got.code, got.stderr)
		}
		if len(r.served) != 1 {
			t.Fatalf("%v: serve was called %d times, want once", c.args, len(r.served))
		}
		o := r.served[0]
		if o.ConfigFile != c.configFile || o.Root != c.root || o.Listen != c.listen {
			t.Errorf("%v: got config %q root %q listen %q, want %q %q %q", c.args, o.ConfigFile, o.Root, o.Listen, c.configFile, c.root, c.listen)
		}
		if o.Version == "" || o.Stderr == nil {
			t.Errorf("%v: no version or no stderr: %+v", c.args, o)
		}
	}
}

func TestCheckHandsTheFileToTheSupervisor(t *testing.T) {
	r := &recorder{}
	if got := runInside(r, "check", "-c", "pool.toml"); got.code != 0 {
		t.Errorf("exit code %d, want 0: %s", got.code, got.stderr)
	}
	if len(r.checked) != 1 || r.checked[0].ConfigFile != "pool.toml" {
		t.Errorf("check was asked %+v, want pool.toml once", r.checked)
	}
}

func TestEveryProblemOfAConfigurationIsALineOfItsOwn(t *testing.T) {
	r := &recorder{err: errors.New("pool.toml:3: one\npool.toml:4: two\n"), code: 78}
	got := runInside(r, "check", "-c", "pool.toml")
	if want := "howdah: pool.toml:3: one\nhowdah: pool.toml:4: two\n"; got.stderr != want {
		t.Errorf("stderr %q, want %q", got.stderr, want)
	}
	if got.code != 78 {
		t.Errorf("exit code %d, want the supervisor's 78", got.code)
	}
}

func TestHelpOfEveryCommandGoesToStdoutAndHasExamples(t *testing.T) {
	for _, args := range [][]string{{"--help"}, {"help"}, {"help", "serve"}, {"serve", "--help"}, {"check", "-h"}, {"version", "--help"}} {
		got := runInside(&recorder{}, args...)
		if got.code != 0 || got.stderr != "" {
			t.Errorf("howdah %v: exit code %d, stderr %q, want 0 and nothing", args, got.code, got.stderr)
		}
		if !strings.Contains(got.stdout, "Examples:\n  howdah ") {
			t.Errorf("howdah %v shows no examples:\n%s", args, got.stdout)
		}
	}
}

func TestVersionNamesTheProgramItsVersionAndGo(t *testing.T) {
	got := runProgram(t, "version")
	if got.code != 0 || got.stderr != "" {
		t.Errorf("exit code %d, stderr %q, want 0 and nothing", got.code, got.stderr)
	}
	if fields := strings.Fields(got.stdout); len(fields) != 4 || fields[0] != "howdah" || !strings.HasPrefix(fields[2], "(go1.") {
		t.Errorf("version printed %q", got.stdout)
	}
}

func TestAConfigurationThatCannotBeRunExitsWith78AndALinePerProblem(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pool.toml")
	if err := os.WriteFile(file, []byte("[pool.www]\nlisten = 5\nnonsense = true\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"check", "serve"} {
		got := runProgram(t, command, "-c", file)
		if got.code != 78 || got.stdout != "" {
			t.Errorf("howdah %s: exit code %d, stdout %q, want 78 and nothing", command, got.code, got.stdout)
		}
		for _, place := range []string{file + ":2: pool.www.listen", file + ":3: pool.www.nonsense"} {
			if !strings.Contains(got.stderr, "howdah: "+place) {
				t.Errorf("howdah %s: stderr has no line about %s:\n%s", command, place, got.stderr)
			}
		}
		gone := runProgram(t, command, "-c", file+".gone")
		if gone.code != 78 || strings.Count(gone.stderr, "\n") != 1 || !strings.HasPrefix(gone.stderr, "howdah: ") {
			t.Errorf("howdah %s with a file that is not there: %+v, want 78 and one line", command, gone)
		}
	}
}

func TestTheProcessExitsWithTheCodeOfItsCommandLine(t *testing.T) {
	if got := runProgram(t, "serve"); got.code != 64 || got.stdout != "" || !strings.HasPrefix(got.stderr, "howdah: nothing to serve") {
		t.Errorf("howdah serve: %+v, want 64 and one line", got)
	}
	if got := runProgram(t, "--help"); got.code != 0 || got.stdout == "" {
		t.Errorf("howdah --help: %+v, want 0 and help", got)
	}
}
