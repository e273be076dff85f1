package supervisor

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// maxPendingLog bounds the lines, in bytes, that wait for a slow disk or a reader of stderr that stands still. A line that
// does not fit is dropped, unless it is the only one.
const maxPendingLog = 4 << 20

// logPatience is how long Flush, Reopen and Close wait for such a disk or reader.
const logPatience = 2 * time.Second

// logWriter writes queued lines, each by one write(2).
//
// Goroutines: run, started by startLogWriter and waited for by close. What it writes to belongs to it; another target comes
// to it through the queue, so that every line knows its place.
type logWriter struct {
	notice func(n int, cause string) []byte // makes the line about lost lines; nil if it has been told elsewhere
	done   chan struct{}                    // closed when run has ended

	mu      sync.Mutex
	changed sync.Cond // broadcast when anything below changes
	queue   []logItem
	pending int      // bytes that are queued or being written
	dropped int      // lines that did not fit
	place   logPlace // of the target that is to come last
	closed  bool

	// Of run, and of close once run has ended:
	out    logTarget
	failed int   // lines that out did not take
	cause  error // why
	torn   bool  // the last line was written in part
}

// logItem is lines that are written at once, or a target for those behind them.
type logItem struct {
	line   []byte
	lines  int // in line
	level  slog.Level
	target logTarget
	turned chan struct{} // closed when target has taken over; nil: it is a line
}

func startLogWriter(out logTarget, notice func(n int, cause string) []byte) *logWriter {
	w := &logWriter{notice: notice, done: make(chan struct{}), out: out, place: out.place}
	w.changed.L = &w.mu
	go w.run()
	return w
}

// write queues a line, or lines that are to be written at once.
func (w *logWriter) write(level slog.Level, line []byte, lines int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return
	}
	if w.pending > 0 && w.pending+len(line) > maxPendingLog {
		w.dropped += lines
		return
	}
	w.push(logItem{line: line, lines: lines, level: level})
}

// push needs mu.
func (w *logWriter) push(item logItem) {
	w.queue = append(w.queue, item)
	w.pending += len(item.line)
	w.changed.Broadcast()
}

// turnTo sends all further lines to target and closes what was there before.
func (w *logWriter) turnTo(target logTarget) error {
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		return errors.Join(errors.New("the log is closed"), target.close())
	}
	item := logItem{target: target, turned: make(chan struct{})}
	w.place = target.place
	w.push(item)
	w.mu.Unlock()

	timer := time.NewTimer(logPatience)
	defer timer.Stop()
	select {
	case <-item.turned:
		return nil
	case <-timer.C:
		return fmt.Errorf("the old log is in use still: it took no line for %v", logPatience)
	}
}

// target is where lines go.
func (w *logWriter) target() logPlace {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.place
}

func (w *logWriter) run() {
	defer close(w.done)
	for {
		items, ok := w.next()
		if !ok {
			return
		}
		for _, item := range items {
			if item.turned != nil {
				w.out.close() // whatever it says, its lines are written
				w.out, w.torn = item.target, false
				close(item.turned)
				continue
			}
			w.writeOut(item)
			w.mu.Lock()
			w.pending -= len(item.line)
			w.changed.Broadcast()
			w.mu.Unlock()
		}
	}
}

// next waits for something to do; ok is false when there will be no more. A count of dropped lines comes as a line behind
// those that found room before them.
func (w *logWriter) next() (items []logItem, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.queue) == 0 && !w.closed {
		if w.dropped == 0 {
			w.changed.Wait()
			continue
		}
		w.noticeDropped()
	}
	if w.dropped > 0 {
		w.noticeDropped()
	}
	items, w.queue = w.queue, nil
	return items, len(items) > 0
}

// noticeDropped needs mu.
func (w *logWriter) noticeDropped() {
	if line := w.notice(w.dropped, "the log is written too slowly"); line != nil {
		w.push(logItem{line: line, lines: 1, level: LevelWarning})
	}
	w.dropped = 0
}

// writeOut writes one item, and before it what is to be said about lines that failed.
func (w *logWriter) writeOut(item logItem) {
	if w.failed > 0 {
		if line := w.notice(w.failed, w.cause.Error()); line != nil && w.put(LevelWarning, line) != nil {
			w.failed += item.lines
			return
		}
		w.failed = 0
	}
	if err := w.put(item.level, item.line); err != nil {
		w.failed += item.lines
		w.cause = err
	}
}

// put is the one write. After a line that was torn by a full disk it begins a new one.
func (w *logWriter) put(level slog.Level, line []byte) error {
	if w.torn {
		line = append([]byte{'\n'}, line...)
	}
	n, err := w.out.write(level, line)
	if n > 0 {
		w.torn = n < len(line)
	}
	return err
}

// flush waits until the queue is empty and tells whether it is.
func (w *logWriter) flush() bool {
	late := false
	timer := time.AfterFunc(logPatience, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		late = true
		w.changed.Broadcast()
	})
	defer timer.Stop()
	w.mu.Lock()
	defer w.mu.Unlock()
	for w.pending > 0 && !late {
		w.changed.Wait()
	}
	return w.pending == 0
}

// close drains the queue and ends run.
func (w *logWriter) close() error {
	w.mu.Lock()
	first := !w.closed
	w.closed = true
	w.changed.Broadcast()
	w.mu.Unlock()
	if !first {
		return nil
	}
	timer := time.NewTimer(logPatience)
	defer timer.Stop()
	select {
	case <-w.done:
	case <-timer.C:
		return fmt.Errorf("the end of the log is lost: nothing was written for %v", logPatience)
	}
	if w.failed > 0 {
		return errors.Join(fmt.Errorf("%s: %w", linesLost(w.failed), w.cause), w.out.close())
	}
	return w.out.close()
}
