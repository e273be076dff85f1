package worker

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"howdah/internal/fcgi"
	"howdah/internal/reactor"
)

// hears drains what the pool writes, letting it write the rest, until nothing more comes.
func (php *playedPHP) hears() (all []byte) {
	for {
		got := php.heard()
		if len(got) == 0 {
			return all
		}
		all = append(all, got...)
		if php.w.fd >= 0 && php.w.interest&reactor.Out != 0 {
			php.w.Ready(reactor.Out)
		}
	}
}

// spilled makes a job whose body lies in a file, and returns the body and what is to arrive.
func spilled(t *testing.T, size int) (j *recorder, wire []byte) {
	t.Helper()
	body := make([]byte, size)
	for i := range body {
		body[i] = byte(i >> 8)
	}
	file, err := os.Create(filepath.Join(t.TempDir(), "body"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	if _, err := file.Write(body); err != nil {
		t.Fatal(err)
	}
	return &recorder{wire: []byte("params"), spill: file, size: int64(size)}, body
}

// stdinOf joins the STDIN records behind a prefix.
func stdinOf(t *testing.T, b []byte, prefix string) (body []byte, ended bool) {
	t.Helper()
	rest, ok := bytes.CutPrefix(b, []byte(prefix))
	if !ok {
		t.Fatalf("it begins with %.20q", b)
	}
	for len(rest) > 0 {
		h, err := fcgi.ParseHeader(rest)
		if err != nil || h.Type != fcgi.TypeStdin || h.RequestID != 1 || len(rest) < h.Len() || ended {
			t.Fatalf("record %+v, %v, after the end: %v", h, err, ended)
		}
		body = append(body, rest[fcgi.HeaderLen:][:h.ContentLength]...)
		ended = h.ContentLength == 0
		rest = rest[h.Len():]
	}
	return body, ended
}

func TestABodyInAFileArrivesAsStdinWhateverItsSize(t *testing.T) {
	for _, size := range []int{0, 1, spillChunk - 1, spillChunk, spillChunk + 1, 3_000_000} {
		j, body := spilled(t, size)
		onBench(t, Options{}, func(b *bench) {
			php := b.php()
			b.submit(j)
			got, ended := stdinOf(t, php.hears(), "params")
			if !bytes.Equal(got, body) || !ended {
				t.Errorf("%d bytes: %d arrived, end %v", size, len(got), ended)
			}
			php.says(join(stdout(answerHead), endRequest()))
			if j.outcome() != "end " || php.w.state != Idle {
				t.Errorf("%d bytes: %q, %s", size, j.outcome(), php.w.state)
			}
		})
	}
}

func TestABodyGoesOnAfterItsJobHasEnded(t *testing.T) {
	for name, ends := range map[string]func(php *playedPHP, task *Task){
		"by fastcgi_finish_request": func(php *playedPHP, task *Task) { php.says(join(stdout(answerHead), stderr(mark(0)))) },
		"by its deadline":           func(php *playedPHP, task *Task) { task.expired() },
	} {
		t.Run(name, func(t *testing.T) {
			inFile, body := spilled(t, 2_000_000)
			inMemory := &recorder{wire: append([]byte(nil), body...)}
			for _, j := range []*recorder{inFile, inMemory} {
				onBench(t, Options{}, func(b *bench) {
					php := b.php()
					task := b.submit(j)
					over := func() { // what a front does with what it lent
						clear(j.wire)
						if j.spill != nil {
							j.spill.Truncate(0)
							j.spill.Close()
						}
					}
					j.ended = func(*recorder) { over() }
					if j.spill != nil {
						over = func() { j.spill.Close() }
					}
					j.failed = func(int, Cause) { over() }
					ends(php, task)
					if n := len(j.outcome()); n == 0 {
						t.Fatal("the job has not ended")
					}
					got := php.hears()
					if j.spill != nil {
						var ended bool
						if got, ended = stdinOf(t, got, "params"); !ended {
							t.Error("the end of the body did not arrive")
						}
					}
					if !bytes.Equal(got, body) {
						t.Errorf("%d of %d bytes arrived, unchanged: %v", len(got), len(body), bytes.HasPrefix(body, got))
					}
					php.says(endRequest())
					if php.w.state != Idle || b.gen.busy != 0 || php.w.spill.file != nil {
						t.Errorf("afterwards it is %s, %d busy", php.w.state, b.gen.busy)
					}
				})
			}
		})
	}
}

func TestAWorkerThatAnswersWithoutReadingTheBodyIsRecycled(t *testing.T) {
	j, _ := spilled(t, 2_000_000)
	onBench(t, Options{}, func(b *bench) {
		php := b.php()
		b.submit(j)
		php.says(join(stdout(answerHead), endRequest()))
		if j.outcome() != "end " || php.w.state != Draining || php.w.fd >= 0 || b.pool.counters.Recycled["unread_body"] != 1 {
			t.Errorf("%q, %s, %v", j.outcome(), php.w.state, b.pool.counters.Recycled)
		}
		php.exits()
	})
}

func TestABodyThatCannotBeReadBackEndsItsWorkerAndItsRequest(t *testing.T) {
	j, _ := spilled(t, 2_000_000)
	onBench(t, Options{}, func(b *bench) {
		php := b.php()
		b.submit(j)
		j.spill.Close()
		php.hears()
		php.exits()
		if j.outcome() != "502 worker_died " || b.gen.busy != 0 {
			t.Errorf("%q, %d busy", j.outcome(), b.gen.busy)
		}
	})
}

func TestALargeRequestIsReadWhileItsAnswerIsWritten(t *testing.T) {
	t.Parallel()
	p := startPHPPool(t, nil, map[string]string{"echo.php": `<?php
		while (ob_get_level()) ob_end_flush();
		$in = fopen('php://input', 'rb'); $n = 0;
		while (($s = fread($in, 8192)) != '') { echo $s; flush(); $n += strlen($s); }`}, nil)
	j, body := spilled(t, 5_000_000)
	j.wire = bytes.TrimSuffix(p.wire("echo.php", "", "REQUEST_METHOD", "PUT", "CONTENT_LENGTH", "5000000"), fcgi.AppendHeader(nil, fcgi.TypeStdin, 1, 0, 0))
	c := &call{p: p, job: j, done: make(chan struct{})}
	c.submit()
	if got := c.body(); got != string(body) {
		t.Errorf("%d of %d bytes came back", len(got), len(body))
	}
}

func TestWantOfDescriptorsIsWaitedOut(t *testing.T) {
	p := startPHPPool(t, nil, nil, nil)
	p.wantAllIdle()
	var old unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &old); err != nil {
		t.Fatal(err)
	}
	none := old
	none.Cur = 3 // those that are open stay open
	busy, release := p.held()
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &none); err != nil {
		t.Fatal(err)
	}
	p.do(func() {
		for _, w := range p.pool.serving.workers {
			if w.state == Idle {
				w.signal(unix.SIGKILL)
			}
		}
	})
	deadline := time.Now().Add(10 * time.Second)
	for p.stats().Workers > 1 && time.Now().Before(deadline) {
		time.Sleep(time.Millisecond)
	}
	err := unix.Setrlimit(unix.RLIMIT_NOFILE, &old)
	if err != nil {
		t.Fatal(err)
	}
	if s := p.stats(); s.Workers != 1 || s.Generation != 1 {
		t.Errorf("%+v", s)
	}
	release()
	busy.body()
	p.wantAllIdle()
	p.wantLogged("cannot connect to a worker, trying again")
	if s := p.stats(); s.Generations != 1 {
		t.Errorf("%+v", s)
	}
}
