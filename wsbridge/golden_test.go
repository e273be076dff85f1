package wsbridge

import (
	"bytes"
	"flag"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "rewrite generated documents")

func TestGoldenCloseCodesAreGenerated(t *testing.T) {
	const path = "../docs/close-codes.md"
	want := MarshalCodes()
	if *update {
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s is out of date (%v): run make golden", path, err)
	}
}
