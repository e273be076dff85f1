package worker

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

const limit = 400 * time.Millisecond

func limited(o *Options) { o.TerminateTimeout, o.MaxChildren = limit, 2 }

func TestAScriptThatRunsTooLongGets504AndPHPShutsItDownItself(t *testing.T) {
	asUsers(t, func(t *testing.T, u *User) {
		p := startPHPPool(t, u, map[string]string{"endless.php": `<?php
			register_shutdown_function(function () { touch($_GET['file']); });
			echo 'partial'; for (;;);`}, limited)
		file := p.file()
		c := p.begin("endless.php?file=" + file)
		if got := c.wait(); got != "504 timed_out" {
			t.Errorf("it ended with %q", got)
		}
		wantFile(t, file)
		p.wantAllIdle()
		if got := p.get("pid.php"); got != fmt.Sprint(c.job.pid) {
			t.Errorf("worker %d did not survive: %s answers", c.job.pid, got)
		}
		if s := p.stats(); s.TimedOut != 1 || s.Deaths != 0 || s.Failed[CauseTimedOut] != 1 {
			t.Errorf("%+v", s)
		}
		p.wantLogged("execution timed out")
		if got := c.wait(); got != "504 timed_out" {
			t.Errorf("afterwards it ended again: %q", got)
		}
	})
}

func TestAScriptThatHasAnsweredInPartGetsPHPsOwnEnd(t *testing.T) {
	t.Parallel()
	p := startPHPPool(t, nil, map[string]string{"partial.php": `<?php while (ob_get_level()) ob_end_flush(); echo 'partial'; flush(); for (;;);`}, limited)
	if got := p.get("partial.php"); !strings.HasPrefix(got, "partial") {
		t.Errorf("got %q", got)
	}
	p.wantAllIdle()
	if s := p.stats(); s.TimedOut != 1 || len(s.Failed) > 0 {
		t.Errorf("%+v", s)
	}
}

func TestAScriptThatDoesNotHearIsKilledAfterASecond(t *testing.T) {
	t.Parallel()
	p := startPHPPool(t, nil, map[string]string{
		"deaf.php":    `<?php pcntl_sigprocmask(SIG_BLOCK, [SIGPROF, SIGTERM]); for (;;);`,
		"partial.php": `<?php while (ob_get_level()) ob_end_flush(); echo 'partial'; flush(); pcntl_sigprocmask(SIG_BLOCK, [SIGPROF, SIGTERM]); for (;;);`,
		"read.php":    `<?php $s = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0); fread($s[0], 1);`,
	}, func(o *Options) { o.TerminateTimeout, o.MaxChildren = limit, 3 })
	begun := time.Now()
	deaf, partial, reads := p.begin("deaf.php"), p.begin("partial.php"), p.begin("read.php")
	if got := reads.wait(); got != "504 timed_out" {
		t.Errorf("in a read: %q", got)
	}
	if got := deaf.wait(); got != "504 timed_out" {
		t.Errorf("before the first byte: %q", got)
	}
	if got := partial.wait(); got != "502 worker_died" {
		t.Errorf("in the middle of the answer: %q", got)
	}
	if took := time.Since(begun); took < limit+profGrace {
		t.Errorf("killed after %v, it may have a second after its %v", took, limit)
	}
	p.wantAllIdle()
	if s := p.stats(); s.TimedOut != 3 || s.Deaths != 0 {
		t.Errorf("%+v", s)
	}
	for range 4 {
		if got := number(t, p.get("pid.php")); got == deaf.job.pid || got == partial.job.pid || got == reads.job.pid {
			t.Error("the dead answer")
		}
	}
}

func TestTheDeadlineBeginsWhenPHPDoes(t *testing.T) {
	t.Parallel()
	p := startPHPPool(t, nil, map[string]string{"slow.php": `<?php usleep(120000); echo 'done';`}, func(o *Options) {
		o.MaxChildren, o.TerminateTimeout = 1, 10*time.Second
	})
	var calls []*call
	for range 4 {
		calls = append(calls, p.begin("slow.php"))
	}
	for _, c := range calls {
		if got := c.body(); got != "done" {
			t.Errorf("got %q", got)
		}
	}
	p.do(func() {
		for range 5 {
			if n := len(p.pool.spare); n != 4 {
				t.Errorf("%d tasks came back, want 4", n)
				break
			}
		}
	})
}

