package arch

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// generatedMark stands in the first lines of a file that make golden writes.
var generatedMark = regexp.MustCompile(`(?i)\bgenerated\b.*\bmake golden\b`)

func TestEveryGeneratedDocumentIsComparedByAGoldenTest(t *testing.T) {
	texts := documents(t)
	texts["pool.toml.example"] = read(t, "pool.toml.example")
	var tests []string
	for _, s := range moduleSources(t) {
		if s.isTest() && s.pkg() != "internal/arch" {
			tests = append(tests, read(t, s.path))
		}
	}
	wantNone(t, generatedFindings(texts, tests))
	if !isGenerated(texts["pool.toml.example"]) {
		t.Error("pool.toml.example does not say that make golden writes it")
	}
}

func TestAGeneratedDocumentThatNobodyComparesIsFound(t *testing.T) {
	texts := map[string]string{"docs/states.md": "<!-- Generated from worker/state.go; `make golden` rewrites it. -->\n# States\n"}
	wantFindings(t, 1, generatedFindings(texts, []string{"func TestOther(t *testing.T) {}"}))
	wantFindings(t, 0, generatedFindings(texts, []string{`func TestGoldenStates(t *testing.T) { compare("../docs/states.md") }`}))
	wantFindings(t, 0, generatedFindings(map[string]string{"README.md": "# Howdah\n"}, nil))
}

func generatedFindings(texts map[string]string, tests []string) []string {
	var findings []string
	for name, text := range texts {
		if !isGenerated(text) {
			continue
		}
		compared := false
		for _, test := range tests {
			compared = compared || strings.Contains(test, "Golden") && strings.Contains(test, name)
		}
		if !compared {
			findings = append(findings, fmt.Sprintf("%s says that it is generated and no Golden test names it", name))
		}
	}
	return findings
}

// isGenerated looks at the first five lines.
func isGenerated(text string) bool {
	lines := strings.SplitN(text, "\n", 6)
	return generatedMark.MatchString(strings.Join(lines[:min(len(lines), 5)], " "))
}
