package supervisor

import (
	"errors"
	"testing"
	"time"

	"howdah/internal/phpstack"
	"howdah/worker"
)

func TestAnEntryWithoutAStackSaysSoInPHPFPMsWords(t *testing.T) {
	seen := worker.Stacked{PID: 12, Script: "/srv/x.php", Err: errors.New("not permitted")}
	at := time.Date(2026, 11, 24, 19, 27, 28, 0, time.UTC)
	want := "\n[24-Nov-2026 19:27:28]  [pool www] pid 12\nscript_filename = /srv/x.php\n+++ dump failed\n"
	if got := string(slowEntry("www", at, seen, 20)); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	seen.Err, seen.Stack = nil, phpstack.Trace{{Address: 0x7f06a7e15430, Function: "sleep"}, {Address: 0x10, File: "/srv/x.php", Line: 7}}
	want = "\n[24-Nov-2026 19:27:28]  [pool www] pid 12\nscript_filename = /srv/x.php\n[0x00007f06a7e15430] sleep() /srv/x.php:7\n"
	if got := string(slowEntry("www", at, seen, 20)); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
