package worker

import (
	"log/slog"
	"slices"
	"testing"
	"time"

	"howdah/internal/reactor"
)

// testPool makes a pool that runs nothing, on a loop of its own. The test may use it only on that loop, or while nothing
// happens there.
func testPool(t *testing.T) *Pool {
	t.Helper()
	loop := testLoop(t)
	var p *Pool
	if err := loop.Call(func() { p = NewPool("www", loop, slog.New(slog.DiscardHandler)) }); err != nil {
		t.Fatal(err)
	}
	return p
}

func testLoop(t *testing.T) *reactor.Loop {
	t.Helper()
	loop, err := reactor.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		loop.Stop()
		loop.Wait()
	})
	return loop
}

func TestTheQueueIsFirstComeFirstServed(t *testing.T) {
	p := testPool(t)
	q := &p.queue
	tasks := make([]*Task, 5)
	for i := range tasks {
		tasks[i] = &Task{pool: p}
		q.push(tasks[i])
	}
	q.remove(tasks[0])
	q.remove(tasks[2])
	q.remove(tasks[4])
	q.pushFront(tasks[4]) // its worker turned out to be gone
	q.push(tasks[0])
	if q.len != 4 || q.peak != 5 {
		t.Errorf("%d wait, %d at most; want 4 and 5", q.len, q.peak)
	}
	var got []int
	for task := q.pop(); task != nil; task = q.pop() {
		got = append(got, slices.Index(tasks, task))
		if task.queued || task.next != nil || task.prev != nil {
			t.Errorf("task %d is out of the queue and does not know it", got[len(got)-1])
		}
	}
	if !slices.Equal(got, []int{4, 1, 3, 0}) {
		t.Errorf("served %v", got)
	}
	if q.len != 0 || q.head != nil || q.tail != nil {
		t.Errorf("the empty queue holds %d, head %p, tail %p", q.len, q.head, q.tail)
	}
}

func TestATaskThatWaitsTooLongIsRefusedAndTheOthersStay(t *testing.T) {
	p := testPool(t)
	failed := make(chan string, 3)
	refuse := func(name string) *recorder {
		return &recorder{failed: func(status int, cause Cause) { failed <- name + " " + cause }}
	}
	err := p.loop.Call(func() {
		p.spawning = true // something may come up
		p.opts.QueueMax = 10
		p.queue.waits.SetDuration(20 * time.Millisecond)
		p.Submit(refuse("first"))
		p.queue.waits.SetDuration(time.Hour)
		p.Submit(refuse("patient"))
		p.queue.waits.SetDuration(10 * time.Millisecond)
		p.Submit(refuse("second"))
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"second queue_timeout", "first queue_timeout"} {
		if got := receive(t, failed); got != want {
			t.Errorf("refused: %s, want %s", got, want)
		}
	}
	p.loop.Call(func() {
		if p.queue.len != 1 || p.counters.Failed[CauseQueueTimeout] != 2 || len(p.spare) != 2 {
			t.Errorf("%d wait, %d expired, %d tasks came back; want 1, 2, 2", p.queue.len, p.counters.Failed[CauseQueueTimeout], len(p.spare))
		}
		p.spawning = false
	})
}

func TestAFullQueueRefusesAtOnce(t *testing.T) {
	p := testPool(t)
	p.loop.Call(func() {
		p.spawning = true
		p.opts.QueueMax = 2
		var causes []Cause
		for range 4 {
			p.Submit(&recorder{failed: func(status int, cause Cause) { causes = append(causes, cause) }})
		}
		if p.queue.len != 2 || !slices.Equal(causes, []Cause{CauseQueueFull, CauseQueueFull}) {
			t.Errorf("%d wait, refused %v", p.queue.len, causes)
		}
		p.spawning = false
	})
}

func TestAJobThatIsTakenBackWhileItWaitsIsNeverRun(t *testing.T) {
	p := testPool(t)
	p.loop.Call(func() {
		p.spawning = true
		p.opts.QueueMax = 2
		task := p.Submit(&recorder{failed: func(int, Cause) { t.Error("a job that was taken back failed") }})
		task.Abort()
		if p.queue.len != 0 || p.counters.Aborted != 1 || len(p.spare) != 1 {
			t.Errorf("%d wait, %d aborted, %d tasks came back", p.queue.len, p.counters.Aborted, len(p.spare))
		}
		p.spawning = false
	})
}
