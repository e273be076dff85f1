package supervisor

import (
	"bytes"
	"fmt"
	"os"
	"sync"
	"time"

	"howdah/worker"
)

// slowLog is the file with the stacks of slow requests, in php-fpm's format. A reload may give it another file, or none; what is still
// to be said of an old generation then goes there too.
//
// Concurrency: any goroutine may call.
type slowLog struct {
	pool string
	mu   sync.Mutex
	path string
	file *os.File // nil: none
}

// openSlowFile opens a file for a slow log; no file for no path.
func openSlowFile(path string) (*os.File, error) {
	if path == "" {
		return nil, nil
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("cannot open the slow log: %w", err)
	}
	return f, nil
}

// take has the log go to f, which was opened as path; none if f is nil.
func (l *slowLog) take(path string, f *os.File) {
	l.mu.Lock()
	before := l.file
	l.path, l.file = path, f
	l.mu.Unlock()
	if before != nil {
		_ = before.Close()
	}
}

// reopen opens the file afresh by its name; on an error the old one stays in use.
func (l *slowLog) reopen() error {
	l.mu.Lock()
	path := l.path
	l.mu.Unlock()
	f, err := openSlowFile(path)
	if err == nil {
		l.take(path, f)
	}
	return err
}

// write adds what a worker was seen doing, with one write.
func (l *slowLog) write(at time.Time, seen worker.Stacked, depth int) error {
	text := slowEntry(l.pool, at, seen, depth)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return nil
	}
	if _, err := l.file.Write(text); err != nil {
		return fmt.Errorf("cannot write to the slow log: %w", err)
	}
	return nil
}

// slowEntry is an entry as php-fpm writes it. Source: fpm_php_trace in sapi/fpm/fpm/fpm_php_trace.c.
func slowEntry(pool string, at time.Time, seen worker.Stacked, depth int) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "\n[%s]  [pool %s] pid %d\nscript_filename = %s\n", at.Format(logTime), pool, seen.PID, seen.Script)
	for _, line := range seen.Stack.Lines(depth) {
		b.WriteString(line)
		b.WriteByte('\n')
	}
	if seen.Err != nil {
		b.WriteString("+++ dump failed\n")
	}
	return b.Bytes()
}
