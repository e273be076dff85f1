package e2e

import (
	"fmt"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// job is a background process that a script started. The test ends it.
func (s *serving) job(how string) (pid int) {
	s.t.Helper()
	mark := "job-" + how
	if p := s.plain.get("/daemon.php?how=" + how + "&mark=" + mark); p.status != 200 || !strings.HasPrefix(p.body, "started") {
		s.t.Fatalf("daemon.php: %d %q", p.status, p.body)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(s.sb.wantWord(s.t, 5*time.Second, mark+".pid")))
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		for _, p := range append([]process{{pid: pid}}, childrenOf(pid)...) {
			p.kill()
		}
	})
	return pid
}

// A background job inherits the worker's connection: the worker's death must be noticed all the same.
func TestDeathOfAWorkerIsNoticedThoughItsJobHoldsTheConnection(t *testing.T) {
	s := serve(t, `pm_max_children = 1`)
	s.job("quiet")
	worker, _ := s.family()
	kill(t, worker, syscall.SIGKILL)
	wantWithin(t, 2*time.Second, "the worker dead", func() bool { return !alive(worker) })
	if p := s.plain.wantPage("/hello.php", 200, "hello"); p.took > 2*time.Second {
		t.Errorf("answered after %v", p.took)
	}
	s.job("nohup")
	since := s.mark()
	if p := s.plain.get("/hurt.php?how=self"); p.status != 502 || p.took > 2*time.Second {
		t.Errorf("a crash in a request after a job was started: %d after %v", p.status, p.took)
	}
	s.wantLogged(since, 2*time.Second, "hurt.php")
}

func TestBackgroundJobsSurviveReloadsAndRecycling(t *testing.T) {
	s := serve(t, `pm_max_requests = 2`)
	var jobs []int
	for _, how := range []string{"quiet", "nohup", "setsid"} {
		jobs = append(jobs, s.job(how))
	}
	_, before := s.family()
	s.reload()
	wantWithin(t, 10*time.Second, "the old generation gone", func() bool { return !alive(before) })
	for range 20 {
		s.plain.wantPage("/hello.php", 200, "hello")
	}
	for _, job := range jobs {
		if !alive(job) {
			t.Errorf("job %d did not survive", job)
		}
	}
}

func TestBackgroundJobIsLoggedAndLeftAtTheEnd(t *testing.T) {
	s := serve(t)
	jobs := []int{s.job("quiet"), s.job("setsid")}
	since := s.mark()
	start := time.Now()
	if code := s.stop(syscall.SIGTERM, 10*time.Second); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if took := time.Since(start); took > 3*time.Second {
		t.Errorf("the stop waited %v for jobs", took)
	}
	for _, job := range jobs {
		if !alive(job) {
			t.Errorf("job %d was ended", job)
		}
		if len(s.logged(since, fmt.Sprint(job))) == 0 {
			t.Errorf("no log line names job %d", job)
		}
	}
}

// Scripts that run php-cgi must not find Howdah's listener on their standard input.
func TestScriptsCanRunPHPThemselves(t *testing.T) {
	s := serve(t)
	_, zygote := s.family()
	for range 5 {
		p := s.plain.get("/hurt.php?how=exec")
		if p.status != 200 || !strings.Contains(p.body, "(cgi-fcgi)") || !strings.Contains(p.body, "hello") || !strings.HasSuffix(p.body, " done") {
			t.Errorf("php-cgi from a script: %d %q", p.status, p.body)
		}
	}
	if p := s.plain.get("/hurt.php?how=binary"); !strings.Contains(p.body, "hello") {
		t.Errorf("PHP_BINARY from a script: %q", p.body)
	}
	if p := s.plain.get("/hurt.php?how=nonblock"); !strings.Contains(p.body, "set done") {
		t.Errorf("a child with a non-blocking stdin: %q", p.body)
	}
	l := s.plain.startLoad(8, "/hello.php", "hello")
	l.wantProgress(300, 10*time.Second)
	if c := l.stop(); c.bad() > 0 {
		t.Error(c)
	}
	if _, now := s.family(); now != zygote {
		t.Errorf("zygote %d was replaced by %d", zygote, now)
	}
	if n := len(childrenOf(zygote)); n != 4 {
		t.Errorf("%d workers, want 4", n)
	}
}

func TestWhatWorkersSayIsLoggedWithPoolAndPid(t *testing.T) {
	s := serve(t, `catch_workers_output = true`)
	for how, text := range map[string]string{"stdout": "said-on-stdout", "stderr": "said-on-stderr"} {
		since := s.mark()
		s.plain.get("/hurt.php?how=" + how + "&text=" + text)
		line := s.wantLogged(since, 5*time.Second, text)
		if !strings.Contains(line, "www") {
			t.Errorf("%s: no pool in %.300q", how, line)
		}
	}
	since := s.mark()
	s.plain.get("/errors.php?kind=log")
	s.wantLogged(since, 5*time.Second, "a line for the log", "www")
}
