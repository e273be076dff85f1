package fcgiserver

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestAScriptThatAppearsIsServedAtOnce(t *testing.T) {
	f := startFront(t, nil)
	c := f.client()
	late := filepath.Join(f.site, "late.php")
	for range 2 {
		c.send(records{}.get(1, 1, late))
		if a := c.answer(); !strings.HasPrefix(a.stdout, "Status: 404") {
			t.Errorf("before it is there: %q", a.stdout)
		}
	}
	if err := os.WriteFile(late, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	c.send(records{}.get(2, 1, late))
	f.wantJob().end("there")
	c.wantAnswer(2, "there")
}

func TestAScriptThatWasFoundIsTakenForThereForAWhile(t *testing.T) {
	f := startFront(t, nil)
	c := f.client()
	c.send(records{}.get(1, 1, f.script()))
	f.wantJob().end("")
	c.wantAnswer(1, "")
	if err := os.Remove(f.script()); err != nil {
		t.Fatal(err)
	}
	c.send(records{}.get(2, 1, f.script()))
	f.wantJob().end("") // without a look at the disk
	c.wantAnswer(2, "")
	f.on(func() {
		for _, e := range f.srv.scripts.entries {
			e.at = f.loop.Now() - scriptFresh
		}
	})
	c.send(records{}.get(3, 1, f.script()))
	if a := c.answer(); !strings.HasPrefix(a.stdout, "Status: 404") {
		t.Errorf("%v after it has gone: %q", scriptFresh, a.stdout)
	}
	f.on(func() {
		if n := len(f.srv.scripts.entries); n != 0 {
			t.Errorf("%d scripts are remembered, none is there", n)
		}
	})
}

func TestAScriptInUseIsLookedAtAgainBeforeItIsStale(t *testing.T) {
	f := startFront(t, nil)
	c := f.client()
	c.send(records{}.get(1, 1, f.script()))
	f.wantJob().end("")
	c.wantAnswer(1, "")
	age := scriptFresh * 3 / 4
	if !eventually(func() bool { now := time.Duration(0); f.on(func() { now = f.loop.Now() }); return now > age }) {
		t.Fatal("the clock stands")
	}
	entry := func() (at time.Duration) {
		f.on(func() { at = f.srv.scripts.entries[f.script()].at })
		return at
	}
	f.on(func() { f.srv.scripts.entries[f.script()].at = f.loop.Now() - age })
	before := entry()
	c.send(records{}.get(2, 1, f.script()))
	f.wantJob().end("")
	c.wantAnswer(2, "")
	if !eventually(func() bool { return entry() > before }) {
		t.Error("nobody looked")
	}
}

func TestNewSuffixesHoldAtOnce(t *testing.T) {
	f := startFront(t, nil)
	c := f.client()
	c.send(records{}.get(1, 1, f.script()))
	f.wantJob().end("")
	c.wantAnswer(1, "")
	f.on(func() {
		o := f.srv.opts
		o.LimitExtensions = []string{".phtml"}
		f.srv.SetOptions(o)
	})
	c.send(records{}.get(2, 1, f.script()))
	if a := c.answer(); !strings.HasPrefix(a.stdout, "Status: 403") {
		t.Errorf("answer %q", a.stdout)
	}
}

func TestTheNumberOfRememberedScriptsIsBounded(t *testing.T) {
	f := startFront(t, nil)
	f.on(func() {
		s := &f.srv.scripts
		for i := range scriptEntries {
			s.entries[fmt.Sprint("/fresh/", i)] = &scriptEntry{at: f.loop.Now() + 1}
		}
		s.entries["/looking"] = &scriptEntry{looking: true}
		s.forgetSome(f.loop.Now())
		if len(s.entries) != 1 || s.entries["/looking"] == nil {
			t.Errorf("%d are left of those that are fresh", len(s.entries))
		}
		clear(s.entries)
		for i := range scriptEntries {
			s.entries[fmt.Sprint("/stale/", i)] = &scriptEntry{}
		}
		s.entries["/fresh"] = &scriptEntry{at: f.loop.Now() + scriptFresh}
		s.forgetSome(f.loop.Now() + scriptFresh)
		if len(s.entries) != 1 || s.entries["/fresh"] == nil {
			t.Errorf("%d are left of those that are stale", len(s.entries))
		}
		clear(s.entries)
	})
}

func TestLongNamesAreNotRemembered(t *testing.T) {
	f := startFront(t, nil)
	c := f.client()
	for range 2 {
		c.send(records{}.get(1, 1, f.script()+"/"+strings.Repeat("x", scriptNameLen)))
		f.wantJob().end("")
		c.wantAnswer(1, "")
		f.on(func() {
			if n := len(f.srv.scripts.entries); n != 0 {
				t.Errorf("%d names are remembered", n)
			}
		})
	}
}

func TestADiskThatDoesNotAnswerHoldsALimitedNumberOfThreads(t *testing.T) {
	f := startFront(t, nil)
	c := f.client()
	c.send(records{}.get(1, 1, f.script()))
	f.wantJob().end("") // known from here on
	c.wantAnswer(1, "")

	for range scriptLooks { // as if as many searches hung
		f.srv.scripts.looks <- struct{}{}
	}
	other := f.client()
	other.send(records{}.get(2, 1, filepath.Join(f.site, "other.php")))
	f.turn()
	c.send(records{}.get(3, 1, f.script()))
	f.wantJob().end("")
	c.wantAnswer(3, "")
	f.wantNoJob()
	<-f.srv.scripts.looks // one comes back
	if a := other.answer(); !strings.HasPrefix(a.stdout, "Status: 404") {
		t.Errorf("answer %q", a.stdout)
	}
	for range scriptLooks - 1 {
		<-f.srv.scripts.looks
	}
}
