package worker

import (
	"errors"
	"fmt"
	"testing"

	"golang.org/x/sys/unix"

	"howdah/internal/reactor"
)

func TestAWakeUpForNothingChangesNothing(t *testing.T) {
	onBench(t, Options{}, func(b *bench) {
		b.gen.connect()
		for w := range b.gen.fresh {
			w.hello()
			if w.state != Fresh || w.fd < 0 || len(b.gen.fresh) != 1 || b.gen.missed != 0 {
				t.Errorf("a connection that waits for hello: %s", w.state)
			}
		}
		php := b.php()
		php.w.Ready(reactor.In)
		php.w.Ready(reactor.Out)
		if php.w.state != Idle || b.gen.idle.len != 1 || php.w.interest != reactor.In {
			t.Errorf("an idle worker: %s, watched for %#x", php.w.state, php.w.interest)
		}
		j := &recorder{}
		b.submit(j)
		php.w.Ready(reactor.In)
		php.w.Ready(reactor.Out)
		php.says(stdout(answerHead + "part")[:11])
		php.w.Ready(reactor.In)
		php.w.Ready(reactor.In)
		php.says(join(stdout(answerHead + "part")[11:], endRequest()))
		if got := takeApart(j.records); j.outcome() != "end " || got.wrong != "" || string(got.stdout) != answerHead+"part" {
			t.Errorf("a busy worker: %q, %+v", j.outcome(), got)
		}
	})
}

func TestNoConnectionIsOpenedWhereNoForkWillAcceptIt(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*generation)
		want   int
	}{
		"serving":              {func(*generation) {}, 1},
		"its zygote has ended": {func(g *generation) { g.orphans = true }, 0},
		"parked":               {func(g *generation) { g.state = genParked }, 0},
		"draining":             {func(g *generation) { g.state = genDraining }, 0},
		"told to end":          {func(g *generation) { g.state = genStopping }, 0},
	} {
		onBench(t, Options{}, func(b *bench) {
			b.php() // keeps the generation from being over
			dies := b.php()
			b.gen.idle.remove(dies.w)
			dies.w.state = Draining
			c.change(b.gen)
			dies.exits()
			if len(b.gen.fresh) != c.want {
				t.Errorf("%s: %d connections after the death of a worker, want %d", name, len(b.gen.fresh), c.want)
			}
		})
	}
}

func TestOnlyWantOfMeansIsWaitedOut(t *testing.T) {
	for err, want := range map[error]bool{
		fmt.Errorf("socket: %w", unix.EMFILE): true, unix.ENFILE: true, unix.ENOBUFS: true, unix.ENOMEM: true, unix.EAGAIN: true,
		fmt.Errorf("connect: %w", unix.ECONNREFUSED): false, unix.ENOENT: false, unix.EPIPE: false, errors.New("else"): false,
	} {
		if got := scarce(err); got != want {
			t.Errorf("%v: %v, want %v", err, got, want)
		}
	}
}
