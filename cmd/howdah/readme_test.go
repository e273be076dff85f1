package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheReadmesPoolFileIsOneThatHowdahTakes(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, after, ok := strings.Cut(string(readme), "\n```toml\n")
	text, _, closed := strings.Cut(after, "\n```\n")
	if !ok || !closed {
		t.Fatal("README.md has no block of toml")
	}
	if lines := strings.Count(text, "\n") + 1; lines > 10 {
		t.Errorf("the README's pool.toml has %d lines, and promises ten", lines)
	}
	file := filepath.Join(t.TempDir(), "pool.toml")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if got := runProgram(t, "check", "-c", file); got.code != 0 {
		t.Errorf("howdah check says of the README's pool.toml:\n%s", got.stderr)
	}
}
