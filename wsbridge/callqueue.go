package wsbridge

import "sync"

// maxQueuedCalls bounds the calls that wait for the hub, in bytes. One that finds no room is dropped and counted as
// publish_overflow.
const maxQueuedCalls = 64 << 20

// callCost is what a call takes besides its payload, in bytes.
const callCost = 64

// call is one message of a PHP function of Howdah's.
type call struct {
	kind    string
	payload []byte
}

// callQueue is the calls that wait for the hub.
type callQueue struct {
	wake chan struct{} // has a token while there may be calls

	mu    sync.Mutex
	calls []call
	bytes int
}

// push queues a call; it waits for nothing but the queue's own lock, which nobody holds for long: a pool's loop calls it.
func (q *callQueue) push(c call) bool {
	q.mu.Lock()
	if q.bytes+len(c.payload)+callCost > maxQueuedCalls {
		q.mu.Unlock()
		return false
	}
	q.bytes += len(c.payload) + callCost
	q.calls = append(q.calls, c)
	first := len(q.calls) == 1
	q.mu.Unlock()
	if first {
		select {
		case q.wake <- struct{}{}:
		default:
		}
	}
	return true
}

// take returns all that waits, in order.
func (q *callQueue) take() []call {
	q.mu.Lock()
	defer q.mu.Unlock()
	calls := q.calls
	q.calls, q.bytes = nil, 0
	return calls
}
