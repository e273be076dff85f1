package e2e

import (
	"encoding/json"
	"testing"
	"time"
)

// finished is what finish.php saw after its answer had gone.
type finished struct {
	First, Second bool
	Status        int
	HeadersSent   bool
}

func (s *serving) finished(gate string) finished {
	s.t.Helper()
	var f finished
	text := s.sb.wantWord(s.t, 5*time.Second, gate+".after")
	if err := json.Unmarshal([]byte(text), &[]any{&f.First, &f.Second, &f.Status, &f.HeadersSent}); err != nil {
		s.t.Fatalf("finish.php left %q: %v", text, err)
	}
	return f
}

func TestFinishedRequestIsAnsweredWhileItsScriptWorksOn(t *testing.T) {
	s := serve(t, `pm_max_children = 2`)
	for name, b := range map[string]*browser{"plain": s.plain, "kept": s.kept} {
		t.Run(name, func(t *testing.T) {
			gate := "finish-" + name
			p := b.get("/finish.php?ignore&late=100000&gate=" + gate)
			if p.status != 200 || p.body != "early" || p.header.Get("X-Early") != "yes" {
				t.Errorf("answer %d %.100q %v", p.status, p.body, p.header)
			}
			// nginx's connection is free and nothing that was written late comes out of it.
			for range 20 {
				b.wantPage("/hello.php", 200, "hello")
			}
			touch(s.sb.path("scratch", gate))
			if f := s.finished(gate); !f.First || f.Second {
				t.Errorf("the first call returned %v, the second %v", f.First, f.Second)
			}
		})
	}
}

// WordPress's cron answers without any output before it works.
func TestFinishedRequestWithoutOutputIsAnEmptyPage(t *testing.T) {
	s := serve(t)
	for name, b := range map[string]*browser{"plain": s.plain, "kept": s.kept} {
		gate := "empty-" + name
		if p := b.get("/finish.php?body=0&ignore&gate=" + gate); p.status != 200 || p.body != "" || p.header.Get("X-Early") != "yes" {
			t.Errorf("%s: answer %d %q %v", name, p.status, p.body, p.header)
		}
		touch(s.sb.path("scratch", gate))
		s.finished(gate)
	}
}

func TestWorkAfterTheAnswerIsUnderTheDeadline(t *testing.T) {
	s := serve(t, `request_terminate_timeout_track_finished = true`, `request_terminate_timeout = "1s"`, `pm_max_children = 1`)
	if p := s.plain.get("/finish.php?ignore&gate=never"); p.status != 200 || p.body != "early" {
		t.Errorf("answer %d %q", p.status, p.body)
	}
	if p := s.plain.wantPage("/hello.php", 200, "hello"); p.took > 5*time.Second {
		t.Errorf("the next request waited %v", p.took)
	}
}

func TestFinishAnswersWhatPHPFPMAnswers(t *testing.T) {
	p := startPair(t, nil, nil)
	touch(p.sb.path("scratch", "open")) // the gate: the script does not wait
	p.compare(t, "plain", get("/finish.php?ignore&gate=open"), 200, "early")
	p.compare(t, "plain", get("/finish.php?ignore&body=0&gate=open"), 200, "X-Early")
	p.compare(t, "plain", request("HEAD", "/finish.php?ignore&gate=open", ""), 200, "X-Early")
}
