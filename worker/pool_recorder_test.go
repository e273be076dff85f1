package worker

import (
	"fmt"
	"os"
	"testing"
	"time"

	"howdah/internal/fcgi"
	"howdah/internal/request"
)

// A recorder is a job that keeps its answer. Its fields belong to the loop.
type recorder struct {
	wire   []byte
	spill  *os.File
	size   int64
	output func(records []byte) bool     // instead of true
	ended  func(*recorder)               // at End
	failed func(status int, cause Cause) // at Fail
	wired  func()                        // at Begun

	records []byte // all of the answer
	pid     int
	ends    int
	fails   []string // "502 worker_died"
}

func (j *recorder) Wire() []byte                       { return j.wire }
func (j *recorder) Spill() (*os.File, int64)           { return j.spill, j.size }
func (j *recorder) RequestID() uint16                  { return 1 }
func (j *recorder) Describe() (script, request string) { return "/srv/test.php", "GET /test.php" }

func (j *recorder) Note(n *request.Note) {
	n.Set(&request.Fields{Method: []byte("GET"), URI: []byte("/test.php"), Script: []byte("/srv/test.php")})
}

func (j *recorder) Begun(pid int) {
	j.pid = pid
	if j.wired != nil {
		j.wired()
	}
}

func (j *recorder) Output(records []byte) bool {
	j.records = append(j.records, records...)
	return j.output == nil || j.output(records)
}

func (j *recorder) End(records []byte) {
	j.records = append(j.records, records...)
	j.ends++
	if j.ended != nil {
		j.ended(j)
	}
}

func (j *recorder) Fail(status int, retryAfter time.Duration, cause Cause) {
	j.fails = append(j.fails, fmt.Sprintf("%d %s", status, cause))
	if j.failed != nil {
		j.failed(status, cause)
	}
}

// outcome is "end" or how the job failed; what is told twice shows.
func (j *recorder) outcome() string {
	s := ""
	for range j.ends {
		s += "end "
	}
	for _, f := range j.fails {
		s += f + " "
	}
	return s
}

// An answered is an answer taken apart.
type answered struct {
	stdout, stderr []byte
	end            bool   // END_REQUEST came, as the last record
	wrong          string // what is wrong with the records
}

func takeApart(records []byte) (a answered) {
	for len(records) > 0 {
		if a.end {
			a.wrong = fmt.Sprintf("%d bytes after END_REQUEST", len(records))
			return a
		}
		if len(records) < fcgi.HeaderLen {
			a.wrong = fmt.Sprintf("%d bytes where a header should be", len(records))
			return a
		}
		h, err := fcgi.ParseHeader(records)
		if err != nil || len(records) < h.Len() {
			a.wrong = fmt.Sprintf("record of %d bytes in %d, %v", h.Len(), len(records), err)
			return a
		}
		content := records[fcgi.HeaderLen:][:h.ContentLength]
		switch h.Type {
		case fcgi.TypeStdout:
			a.stdout = append(a.stdout, content...)
		case fcgi.TypeStderr:
			a.stderr = append(a.stderr, content...)
		case fcgi.TypeEndRequest:
			a.end = true
		default:
			a.wrong = fmt.Sprintf("record of type %d", h.Type)
			return a
		}
		records = records[h.Len():]
	}
	return a
}

// receive waits for what must come.
func receive[T any](t *testing.T, c <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(20 * time.Second):
		t.Fatal("nothing comes")
	}
	return v
}
