package supervisor

import (
	"errors"
	"sync"
	"testing"
	"time"

	"howdah/internal/reactor"
)

func TestALoopThatIsStuckIsAskedOnceHoweverManyWantToKnow(t *testing.T) {
	loop, err := reactor.Start()
	if err != nil {
		t.Fatal(err)
	}
	stuck := make(chan struct{})
	loop.Post(func() { <-stuck })
	var q question[int]
	asked := 0
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, err := q.ask(loop, 10*time.Millisecond, func() int { asked++; return asked }); !errors.Is(err, errStuck) {
				t.Errorf("a stuck loop answers: %v", err)
			}
		})
	}
	all.Wait()
	close(stuck)
	if n, err := q.ask(loop, time.Minute, func() int { asked++; return asked }); err != nil || n > 2 {
		t.Errorf("afterwards: %d, %v", n, err)
	}
	if err := loop.Call(func() {
		if asked > 2 {
			t.Errorf("it was asked %d times", asked)
		}
	}); err != nil {
		t.Error(err)
	}
	loop.Stop()
	loop.Wait()
	if _, err := q.ask(loop, time.Minute, func() int { return 0 }); !errors.Is(err, reactor.ErrStopped) {
		t.Errorf("a loop that has ended: %v", err)
	}
}