func TestAClientThatGoesAwayStopsItsScriptAtTheNextWrite(t *testing.T) {
	asUsers(t, func(t *testing.T, u *User) {
		p := startPHPPool(t, u, map[string]string{"talk.php": `<?php
			register_shutdown_function(function () { file_put_contents($_GET['file'], connection_aborted() ? 'aborted' : 'ran through'); });
			touch($_GET['file'] . '.begun');
			while (ob_get_level()) ob_end_flush(); for ($i = 0; $i < 20000; $i++) { echo 'x'; flush(); usleep(500); }`}, func(o *Options) { o.MaxChildren = 2 })
		file := p.file()
		c := p.begin("talk.php?file=" + file)
		wantFile(t, file+".begun")
		c.abort()
		p.wantAllIdle()
		if got, _ := os.ReadFile(file); string(got) != "aborted" {
			t.Errorf("the script %q", got)
		}
		if c.hasEnded() {
			t.Errorf("a job that was taken back ended with %q", c.wait())
		}
		if s := p.stats(); s.Deaths != 0 || s.Workers != 2 || s.Used != 1 {
			t.Errorf("its worker did not come back: %+v", s)
		}
		for range 5 {
			p.get("pid.php")
		}
	})
}

func TestAScriptThatIgnoresItsClientRunsThroughAndItsWorkerComesBack(t *testing.T) {
	t.Parallel()
	p := startPHPPool(t, nil, map[string]string{"ignore.php": `<?php
		ignore_user_abort(true);
		touch($_GET['file'] . '.begun');
		while (ob_get_level()) ob_end_flush(); while (!file_exists($_GET['go'])) { echo 'x'; flush(); usleep(1000); clearstatcache(); }
		touch($_GET['file']);`}, func(o *Options) { o.MaxChildren = 1 })
	file, letGo := p.file(), p.file()
	c := p.begin("ignore.php?file=" + file + "&go=" + letGo)
	wantFile(t, file+".begun")
	pid := c.job.pid
	c.abort()
	next := p.begin("pid.php")
	<-time.After(helloTimeout + 200*time.Millisecond) // longer than any hello may take: its connection waits for it
	if s := p.stats(); s.Busy != 1 || s.Waiting != 1 || s.Deaths != 0 || next.hasEnded() {
		t.Errorf("the script runs on: %+v", s)
	}
	touch(t, letGo)
	if got := next.body(); got != fmt.Sprint(pid) || !exists(file) {
		t.Errorf("worker %s answers, %d ran the script; it ran through: %v", got, pid, exists(file))
	}
	p.wantAllIdle()
}

func TestALingeringScriptIsEndedAtItsDeadline(t *testing.T) {
	t.Parallel()
	p := startPHPPool(t, nil, map[string]string{"deaf.php": `<?php
		ignore_user_abort(true); touch($_GET['file']); pcntl_sigprocmask(SIG_BLOCK, [SIGPROF]); for (;;);`,
	}, func(o *Options) { o.MaxChildren, o.TerminateTimeout = 1, 300*time.Millisecond })
	file := p.file()
	c := p.begin("deaf.php?file=" + file)
	wantFile(t, file)
	c.abort()
	if got := number(t, p.get("pid.php")); got == c.job.pid {
		t.Error("the script still runs, and its worker answers")
	}
	if s := p.stats(); s.TimedOut != 1 || s.Aborted != 1 || len(s.Failed) > 0 {
		t.Errorf("%+v", s)
	}
	p.wantAllIdle()
}

