package worker

import (
	"slices"
	"strings"
	"testing"

	"howdah/internal/fcgi"
	"howdah/internal/reactor"
)

func TestWhatIsNotFastCGIEndsTheWorkerAndItsRequestGets502Once(t *testing.T) {
	whole := join(stdout(answerHead+"body"), endRequest())
	for name, answer := range map[string][]byte{
		"text":                          []byte("HTTP/1.1 200 OK\r\n\r\n"),
		"another version":               append([]byte{2}, whole[1:]...),
		"a record that PHP never sends": phpRecord(fcgi.TypeParams, "a"),
		"an unknown type":               phpRecord(99, "a"),
		"an endless END_REQUEST":        phpRecord(fcgi.TypeEndRequest, strings.Repeat("x", 300)),
		"its header alone":              phpRecord(fcgi.TypeEndRequest, strings.Repeat("x", 300))[:8],
		"more after the end":            append(slices.Clone(whole), 0),
		"a second answer":               slices.Concat(whole, whole),
		"garbage in the middle":         join(stdout(answerHead), []byte("garbage!"), endRequest()),
		"garbage after a message":       join(stderr("m\n"), []byte("garbage!")),
	} {
		onBench(t, Options{}, func(b *bench) {
			php := b.php()
			j := &recorder{}
			b.submit(j)
			php.says(answer)
			if j.outcome() != "502 protocol_error " || php.w.fd >= 0 {
				t.Errorf("%s: %q, connection %d", name, j.outcome(), php.w.fd)
			}
			if php.says(whole) {
				t.Errorf("%s: it is read on", name)
			}
			php.exits()
			if j.outcome() != "502 protocol_error " || b.gen.busy != 0 || len(b.gen.workers) != 0 || len(b.gen.fresh) != 1 {
				t.Errorf("%s: after its end: %q, %d busy, %d workers, %d connections in its place", name, j.outcome(), b.gen.busy, len(b.gen.workers), len(b.gen.fresh))
			}
		})
	}
}

func TestAnIdleWorkerThatSpeaksIsEnded(t *testing.T) {
	onBench(t, Options{}, func(b *bench) {
		php := b.php()
		php.says(stdout("late"))
		if b.gen.idle.len != 0 || php.w.fd >= 0 || php.w.state != Draining {
			t.Errorf("%d idle, connection %d, %s", b.gen.idle.len, php.w.fd, php.w.state)
		}
		j := &recorder{}
		b.submit(j)
		if j.pid != 0 || b.pool.queue.len != 1 {
			t.Error("it got a request")
		}
		php.exits()
	})
}

func TestAWorkerThatDiesInTheMiddleOfAnAnswerFailsItsRequestOnce(t *testing.T) {
	for name, said := range map[string][]byte{
		"before the first byte":     nil,
		"in a header":               stdout(answerHead)[:5],
		"in the head":               stdout(answerHead)[:20],
		"in the body":               join(stdout(answerHead), stdout("body")[:10]),
		"in END_REQUEST":            join(stdout(answerHead+"body"), endRequest()[:12]),
		"after a message":           stderr("PHP Fatal error:  a\n"),
		"while a NUL waits":         stdout(answerHead + "\x00"),
		"with unread output behind": join(stdout(answerHead), stdout(strings.Repeat("x", 5000))),
	} {
		onBench(t, Options{}, func(b *bench) {
			php := b.php()
			j := &recorder{}
			b.submit(j)
			half := len(said) / 2
			if half > 0 {
				php.says(said[:half])
			}
			write(t, php.fd, said[half:]) // it lies in the socket when the process ends
			php.exits()
			if j.outcome() != "502 worker_died " || b.gen.busy != 0 || b.pool.counters.Deaths != 1 || len(b.gen.fresh) != 1 {
				t.Errorf("%s: %q, %d busy, %d deaths, %d connections in its place", name, j.outcome(), b.gen.busy, b.pool.counters.Deaths, len(b.gen.fresh))
			}
			if text := b.log.String(); !strings.Contains(text, "/srv/test.php") || !strings.Contains(text, "GET /test.php") {
				t.Errorf("%s: the log does not say what it did: %s", name, text)
			}
		})
	}
}

func TestAnAnswerThatWasCompleteWhenItsWorkerDiedCountsAndTheNextRequestGoesElsewhere(t *testing.T) {
	onBench(t, Options{}, func(b *bench) {
		php := b.php()
		j, waiting := &recorder{}, &recorder{}
		b.submit(j)
		b.submit(waiting)
		php.heard()
		write(t, php.fd, join(stdout(answerHead+"whole"), endRequest()))
		held := php.fd // a background job of the script has the connection, too: writing to it works
		php.w.exited()
		if j.outcome() != "end " || waiting.outcome() != "" || waiting.pid != 0 || b.pool.queue.len != 1 {
			t.Errorf("the complete one: %q; the waiting one: %q, worker %d, %d wait", j.outcome(), waiting.outcome(), waiting.pid, b.pool.queue.len)
		}
		if b.gen.busy != 0 || b.gen.idle.len != 0 || php.w.state != Dead || php.fd != held {
			t.Errorf("%d busy, %d idle, %s", b.gen.busy, b.gen.idle.len, php.w.state)
		}
		next := b.php()
		b.pool.pump()
		if waiting.pid != next.w.pid {
			t.Error("the waiting one is not run")
		}
	})
}

func TestARequestForAWorkerThatHasGoneWaitsForAnother(t *testing.T) {
	onBench(t, Options{}, func(b *bench) {
		second, first := b.php(), b.php()
		first.w.served = 0
		for b.gen.idle.top != first.w { // fresh ones are taken from the top
			b.gen.idle.push(b.gen.idle.pop())
		}
		first.hangUp()
		j := &recorder{}
		b.submit(j)
		if j.pid != second.w.pid || j.outcome() != "" || first.w.state != Lingering || b.gen.busy != 2 || len(b.gen.fresh) != 1 {
			t.Errorf("worker %d, %q; the one that has gone is %s; %d busy, %d connections in its place", j.pid, j.outcome(), first.w.state, b.gen.busy, len(b.gen.fresh))
		}
		if string(second.heard()) != "request" {
			t.Error("the request did not arrive")
		}
		first.exits()
		second.says(join(stdout(answerHead), endRequest()))
		if j.outcome() != "end " || b.gen.busy != 0 || len(b.gen.fresh) != 1 {
			t.Errorf("%q, %d busy, %d connections in its place", j.outcome(), b.gen.busy, len(b.gen.fresh))
		}
	})
}

func TestAClosedConnectionThatIsGivenUpMeanwhileIsNotGivenUpTwice(t *testing.T) {
	onBench(t, Options{}, func(b *bench) {
		php := b.php()
		task := b.submit(&recorder{})
		php.hangUp()
		php.w.Ready(reactor.In) // its process lives, and the grace begins
		task.Abort()
		php.w.closedAlive()
		if php.w.state != Lingering || b.gen.busy != 1 || len(b.gen.fresh) != 1 {
			t.Errorf("%s, %d busy, %d connections in its place", php.w.state, b.gen.busy, len(b.gen.fresh))
		}
		php.exits()

		idle := b.php()
		idle.hangUp()
		idle.w.Ready(reactor.In)
		b.submit(&recorder{})
		idle.w.closedAlive()
		if idle.w.state != Lingering || b.pool.queue.len != 1 || len(b.gen.fresh) != 2 {
			t.Errorf("%s, %d wait, %d connections", idle.w.state, b.pool.queue.len, len(b.gen.fresh))
		}
		idle.exits()
	})
}
