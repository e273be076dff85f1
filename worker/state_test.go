package worker

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite docs/states.md")

func TestGoldenStates(t *testing.T) {
	const file = "../docs/states.md"
	want := statesDocument()
	if *update {
		if err := os.WriteFile(file, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("docs/states.md is not what worker/state.go says: run make golden")
	}
}

// allStates and allEvents rely on the last of each.
func allStates() (all []State) {
	for s := Fresh; s <= Dead; s++ {
		all = append(all, s)
	}
	return all
}

func allEvents() (all []Event) {
	for e := Answered; e <= Exited; e++ {
		all = append(all, e)
	}
	return all
}

// statesDocument is docs/states.md.
func statesDocument() []byte {
	var b bytes.Buffer
	b.WriteString("<!-- Generated from worker/state.go; `make golden` rewrites it. -->\n# The life of a worker\n\n" +
		"A worker is one fork of php-cgi with one connection to it. Rows are states, columns are what happens; a cell is the state after it.\n" +
		"An empty cell can't happen: it is logged as an error that names both, and the worker stays as it is.\n" +
		"A worker that is " + list(allStates(), func(s State) bool { return s.occupied() > 0 }) + " counts as busy.\n\n|   |")
	for _, e := range allEvents() {
		fmt.Fprintf(&b, " %s |", e)
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(allEvents())) + "\n")
	for _, s := range allStates() {
		fmt.Fprintf(&b, "| **%s** |", s)
		for _, e := range allEvents() {
			if to, err := s.on(e); err == nil {
				fmt.Fprintf(&b, " %s", to)
			}
			b.WriteString(" |")
		}
		b.WriteByte('\n')
	}
	b.WriteString("\n```mermaid\nstateDiagram-v2\n    [*] --> fresh\n")
	for _, s := range allStates() {
		for _, to := range allStates() {
			var events []string
			for _, e := range allEvents() {
				if after, err := s.on(e); err == nil && after == to {
					events = append(events, e.String())
				}
			}
			if len(events) > 0 {
				fmt.Fprintf(&b, "    %s --> %s: %s\n", s, to, strings.Join(events, ", "))
			}
		}
	}
	b.WriteString("    dead --> [*]\n```\n")
	return b.Bytes()
}

func list(states []State, wanted func(State) bool) string {
	var words []string
	for _, s := range states {
		if wanted(s) {
			words = append(words, s.String())
		}
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}

func TestAnImpossibleEventIsAnErrorThatNamesBothSidesAndChangesNothing(t *testing.T) {
	impossible := 0
	for _, s := range allStates() {
		for _, e := range allEvents() {
			if _, ok := next[s][e]; ok {
				continue
			}
			impossible++
			to, err := s.on(e)
			var transition *TransitionError
			if !errors.As(err, &transition) || transition.From != s || transition.Event != e {
				t.Errorf("%s, %s: error %v", s, e, err)
				continue
			}
			if !strings.Contains(err.Error(), s.String()) || !strings.Contains(err.Error(), e.String()) {
				t.Errorf("%s, %s: the error %q does not name both", s, e, err)
			}
			if to != s {
				t.Errorf("%s, %s: an impossible event led to %s", s, e, to)
			}
		}
	}
	if impossible == 0 {
		t.Error("every event is possible in every state")
	}
}

func TestEveryStateIsReachedAndLeadsToDeath(t *testing.T) {
	reached := map[State]bool{Fresh: true}
	for range allStates() {
		for s := range reached {
			for _, to := range next[s] {
				reached[to] = true
			}
		}
	}
	for _, s := range allStates() {
		if !reached[s] {
			t.Errorf("no way leads to %s", s)
		}
		if s == Dead {
			if len(next[s]) > 0 {
				t.Errorf("a dead worker can be %v", next[s])
			}
			continue
		}
		if to, err := s.on(Exited); err != nil || to != Dead {
			t.Errorf("a process may end while %s, and that leads to %s, %v", s, to, err)
		}
	}
}

func TestEveryStateAndEventHasAWordOfItsOwn(t *testing.T) {
	words := map[string]bool{}
	for _, s := range allStates() {
		words[s.String()] = true
	}
	for _, e := range allEvents() {
		words[e.String()] = true
	}
	if want := len(allStates()) + len(allEvents()); len(words) != want || words[""] {
		t.Errorf("%d words for %d states and events: %v", len(words), want, words)
	}
}
