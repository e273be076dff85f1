package e2e

import (
	"encoding/json"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"
)

// mark is the environment variable by which a test sees which configuration a worker has.
func mark(value string) []string { return []string{"[pool.www.env]", `MARK = "` + value + `"`} }

// wherePage is what where.php says.
type wherePage struct {
	User  int
	Env   any
	Cwd   string
	Home  string
	PID   int
	Files any
}

func (b *browser) where() wherePage {
	b.t.Helper()
	p := b.get("/where.php")
	var w wherePage
	if err := json.Unmarshal([]byte(p.body), &w); err != nil {
		b.t.Fatalf("where.php = %d %.200q: %v", p.status, p.body, err)
	}
	return w
}

func TestReloadEachSecondUnderLoadFailsNoRequest(t *testing.T) {
	s := serve(t)
	loads := []*load{s.plain.startLoad(8, "/hello.php", "hello"), s.kept.startLoad(8, "/hello.php", "hello")}
	reloads := 0
	every(time.Second, phase(8*time.Second), func() { s.signal(syscall.SIGUSR2); reloads++ })
	for _, l := range loads {
		if c := l.stop(); c.bad() > 0 || c.total < 100 {
			t.Errorf("with %d reloads: %v", reloads, c)
		}
	}
	if done := len(s.logged(0, "reloaded in")); done < 2 {
		t.Errorf("%d reloads were carried out of %d asked for", done, reloads) // those that come during another become one
	}
}

func TestSlowRequestsUnderLoadSurviveReloads(t *testing.T) {
	s := serve(t, `pm_max_children = 3`)
	l := s.kept.startLoad(4, "/hello.php", "hello")
	var inside []*held
	for i := range 3 {
		inside = append(inside, s.hold(fmt.Sprint("slow", i)))
		s.reload()
		l.wantProgress(50, 10*time.Second)
	}
	for _, h := range inside {
		h.finish()
	}
	if c := l.stop(); c.bad() > 0 {
		t.Error(c)
	}
}

func TestReloadPutsTheNewFileInForce(t *testing.T) {
	s := serve(t, mark("one")...)
	if env := s.plain.where().Env; env != "one" {
		t.Fatalf("MARK is %v", env)
	}
	for _, sig := range []syscall.Signal{syscall.SIGUSR2, syscall.SIGHUP} {
		s.rewrite(mark(sig.String())...)
		since := s.mark()
		s.signal(sig)
		s.wantLogged(since, 15*time.Second, "ready to handle connections")
		if env := s.plain.where().Env; env != sig.String() {
			t.Errorf("after %v MARK is %v", sig, env)
		}
	}
}

func TestReloadThatComesDuringAnotherIsNotLost(t *testing.T) {
	s := serve(t, mark("0")...)
	inside := s.hold("first") // so that the old generation stays
	for i := 1; i <= 6; i++ {
		s.rewrite(mark(fmt.Sprint(i))...)
		s.signal(syscall.SIGUSR2)
	}
	wantWithin(t, 10*time.Second, "the last file in force", func() bool { return s.plain.where().Env == "6" })
	inside.finish()
}

func TestBrokenConfigurationAtReloadChangesNothing(t *testing.T) {
	t.Parallel()
	s := serve(t, mark("good")...)
	_, zygote := s.family()
	l := s.kept.startLoad(2, "/hello.php", "hello")
	for name, broken := range map[string]struct{ line, why string }{
		"a wrong value":            {`pm = "nonsense"`, "pm"},
		"an unknown key":           {`pm_max_childen = 3`, "pm_max_children"},
		"a PHP that is not there":  {`php_binary = "/nonexistent/php-cgi"`, "/nonexistent/php-cgi"},
		"a PHP that is none":       {`php_binary = "/bin/false"`, "/bin/false"},
		"a file that is not TOML":  {`pm_max_children = = 3`, "pool.toml"},
		"a user that is not there": {`user = "nobody-of-this-name"`, "nobody-of-this-name"},
		"a socket that can't be":   {`listen = "/nonexistent/dir/www.sock"`, "/nonexistent/dir"},
	} {
		t.Run(name, func(t *testing.T) {
			since := s.mark()
			s.rewrite(append([]string{broken.line}, mark("bad")...)...)
			s.signal(syscall.SIGUSR2)
			s.wantLogged(since, 15*time.Second, broken.why)
			l.wantProgress(20, 10*time.Second)
			if env := s.plain.where().Env; env != "good" {
				t.Errorf("MARK is %v", env)
			}
			if _, now := s.family(); now != zygote {
				t.Errorf("zygote %d was replaced by %d", zygote, now)
			}
		})
	}
	if c := l.stop(); c.bad() > 0 {
		t.Error(c)
	}
	s.rewrite(mark("better")...)
	s.reload()
	if env := s.plain.where().Env; env != "better" {
		t.Errorf("after the cure MARK is %v", env)
	}
}

