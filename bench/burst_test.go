package main

import (
	"strings"
	"testing"
	"time"
)

func TestArrivalOfAScript(t *testing.T) {
	pid, started, err := readArrival(strings.NewReader("4242 1795532492123456\n"))
	if err != nil {
		t.Fatal(err)
	}
	if want := time.UnixMicro(1795532492123456); pid != 4242 || !started.Equal(want) {
		t.Errorf("got pid %d at %v, want 4242 at %v", pid, started, want)
	}
	if _, _, err := readArrival(strings.NewReader("Fatal error\n")); err == nil {
		t.Error("an error page was taken for an arrival")
	}
}

func TestBurstThatDoesNotFillThePoolSaysSo(t *testing.T) {
	for b, want := range map[burst]string{
		{Busy: burstChildren, Took: 12500 * time.Microsecond}: "12.5 ms",
		{Busy: 2, Took: time.Second}:                          "2 of 50 after 20s",
	} {
		if got := b.String(); got != want {
			t.Errorf("%+v prints as %q, want %q", b, got, want)
		}
	}
}
