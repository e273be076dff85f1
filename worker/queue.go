package worker

import "howdah/internal/reactor"

// queue holds the tasks that wait for a worker, first come first served. Its bound is queue_max, its time queue_timeout; at
// either the request is refused with 503 and the words queue_full and queue_timeout.
type queue struct {
	head, tail *Task
	len        int
	peak       int // the most there were at once
	waits      *reactor.Deadlines
}

func (q *queue) push(t *Task) {
	t.queued = true
	t.prev, t.next = q.tail, nil
	if q.tail == nil {
		q.head = t
	} else {
		q.tail.next = t
	}
	q.tail = t
	q.len++
	q.peak = max(q.peak, q.len)
	q.waits.Enter(&t.limit)
}

// pushFront puts back a task whose worker turned out to be gone before it took a byte.
func (q *queue) pushFront(t *Task) {
	t.queued = true
	t.prev, t.next = nil, q.head
	if q.head == nil {
		q.tail = t
	} else {
		q.head.prev = t
	}
	q.head = t
	q.len++
	q.waits.Enter(&t.limit)
}

func (q *queue) pop() *Task {
	t := q.head
	if t != nil {
		q.remove(t)
	}
	return t
}

func (q *queue) remove(t *Task) {
	if t.prev == nil {
		q.head = t.next
	} else {
		t.prev.next = t.next
	}
	if t.next == nil {
		q.tail = t.prev
	} else {
		t.next.prev = t.prev
	}
	t.prev, t.next, t.queued = nil, nil, false
	t.limit.Leave()
	q.len--
}