func TestRunningRequestFinishesInItsOldGeneration(t *testing.T) {
	s := serve(t)
	_, before := s.family()
	inside := s.hold("old")
	s.reload()
	_, after := s.family()
	if after == before {
		t.Error("no new zygote after the reload")
	}
	if !alive(inside.pid) {
		t.Error("the busy worker was ended")
	}
	inside.finish()
	wantWithin(t, 5*time.Second, "the old generation gone", func() bool { return !alive(inside.pid) && !alive(before) })
}

func TestOldGenerationIsEndedAfterProcessControlTimeout(t *testing.T) {
	s := serve(t, "[global]", `process_control_timeout = "1s"`)
	inside := s.hold("stuck")
	start := time.Now()
	s.reload()
	wantWithin(t, 8*time.Second, "the stuck worker ended", func() bool { return !alive(inside.pid) })
	if took := time.Since(start); took < 900*time.Millisecond {
		t.Errorf("ended after %v, want 1 s", took)
	}
	if p := inside.result(t); p.status != 502 && p.status != 504 {
		t.Errorf("the stuck request got %d", p.status)
	}
	s.plain.wantPage("/hello.php", 200, "hello")
}

func TestPoolsComeAndGoAtReload(t *testing.T) {
	s := serve(t)
	two := s.sb.path("two.sock")
	second := []string{"[pool.two]", `user = "games"`, `group = "games"`, `listen = "` + two + `"`, `pm = "ondemand"`, `pm_max_children = 2`,
		"[pool.two.env]", `MARK = "two"`}
	s.rewrite(second...)
	s.reload()
	ask := func() reply { return dialFastCGI(t, two).ask(0, "", s.sb.script("GET", "where.php")...) }
	if r := ask(); !strings.Contains(r.stdout, `"env":"two"`) || !strings.Contains(r.stdout, `"user":5,`) {
		t.Errorf("the new pool says %q", r.stdout)
	}
	l := s.kept.startLoad(2, "/hello.php", "hello")
	s.rewrite()
	s.reload()
	wantWithin(t, 10*time.Second, "the removed pool's socket gone", func() bool { return !exists(two) })
	if c := l.stop(); c.bad() > 0 {
		t.Errorf("the other pool: %v", c)
	}
}

func TestWarmupPagesRunBeforeTheNewGenerationServes(t *testing.T) {
	s := serve(t)
	s.sb.page(t, "warm.php", `<?php file_put_contents(dirname(__DIR__) . '/scratch/warm', $_SERVER['REQUEST_URI'] . ' ' . $_SERVER['HTTP_HOST'] . ' ' . $_SERVER['REQUEST_METHOD']);`)
	s.rewrite(`warmup = ["` + s.sb.path("site", "warm.php") + `"]`)
	s.reload()
	if !exists(s.sb.path("scratch", "warm")) {
		t.Error("the warmup page has not run when the new generation says that it is ready")
	}
}

// A database must not see twice the connections: after reload_overlap the busy workers of both generations are within
// pm_max_children together. (One of the new ones may be busy in any case, so that hung requests do not end the service.)
func TestOldAndNewWorkersTogetherStayWithinMaxChildren(t *testing.T) {
	s := serve(t, `pm_max_children = 3`, `reload_overlap = "1s"`)
	old := []*held{s.hold("old0"), s.hold("old1")}
	s.reload()
	<-time.After(1500 * time.Millisecond) // the overlap passes
	third := s.hold("third")
	waiting := s.plain.start("/hello.php")
	select {
	case <-waiting.done:
		t.Error("a request was run beside three, two of them of the old generation")
	case <-time.After(500 * time.Millisecond): // how long nothing must happen
	}
	old[0].finish()
	if p := waiting.result(t); p.status != 200 {
		t.Errorf("the waiting request: %d", p.status)
	}
	old[1].finish()
	third.finish()
}

func TestSignalsDuringTheStartAreNotLost(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGUSR2, syscall.SIGUSR1, syscall.SIGHUP} {
		t.Run(sig.String(), func(t *testing.T) {
			sb := newSandbox(t)
			h := prepareHowdah(t, sb)
			h.daemon = startDaemon(t, "howdah", syscall.SIGTERM, h.command())
			h.wantLogged(0, 10*time.Second, "howdah is running") // from here on it takes signals
			h.signal(sig)
			if sig == syscall.SIGTERM || sig == syscall.SIGINT {
				h.wait(10 * time.Second)
				return
			}
			h.wantLogged(0, 20*time.Second, "ready to handle connections")
			if r := dialFastCGI(t, h.socket).ask(0, "", sb.script("GET", "hello.php")...); !strings.HasSuffix(r.stdout, "hello") {
				t.Errorf("%q", r.stdout)
			}
		})
	}
}
