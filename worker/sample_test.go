package worker

import (
	"os"
	"testing"
)

func TestPrivateBytesCountsWhatAProcessHasForItself(t *testing.T) {
	got, err := PrivateBytes(os.Getpid())
	if err != nil || got < 1<<20 || got > 1<<32 {
		t.Errorf("of ourselves: %d bytes, %v", got, err)
	}
	if _, err := PrivateBytes(1 << 30); err == nil {
		t.Error("of nobody: no error")
	}
}
