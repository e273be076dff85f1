package supervisor

import (
	"fmt"
	"os"
	"sync"
)

// accessLog is the file that the HTTP front writes a line to for each request.
//
// Concurrency: any goroutine may write, and reopen.
type accessLog struct {
	path string
	mu   sync.Mutex
	file *os.File
}

func openAccessLog(path string) (*accessLog, error) {
	a := &accessLog{path: path}
	return a, a.reopen()
}

// reopen opens the file afresh by its name; on an error the old one stays in use.
func (a *accessLog) reopen() error {
	f, err := os.OpenFile(a.path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("cannot open the access log: %w", err)
	}
	a.mu.Lock()
	before := a.file
	a.file = f
	a.mu.Unlock()
	if before != nil {
		_ = before.Close()
	}
	return nil
}

// Write writes one line, with one write.
func (a *accessLog) Write(line []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.file.Write(line)
}

func (a *accessLog) close() {
	a.mu.Lock()
	defer a.mu.Unlock()
	_ = a.file.Close()
}