func TestAWorkerThatLingersAndDiesIsReplacedOnce(t *testing.T) {
	t.Parallel()
	p := startPHPPool(t, nil, map[string]string{"die.php": `<?php
		ignore_user_abort(true); touch($_GET['file'] . '.begun');
		while (!file_exists($_GET['file'])) { usleep(1000); clearstatcache(); }
		posix_kill(getmypid(), 9);`}, func(o *Options) { o.MaxChildren = 2 })
	for range 3 {
		file := p.file()
		c := p.begin("die.php?file=" + file)
		wantFile(t, file+".begun")
		c.abort()
		touch(t, file)
	}
	p.wantSoon("the deaths are seen", func(s Stats) bool { return s.Deaths == 3 })
	p.wantAllIdle()
	p.do(func() {
		if n := len(p.pool.serving.fresh); n > 0 {
			t.Errorf("%d connections more than forks", n)
		}
	})
}

const finishing = `<?php
	echo 'answer'; $ok = fastcgi_finish_request();
	echo 'nobody hears this'; file_put_contents($_GET['file'] . '.begun', var_export($ok, true) . var_export(fastcgi_finish_request(), true));
	while (!file_exists($_GET['file'])) { usleep(1000); clearstatcache(); }
	touch($_GET['file'] . '.done');`

func TestAFinishedRequestIsAnsweredAtOnceAndItsWorkerStaysBusy(t *testing.T) {
	asUsers(t, func(t *testing.T, u *User) {
		p := startPHPPool(t, u, map[string]string{"finish.php": finishing}, func(o *Options) { o.MaxChildren = 1 })
		file := p.file()
		c := p.begin("finish.php?file=" + file)
		if got := c.body(); got != "answer" {
			t.Errorf("got %q", got)
		}
		wantFile(t, file+".begun")
		next := p.begin("pid.php")
		if s := p.stats(); s.Busy != 1 || s.Waiting != 1 {
			t.Errorf("the script goes on: %+v", s)
		}
		touch(t, file)
		if got := next.body(); got != fmt.Sprint(c.job.pid) || !exists(file+".done") {
			t.Errorf("worker %s answers, %d ran the script; it ran through: %v", got, c.job.pid, exists(file+".done"))
		}
		if got, _ := os.ReadFile(file + ".begun"); string(got) != "truefalse" {
			t.Errorf("fastcgi_finish_request returned %s", got)
		}
		if got := c.wait(); got != "end" {
			t.Errorf("afterwards: %q", got)
		}
	})
}

func TestAnEmptyFinishedAnswerHasNoBody(t *testing.T) {
	t.Parallel()
	p := startPHPPool(t, nil, map[string]string{
		"empty.php": `<?php header('X-A: b'); fastcgi_finish_request(); error_log('late'); echo 'late';`,
		"long.php":  `<?php header('X-A: ' . str_repeat('a', 8100 + $_GET['n'])); fastcgi_finish_request(); echo 'late';`,
	}, nil)
	if got := p.get("empty.php"); got != "" {
		t.Errorf("the body is %q", got)
	}
	for n := range 100 { // a head around the size of PHP's output buffer
		if got := p.get(fmt.Sprintf("long.php?n=%d", n)); got != "" {
			t.Errorf("a head of about %d bytes: the body is %q", 8100+n, got)
		}
	}
}

func TestTheDeadlineHoldsForAFinishedRequestOnlyIfItIsTracked(t *testing.T) {
	t.Parallel()
	for _, tracked := range []bool{true, false} {
		p := startPHPPool(t, nil, map[string]string{"finish.php": finishing}, func(o *Options) {
			o.TerminateTimeout, o.TrackFinished, o.MaxChildren = 300*time.Millisecond, tracked, 1
		})
		file := p.file()
		c := p.begin("finish.php?file=" + file)
		c.body()
		if tracked {
			p.wantSoon("the deadline comes", func(s Stats) bool { return s.TimedOut == 1 })
		} else {
			<-time.After(500 * time.Millisecond) // longer than the deadline
			touch(t, file)
			wantFile(t, file+".done")
			if s := p.stats(); s.TimedOut != 0 {
				t.Error("the deadline holds for a finished request")
			}
		}
		p.wantAllIdle()
		if got := c.wait(); got != "end" || tracked && exists(file+".done") {
			t.Errorf("tracked %v: %q; it ran through: %v", tracked, got, exists(file+".done"))
		}
	}
}
