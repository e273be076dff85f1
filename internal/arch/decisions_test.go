package arch

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var decisionName = regexp.MustCompile(`^([0-9]{4})-[a-z0-9-]+\.md$`)

// decisionParts are the headings of every record, in this order.
var decisionParts = []string{"## Context", "## Choice", "## Rejected", "## What would change our mind"}

func TestDecisionsAreNumberedAndComplete(t *testing.T) {
	entries, err := os.ReadDir(filepath.Join(root, "docs/decisions"))
	if err != nil {
		t.Fatal(err)
	}
	records := map[string]string{}
	for _, entry := range entries {
		records[entry.Name()] = read(t, "docs/decisions/"+entry.Name())
	}
	if len(records) < 3 {
		t.Errorf("found %d decision records, want at least 3", len(records))
	}
	wantNone(t, decisionFindings(records))
}

func TestABrokenDecisionIsFound(t *testing.T) {
	whole := "# 0001: One\n\n" + strings.Join(decisionParts, "\n\ntext\n\n") + "\n\ntext\n"
	wantFindings(t, 0, decisionFindings(map[string]string{"0001-one.md": whole}))
	wantFindings(t, 1, decisionFindings(map[string]string{"0001-one.md": strings.Replace(whole, "## Rejected", "", 1)}))
	wantFindings(t, 1, decisionFindings(map[string]string{"0001-one.md": strings.Replace(whole, "0001", "0002", 1)}))
	wantFindings(t, 2, decisionFindings(map[string]string{"0002-one.md": whole}))
	wantFindings(t, 1, decisionFindings(map[string]string{"0001-one.md": whole, "one.md": whole}))
	wantFindings(t, 1, decisionFindings(map[string]string{"0001-one.md": whole + strings.Repeat("x\n", 80)}))
}

func decisionFindings(records map[string]string) []string {
	var findings, numbers []string
	for name, text := range records {
		match := decisionName.FindStringSubmatch(name)
		if match == nil {
			findings = append(findings, fmt.Sprintf("docs/decisions/%s is not called NNNN-title.md", name))
			continue
		}
		numbers = append(numbers, match[1])
		if !strings.HasPrefix(text, "# "+match[1]+": ") {
			findings = append(findings, fmt.Sprintf("docs/decisions/%s does not begin with \"# %s: \"", name, match[1]))
		}
		rest := text
		for _, part := range decisionParts {
			_, after, ok := strings.Cut(rest, "\n"+part+"\n")
			if !ok {
				findings = append(findings, fmt.Sprintf("docs/decisions/%s has no %q, or not in its place", name, part))
				break
			}
			rest = after
		}
		if lines := strings.Count(text, "\n"); lines > 70 {
			findings = append(findings, fmt.Sprintf("docs/decisions/%s has %d lines, want one page", name, lines))
		}
	}
	slices.Sort(numbers)
	for i, number := range numbers {
		if want := fmt.Sprintf("%04d", i+1); number != want {
			findings = append(findings, fmt.Sprintf("docs/decisions: expected number %s and found %s", want, number))
			break
		}
	}
	return findings
}
