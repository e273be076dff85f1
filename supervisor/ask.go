package supervisor

import (
	"errors"
	"sync"
	"time"

	"howdah/internal/reactor"
)

// errStuck says that a loop did not answer in time.
var errStuck = errors.New("the event loop does not answer")

// question is one that is put to a loop from time to time. Whoever asks while it is open waits for the same answer, so that a
// loop that is stuck has one to give when it turns again, not one for each scrape meanwhile.
//
// Concurrency: may be asked by anyone at any time, but not on the loop.
type question[T any] struct {
	mu   sync.Mutex
	last *answer[T]
}

type answer[T any] struct {
	given chan struct{}
	value T
}

func (a *answer[T]) isGiven() bool {
	select {
	case <-a.given:
		return true
	default:
		return false
	}
}

// ask has f run on loop and returns what it says.
//
// Errors: errStuck if that takes longer than limit, reactor.ErrStopped if the loop has ended.
func (q *question[T]) ask(loop *reactor.Loop, limit time.Duration, f func() T) (value T, err error) {
	q.mu.Lock()
	a := q.last
	if a == nil || a.isGiven() {
		a = &answer[T]{given: make(chan struct{})}
		if !loop.Post(func() { a.value = f(); close(a.given) }) {
			q.mu.Unlock()
			return value, reactor.ErrStopped
		}
		q.last = a
	}
	q.mu.Unlock()
	late := time.NewTimer(limit)
	defer late.Stop()
	select {
	case <-a.given:
		return a.value, nil
	case <-late.C:
		return value, errStuck
	}
}
