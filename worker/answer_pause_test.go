package worker

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"howdah/internal/reactor"
)

func write(t *testing.T, fd int, b []byte) {
	t.Helper()
	if n, errno := reactor.Write(fd, b); errno != 0 || n < len(b) {
		t.Fatalf("wrote %d of %d: %v", n, len(b), errno)
	}
}

func TestNothingIsReadWhileTheJobWantsNoMore(t *testing.T) {
	onBench(t, Options{}, func(b *bench) {
		php := b.php()
		j := &recorder{output: func([]byte) bool { return false }}
		task := b.submit(j)
		for i := range 5 {
			piece := stdout(strings.Repeat("x", 10+i))
			if i == 0 {
				piece = stdout(answerHead)
			}
			before := len(j.records)
			if !php.says(piece) {
				t.Fatalf("piece %d is not read", i)
			}
			if php.says(stdout("y")) || len(j.records) != before+len(piece) {
				t.Fatalf("piece %d: the job wanted no more, and got %d bytes", i, len(j.records)-before-len(piece))
			}
			task.Resume()
			task.Resume()
			php.w.Ready(reactor.In)
			task.Resume()
		}
		php.says(endRequest())
		if got := takeApart(j.records); j.outcome() != "end " || got.wrong != "" || b.pool.counters.Backpressure < 5 {
			t.Errorf("%q, %+v, %d pauses", j.outcome(), got, b.pool.counters.Backpressure)
		}
	})
}

func TestAnEndThatComesWithThePauseLeavesTheConnectionWatched(t *testing.T) {
	onBench(t, Options{}, func(b *bench) {
		php := b.php()
		j := &recorder{output: func([]byte) bool { return false }}
		b.submit(j)
		php.says(join(stdout(answerHead), stderr("m\n"), endRequest()))
		again := &recorder{}
		b.submit(again)
		if !php.says(join(stdout(answerHead), endRequest())) || j.outcome() != "end " || again.outcome() != "end " {
			t.Errorf("%q, then %q", j.outcome(), again.outcome())
		}
	})
}

func TestAJobThatIsTakenBackWithinItsOutputGetsNothingMore(t *testing.T) {
	answer := join(stdout(answerHead), stderr("a\n"), stdout("body"), stderr("b\n"), endRequest())
	for n := 1; n <= 4; n++ {
		onBench(t, Options{}, func(b *bench) {
			php := b.php()
			j := &recorder{}
			var task *Task
			calls := 0
			j.output = func([]byte) bool {
				if calls++; calls == n {
					task.Abort()
				}
				return calls%2 == 0
			}
			task = b.submit(j)
			php.says(answer)
			if j.outcome() != "" || calls != n {
				t.Errorf("aborted at output %d: %d outputs, then %q", n, calls, j.outcome())
			}
			if php.w.state != Lingering || php.w.fd >= 0 || b.gen.busy != 1 || len(b.gen.fresh) != 1 || b.pool.counters.Aborted != 1 {
				t.Errorf("aborted at output %d: the worker is %s, connection %d, %d busy, %d connections in its place", n, php.w.state, php.w.fd, b.gen.busy, len(b.gen.fresh))
			}
			php.exits()
			if b.gen.busy != 0 || len(b.gen.fresh) != 1 || len(b.pool.spare) != 1 {
				t.Errorf("aborted at output %d, then died: %d busy, %d connections in its place, %d tasks back", n, b.gen.busy, len(b.gen.fresh), len(b.pool.spare))
			}
		})
	}
}

func TestTenMegabytesPassASlowClientUnchanged(t *testing.T) {
	p := testPool(t)
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(pair[1])
	if err := unix.SetNonblock(pair[0], true); err != nil {
		t.Fatal(err)
	}
	body := make([]byte, 10<<20)
	for i := range body {
		body[i] = byte(i * i >> 8)
	}
	ended := make(chan *recorder, 1)
	j := &recorder{wire: []byte("request"), ended: func(j *recorder) { ended <- j }}
	var w *Worker
	p.loop.Call(func() {
		g := &generation{pool: p, opts: Options{MaxChildren: 1}, state: genServing, workers: map[int]*Worker{}}
		w = &Worker{gen: g, fd: pair[0], pidfd: -1, state: Idle}
		w.wait(reactor.In)
		g.idle.push(w)
		p.serving, p.opts = g, g.opts
		taken := 0 // a client with room for 100 kB that reads it every now and then
		var task *Task
		j.output = func(b []byte) bool {
			taken += len(b)
			if taken < 100_000 {
				return true
			}
			p.loop.After(time.Millisecond, func() {
				taken = 0
				task.Resume()
			})
			return false
		}
		task = p.Submit(j)
	})
	go func() { // php-cgi: 8 kB at a time
		rest := append([]byte(answerHead), body...)
		for len(rest) > 0 {
			n := min(len(rest), 8184)
			unix.Write(pair[1], stdout(string(rest[:n])))
			rest = rest[n:]
		}
		unix.Write(pair[1], endRequest())
	}()
	got := takeApart(receive(t, ended).records)
	if got.wrong != "" || !got.end || !bytes.Equal(got.stdout, append([]byte(answerHead), body...)) {
		t.Errorf("%d bytes arrived: %s", len(got.stdout), got.wrong)
	}
	p.loop.Call(func() {
		if p.counters.Backpressure < 10 {
			t.Errorf("%d pauses", p.counters.Backpressure)
		}
		p.serving = nil
		w.disconnect()
	})
}
