package accesslog

import (
	"bytes"
	"time"

	"howdah/internal/request"
)

// Entry is what there is to say about a request that has been answered.
type Entry struct {
	Fields   *request.Fields
	Pool     string
	Peer     string // the address that the connection came from; "" on a Unix socket
	PID      int    // of the process that answered
	Master   int    // of Howdah
	Status   int
	Head     []byte   // of the answer, as PHP sent it
	Params   [][]byte // the values of Format.Params, in their order; nil for one that is absent
	Accepted time.Time
	Logged   time.Time
	Duration time.Duration // without the time in the queue
	Queue    time.Duration

	User, System time.Duration // processor time
	Memory       uint64        // bytes
}

// header returns the value of a header of the answer, whose name must have the same letters, large and small.
func (e *Entry) header(name string) []byte {
	for head := e.Head; len(head) > 0; {
		line, rest, _ := bytes.Cut(head, []byte("\n"))
		head = rest
		if len(line) > len(name)+2 && string(line[:len(name)]) == name && line[len(name)] == ':' && line[len(name)+1] == ' ' {
			return bytes.TrimRight(line[len(name)+2:], "\r")
		}
	}
	return nil
}

// Suppressed tells whether access.suppress_path keeps the request out of the log: a plain, successful GET or HEAD of one of the
// paths. Source: php-fpm key access.suppress_path.
func (e *Entry) Suppressed(paths []string) bool {
	f := e.Fields
	if len(paths) == 0 || e.Status < 200 || e.Status > 299 || len(f.Query) > 0 || f.ContentLength > 0 {
		return false
	}
	if method := string(f.Method); method != "GET" && method != "HEAD" {
		return false
	}
	for _, path := range paths {
		if string(f.URI) == path {
			return true
		}
	}
	return false
}
