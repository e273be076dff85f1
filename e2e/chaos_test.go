package e2e

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Everything that is promised one by one holds at once: reloads, recycling, crashes, clients that go, stalled bodies.
func TestEverythingAtOnceLosesOnlyWhatCrashed(t *testing.T) {
	s := serve(t, `pm_max_requests = 7`, `recycle_memory = "32M"`, `request_terminate_timeout = "5s"`)
	loads := []*load{
		s.plain.startLoad(3, "/hello.php", "hello"),
		s.kept.startLoad(3, "/hello.php", "hello"),
		s.kept.startLoad(1, "/big.php?bytes=700000", "00000000"),
		s.plain.startLoad(1, "/finish.php?ignore&gate=open", "early"),
	}
	touch(s.sb.path("scratch", "open"))
	crashes, rounds := 0, 0
	every(400*time.Millisecond, phase(8*time.Second), func() {
		rounds++
		switch rounds % 4 {
		case 0:
			s.signal(syscall.SIGUSR2)
		case 1:
			if _, err := s.plain.try("GET", "/hurt.php?how=self", nil); err == nil {
				crashes++
			}
		case 2:
			w := dialFastCGI(t, s.socket)
			w.send(requestBytes(t, 1, 0, "", s.sb.script("GET", "big.php", param{"QUERY_STRING", "bytes=3000000"})...))
			w.Close()
		case 3:
			w := dialFastCGI(t, s.socket)
			w.send(openRequest(t, 1, 0, s.sb.script("POST", "input.php", param{"CONTENT_LENGTH", "500000"})...))
		}
	})
	for i, l := range loads {
		if c := l.stop(); c.bad() > 0 || c.total < 10 {
			t.Errorf("load %d, with %d rounds and %d crashes: %v", i, rounds, crashes, c)
		}
	}
}

func TestScriptThatSignalsItsGroupDoesNotEndTheService(t *testing.T) {
	s := serve(t)
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		t.Run(sig.String(), func(t *testing.T) {
			s.plain.start(fmt.Sprintf("/hurt.php?how=group&signal=%d", sig))
			wantWithin(t, 15*time.Second, "twenty good answers in a row", func() bool {
				for range 20 {
					if p, err := s.plain.try("GET", "/hello.php", nil); err != nil || p.status != 200 {
						return false
					}
				}
				return true
			})
		})
	}
}

// Forks that die are not replaced while the zygote stands still.
func TestStoppedZygoteWhoseForksDieIsReplaced(t *testing.T) {
	s := serve(t, `pm_max_children = 2`)
	_, zygote := s.family()
	forks := childrenOf(zygote)
	s.plain.get("/hurt.php?how=stopparent")
	for _, p := range forks {
		p.kill()
	}
	wantWithin(t, 15*time.Second, "service again", func() bool {
		p, err := s.plain.try("GET", "/hello.php", nil)
		return err == nil && p.status == 200
	})
}

func TestFloodsFromWorkersHoldUpNobody(t *testing.T) {
	s := serve(t)
	for _, flood := range []string{
		"to=stdout&times=20000&bytes=1000", "to=stdout&times=20&bytes=140000", "to=stdout&times=3&bytes=1000000", "to=stdout&times=1000&forge",
		"to=stderr&times=5000&bytes=1000", "to=log&times=200&bytes=10000", "to=log&times=1&bytes=2000000",
	} {
		t.Run(flood, func(t *testing.T) {
			flooding := s.plain.start("/flood.php?" + flood)
			for range 5 {
				if p := s.plain.wantPage("/hello.php", 200, "hello"); p.took > 5*time.Second {
					t.Errorf("hello took %v", p.took)
				}
			}
			if p := flooding.result(t); p.status != 200 || p.body != "flooded" {
				t.Errorf("the flood itself: %d %.100q", p.status, p.body)
			}
		})
	}
	if peak := peakMemory(s.pid()); peak > 128<<20 {
		t.Errorf("howdah's memory went up to %d MB", peak>>20)
	}
}

func TestLargeHeadersComeThrough(t *testing.T) {
	sb := newSandbox(t)
	reference, ours := startFPM(t, sb), startHowdah(t, sb)
	for _, query := range []string{"bytes=3000&each=3000", "bytes=8192&each=100", "bytes=60000&each=1000", "bytes=70000&each=70000"} {
		params := sb.script("GET", "bighead.php", param{"QUERY_STRING", query})
		want := dialFastCGI(t, reference.socket).ask(0, "", params...)
		got := dialFastCGI(t, ours.socket).ask(0, "", params...)
		if got.stdout != want.stdout || !strings.HasSuffix(want.stdout, "body") {
			t.Errorf("%s: %d bytes, php-fpm sends %d", query, len(got.stdout), len(want.stdout))
		}
	}
}

func TestScriptsThatComeAreSeenAtOnceAndThatGoWithinTwoSeconds(t *testing.T) {
	s := serve(t)
	for i := range 3 {
		name := fmt.Sprintf("new%d.php", i)
		if p := s.plain.get("/sub/" + name); p.status != 404 && !strings.HasPrefix(p.body, "index ") {
			t.Errorf("before it is there: %d %q", p.status, p.body)
		}
		r := dialFastCGI(t, s.socket).ask(0, "", s.sb.script("GET", name)...)
		if !strings.HasPrefix(r.stdout, "Status: 404") {
			t.Errorf("before it is there: %q", r.stdout)
		}
		s.sb.page(t, name, "<?php echo 'there';")
		r = dialFastCGI(t, s.socket).ask(0, "", s.sb.script("GET", name)...)
		if !strings.HasSuffix(r.stdout, "there") {
			t.Errorf("a moment after it came: %q", r.stdout)
		}
		if err := os.Remove(s.sb.path("site", name)); err != nil {
			t.Fatal(err)
		}
		wantWithin(t, 3*time.Second, "404 for a script that went", func() bool { // it is remembered for at most 2 s
			r := dialFastCGI(t, s.socket).ask(0, "", s.sb.script("GET", name)...)
			return strings.HasPrefix(r.stdout, "Status: 404") && strings.HasSuffix(r.stdout, "File not found.\n")
		})
	}
}

// Readers that take nothing of 50 MB each: back-pressure, not memory.
func TestLargeAnswersForSlowReadersStayOutOfMemory(t *testing.T) {
	sb := newSandbox(t)
	h := startHowdah(t, sb, `pm_max_children = 8`)
	var slow []*webServer
	for range 6 {
		w := dialFastCGI(t, h.socket)
		w.send(requestBytes(t, 1, 0, "", sb.script("GET", "big.php", param{"QUERY_STRING", "bytes=50000000"})...))
		slow = append(slow, w)
	}
	for range 10 {
		if r := dialFastCGI(t, h.socket).ask(0, "", sb.script("GET", "hello.php")...); !strings.HasSuffix(r.stdout, "hello") {
			t.Errorf("beside slow readers: %q", r.stdout)
		}
	}
	for _, w := range slow {
		if r, err := w.receive(); err != nil || len(r.stdout) < 50000000 {
			t.Errorf("a slow reader got %d bytes, %v", len(r.stdout), err)
		}
	}
	if peak := peakMemory(h.pid()); peak > 100<<20 {
		t.Errorf("howdah's memory went up to %d MB", peak>>20)
	}
}
