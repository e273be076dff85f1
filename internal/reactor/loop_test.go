package reactor_test

import (
	"errors"
	"os"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"howdah/internal/reactor"
)

func start(t *testing.T) *reactor.Loop {
	t.Helper()
	before, _ := os.ReadDir("/proc/self/fd")
	l, err := reactor.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		l.Stop()
		l.Wait()
		if after, _ := os.ReadDir("/proc/self/fd"); len(after) > len(before) {
			t.Errorf("%d descriptors before the loop, %d after it", len(before), len(after))
		}
	})
	return l
}

func call(t *testing.T, l *reactor.Loop, f func()) {
	t.Helper()
	if err := l.Call(f); err != nil {
		t.Fatal(err)
	}
}

func pair(t *testing.T) (a, b int) {
	t.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	return fds[0], fds[1]
}

func TestPostedWorkRunsInOrder(t *testing.T) {
	l := start(t)
	var got []int
	for i := range 100 {
		l.Post(func() { got = append(got, i) })
	}
	call(t, l, func() {})
	if !slices.IsSorted(got) || len(got) != 100 {
		t.Errorf("ran %v", got)
	}
}

func TestWorkPostedBeforeStopRunsAndLaterWorkIsRefused(t *testing.T) {
	l := start(t)
	ran := false
	call(t, l, func() {
		l.Stop()
		l.Post(func() { ran = true })
	})
	l.Wait()
	if !ran {
		t.Error("work that was accepted never ran")
	}
	if l.Post(func() {}) {
		t.Error("a loop that has ended took work")
	}
	if err := l.Call(func() {}); !errors.Is(err, reactor.ErrStopped) {
		t.Errorf("Call on a loop that has ended: %v", err)
	}
}

func TestReadinessReachesTheHandler(t *testing.T) {
	l := start(t)
	a, b := pair(t)
	defer reactor.Close(b)
	got := make(chan string)
	call(t, l, func() {
		err := l.Add(a, reactor.In, reactor.HandlerFunc(func(uint32) {
			buf := make([]byte, 10)
			n, _ := reactor.Read(a, buf)
			l.Forget(a)
			reactor.Close(a)
			got <- string(buf[:n])
		}))
		if err != nil {
			t.Error(err)
		}
	})
	if _, errno := reactor.Write(b, []byte("hello")); errno != 0 {
		t.Fatal(errno)
	}
	if s := <-got; s != "hello" {
		t.Errorf("read %q", s)
	}
}

func TestAnEventOfAClosedDescriptorNeverReachesItsSuccessor(t *testing.T) {
	l := start(t)
	a1, a2 := pair(t)
	b1, b2 := pair(t)
	done := make(chan struct{})
	var successor int
	opened := map[int]bool{a2: true, b2: true}
	handle := func(own, other int) reactor.HandlerFunc {
		return func(uint32) {
			for _, fd := range []int{own, other} {
				l.Forget(fd)
				reactor.Close(fd)
			}
			for { // take the other's number for a descriptor that has nothing to read
				c1, c2 := pair(t)
				opened[c1], opened[c2] = true, true
				if c1 != other && c2 != other {
					continue
				}
				successor = other
				if err := l.Add(other, reactor.In, reactor.HandlerFunc(func(e uint32) { t.Errorf("stale event %#x for descriptor %d", e, other) })); err != nil {
					t.Error(err)
				}
				break
			}
			l.AtBatchEnd(func() { close(done) })
		}
	}
	call(t, l, func() { // both ready before the loop looks: one batch
		_, _ = reactor.Write(a2, []byte("x"))
		_, _ = reactor.Write(b2, []byte("x"))
		_ = l.Add(a1, reactor.In, handle(a1, b1))
		_ = l.Add(b1, reactor.In, handle(b1, a1))
	})
	<-done
	call(t, l, func() {
		l.Forget(successor)
		for fd := range opened {
			reactor.Close(fd)
		}
	})
}

func TestTimersFireInOrderOfTimeAndNotWhenStopped(t *testing.T) {
	l := start(t)
	got := make(chan string, 3)
	call(t, l, func() {
		l.After(20*time.Millisecond, func() { got <- "second"; close(got) })
		l.After(10*time.Millisecond, func() { got <- "first" })
		stopped := l.After(5*time.Millisecond, func() { got <- "stopped" })
		stopped.Stop()
		stopped.Stop()
	})
	var all []string
	for s := range got {
		all = append(all, s)
	}
	if !slices.Equal(all, []string{"first", "second"}) {
		t.Errorf("fired %v", all)
	}
}

func TestATimerNeverFiresEarly(t *testing.T) {
	l := start(t)
	const d = 3 * time.Millisecond
	for range 20 {
		fired := make(chan time.Duration)
		begun := time.Now()
		call(t, l, func() { l.After(d, func() { fired <- time.Since(begun) }) })
		if took := <-fired; took < d-time.Millisecond { // the batch's clock may be up to one batch old
			t.Errorf("fired after %v, set to %v", took, d)
		}
	}
}

func TestDeadlinesExpireInTheOrderOfEntry(t *testing.T) {
	l := start(t)
	got := make(chan int, 10)
	entries := make([]reactor.Deadline, 5)
	call(t, l, func() {
		line := l.NewDeadlines(10 * time.Millisecond)
		for i := range entries {
			entries[i].Expired = func() {
				if got <- i; i == 0 {
					close(got)
				}
			}
			line.Enter(&entries[i])
		}
		entries[1].Leave()
		entries[1].Leave()
		line.Enter(&entries[0]) // again: now behind 4
		line.SetDuration(5 * time.Millisecond)
		line.Enter(&entries[3])
	})
	var all []int
	for i := range got {
		all = append(all, i)
	}
	if !slices.Equal(all, []int{3, 2, 4, 0}) {
		t.Errorf("expired %v, want 3 (shortened) first, then 2, 4 and 0 (entered again)", all)
	}
}

func TestALineWithoutDurationNeverExpires(t *testing.T) {
	l := start(t)
	call(t, l, func() {
		line := l.NewDeadlines(0)
		line.Enter(&reactor.Deadline{Expired: func() { t.Error("expired") }})
		l.After(time.Millisecond, func() {})
	})
	call(t, l, func() {})
}
