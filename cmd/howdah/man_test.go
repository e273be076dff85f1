package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestEachCommandHasAManualPage(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "man1")
	var out bytes.Buffer
	if code := run([]string{"man", dir}, &out, &out, engine{}); code != 0 {
		t.Fatalf("exit code %d: %s", code, &out)
	}
	for _, cmd := range rootCommand(engine{}, &out, &out).Commands() {
		if cmd.Hidden || cmd.Name() == "help" {
			continue
		}
		page, err := os.ReadFile(filepath.Join(dir, "howdah-"+cmd.Name()+".1"))
		if err != nil || !strings.Contains(string(page), cmd.Short) {
			t.Errorf("howdah-%s.1: %v, without %q", cmd.Name(), err, cmd.Short)
		}
	}
}

func TestEachShellHasACompletionThatKnowsTheCommands(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		var out bytes.Buffer
		if code := run([]string{"completion", shell}, &out, &out, engine{}); code != 0 || !strings.Contains(out.String(), "__complete") {
			t.Errorf("%s: exit code %d, a script of %d bytes", shell, code, out.Len())
		}
	}
	// What the scripts ask for.
	for words, want := range map[string]string{"lo": "log-level", "log-level d": "debug", "debug pprof g": "goroutine", "log-level --format ": "json", "pool pau": "pause"} {
		var out, errs bytes.Buffer
		if code := run(append([]string{"__complete"}, strings.Split(words, " ")...), &out, &errs, engine{}); code != 0 || !strings.Contains(out.String(), want) {
			t.Errorf("howdah %s…: exit code %d, %q, want %s", words, code, out.String(), want)
		}
	}
}
