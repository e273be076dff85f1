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
