package metrics

import (
	"flag"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "rewrite generated documents")

func TestGoldenMetricsReference(t *testing.T) {
	const name = "../../docs/metrics.md"
	want := Reference()
	if *update {
		if err := os.WriteFile(name, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(name); err != nil || string(got) != want {
		t.Errorf("docs/metrics.md is out of date (%v): run make golden", err)
	}
}
