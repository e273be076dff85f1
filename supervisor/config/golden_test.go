package config

import (
	"bytes"
	"flag"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite generated documents")

func TestGoldenExampleIsGenerated(t *testing.T) {
	golden(t, "../../pool.toml.example", MarshalExample())
}

func TestGoldenReferenceIsGenerated(t *testing.T) {
	golden(t, "../../docs/config.md", MarshalReference())
}

func golden(t *testing.T, path string, want []byte) {
	t.Helper()
	if *update {
		if err := os.MkdirAll("../../docs", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s is out of date (%v): run make golden", path, err)
	}
}

// commented is a key or table in a comment of the example: no space behind '#'.
var commented = regexp.MustCompile(`(?m)^#([\[a-z])`)

func TestExampleHasNoProblemAsItStands(t *testing.T) {
	c := wantConfig(t, machine(), string(MarshalExample()))
	if len(c.Notices) > 0 {
		t.Errorf("notices %q", c.Notices)
	}
	top, _, _ := strings.Cut(string(MarshalExample()), "\n# That is enough.")
	settings := 0
	for line := range strings.Lines(top) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			settings++
		}
	}
	if settings > 10 {
		t.Errorf("the small configuration has %d lines, more than 10", settings)
	}
}

func TestExampleHasNoProblemWithEveryKeyUncommented(t *testing.T) {
	_, all, found := strings.Cut(string(MarshalExample()), "\n# That is enough.")
	if !found {
		t.Fatal("no line that ends the small configuration")
	}
	text := "#" + commented.ReplaceAllString(all, "$1")
	wantConfig(t, machine(), text)
	for _, name := range allNames() {
		if !regexp.MustCompile(`(?m)^` + name + ` = `).MatchString(text) {
			t.Errorf("%s is not in the example", name)
		}
	}
}

func TestReferenceNamesEveryKey(t *testing.T) {
	text := string(MarshalReference())
	for _, name := range allNames() {
		if !strings.Contains(text, "| `"+name+"` |") {
			t.Errorf("%s is not in the reference", name)
		}
	}
}

func allNames() []string {
	return slices.Concat(names(globalKeys()), names(poolKeys()), names(httpKeys()), names(websocketKeys()), names(routeKeys()))
}
