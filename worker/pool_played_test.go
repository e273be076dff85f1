package worker

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"howdah/internal/fcgi"
)

// playPHP is a php-cgi with one worker, itself, that misbehaves as told.
func playPHP(how string) {
	i := slices.Index(os.Args, "-b")
	listener, err := net.Listen("unix", os.Args[i+1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return
	}
	if how == "forks die at birth" {
		for {
			exec.Command("/bin/true").Run()
		}
	}
	fmt.Fprintln(os.Stderr, "I am no PHP")
	requests := 0
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		serve(conn, how, &requests)
		conn.Close()
	}
}

func serve(conn net.Conn, how string, requests *int) {
	r := fcgi.NewReader(bufio.NewReader(conn))
	for {
		h, _, err := r.Next()
		if err != nil {
			return
		}
		switch {
		case h.Type == fcgi.TypeGetValues && how == "closes at hello":
			return
		case h.Type == fcgi.TypeGetValues && how == "garbage at hello":
			conn.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n"))
		case h.Type == fcgi.TypeGetValues:
			conn.Write(fcgi.AppendHeader(nil, fcgi.TypeGetValuesResult, 0, 0, 0))
		case h.Type == fcgi.TypeStdin && h.ContentLength == 0:
			if *requests++; *requests%2 == 1 && how == "closes in every other request" {
				conn.Write(stdout(answerHead + "part"))
				return
			}
			conn.Write(join(stdout(answerHead+fmt.Sprint(os.Getpid())), endRequest()))
		}
	}
}

// newPlayedPool makes a pool whose php-cgi the test binary plays.
func newPlayedPool(t *testing.T, how string, options func(*Options)) *phpPool {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return newPHPPool(t, nil, nil, func(o *Options) {
		o.MaxChildren = 1
		if options != nil {
			options(o)
		}
	}, func(s *ZygoteSpec) {
		s.Binary, s.PreloadFile = self, ""
		s.Env = []Setting{{"HOWDAH_TEST_PHP", how}}
	})
}

func TestWorkersThatNeverSayHelloEndTheStart(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"closes at hello", "garbage at hello"} {
		p := newPlayedPool(t, how, nil)
		if err := p.reload(nil); err == nil || !strings.Contains(err.Error(), "its workers end before they answer; it said: I am no PHP") {
			t.Errorf("%s: the start: %v", how, err)
		}
		if got := p.begin("pid.php").wait(); got != "503 unavailable" {
			t.Errorf("%s: a request: %q", how, got)
		}
	}
}

func TestForksThatDieAtBirthAreNoticedByTheTimeTheyBurn(t *testing.T) {
	t.Parallel()
	p := newPlayedPool(t, "forks die at birth", nil)
	begun := time.Now()
	if err := p.reload(nil); err == nil || !strings.Contains(err.Error(), "its forks end as soon as they are born") {
		t.Errorf("the start: %v", err)
	}
	if took := time.Since(begun); took > startTimeout/2 {
		t.Errorf("that took %v", took)
	}
}

func TestAWorkerThatClosesItsConnectionInARequestFailsItAndComesBack(t *testing.T) {
	t.Parallel()
	p := newPlayedPool(t, "closes in every other request", nil)
	if err := p.reload(nil); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		failed, next := p.begin("pid.php"), p.begin("pid.php")
		if got := failed.wait() + ", " + next.wait(); got != "502 worker_died, end" {
			t.Errorf("the requests: %s", got)
		}
		if failed.job.pid != next.job.pid {
			t.Error("another process has answered")
		}
		p.wantAllIdle()
	}
	if s := p.stats(); s.Deaths != 0 || s.Generation != 1 {
		t.Errorf("%+v", s)
	}
	p.wantLogged("closed its connection in the middle of script")
}

func TestAProcessThatAcceptsTheConnectionOfAnotherWhileItsOwnStandsFailsItsRequestOnce(t *testing.T) {
	t.Parallel()
	p := newPlayedPool(t, "closes in every other request", func(o *Options) { o.MaxChildren = 2 }) // and has one worker
	if err := p.reload(nil); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		failed, next := p.begin("pid.php"), p.begin("pid.php")
		if got := failed.wait() + ", " + next.wait(); got != "502 worker_died, end" {
			t.Errorf("the requests: %s", got)
		}
	}
	p.wantSoon("it is idle", func(s Stats) bool { return s.Idle == 1 && s.Workers == 1 && s.Busy == 0 })
	p.do(func() {
		if wrong := p.pool.wrong(); wrong != "" {
			t.Error(wrong)
		}
	})
}
