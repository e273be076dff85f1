package supervisor

import (
	"bytes"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	"howdah/internal/fcgi"
	"howdah/internal/request"
)

// probeJob is a request of Howdah's own to a generation that does not serve yet: the probe of the host calls, or a page of the
// warm-up. Its variables are those without which some applications take it for the command line (fact 23).
type probeJob struct {
	wire []byte
	body bytes.Buffer
	done func(body []byte, err error)
}

// newProbeJob makes a GET of script. done is called on the loop with the answer's body, or with why there is none.
func newProbeJob(script, root, uri string, done func(body []byte, err error)) *probeJob {
	path, query, _ := strings.Cut(uri, "?")
	w := fcgi.NewParamsWriter(fcgi.AppendBeginRequest(nil, 1, fcgi.RoleResponder, fcgi.FlagKeepConn), 1)
	for _, v := range [][2]string{
		{"GATEWAY_INTERFACE", "CGI/1.1"}, {"SERVER_PROTOCOL", "HTTP/1.1"}, {"SERVER_SOFTWARE", "howdah"},
		{"REQUEST_METHOD", "GET"}, {"SCRIPT_FILENAME", script}, {"SCRIPT_NAME", path}, {"REQUEST_URI", uri},
		{"DOCUMENT_URI", path}, {"QUERY_STRING", query}, {"DOCUMENT_ROOT", root},
		{"SERVER_NAME", "localhost"}, {"SERVER_ADDR", "127.0.0.1"}, {"SERVER_PORT", "80"}, {"HTTP_HOST", "localhost"},
		{"REMOTE_ADDR", "127.0.0.1"}, {"REMOTE_PORT", "0"}, {"REQUEST_SCHEME", "http"}, {"HTTP_USER_AGENT", "howdah-warmup"},
	} {
		w.Add([]byte(v[0]), []byte(v[1]))
	}
	wire, err := w.End()
	if err != nil {
		wire = nil // a path of 64 KiB: PHP will not answer, and the deadline says so
	}
	return &probeJob{wire: fcgi.AppendHeader(wire, fcgi.TypeStdin, 1, 0, 0), done: done}
}

func (j *probeJob) Wire() []byte                   { return j.wire }
func (j *probeJob) Spill() (*os.File, int64)       { return nil, 0 }
func (j *probeJob) RequestID() uint16              { return 1 }
func (j *probeJob) Begun(int)                      {}
func (j *probeJob) Note(*request.Note)             {}
func (j *probeJob) Describe() (script, req string) { return "warm-up", "GET" }

// Output keeps the answer, up to a size that no probe needs.
func (j *probeJob) Output(records []byte) bool {
	if j.body.Len() < 64<<10 {
		j.body.Write(records)
	}
	return true
}

func (j *probeJob) End(records []byte) {
	j.Output(records)
	var stdout []byte
	r := fcgi.NewReader(&j.body)
	for {
		h, content, err := r.Next()
		if err != nil {
			break
		}
		if h.Type == fcgi.TypeStdout {
			stdout = append(stdout, content...)
		}
	}
	_, body, _ := bytes.Cut(stdout, []byte("\r\n\r\n"))
	j.done(body, nil)
}

func (j *probeJob) Fail(status int, _ time.Duration, cause string) {
	j.done(nil, fmt.Errorf("no answer (%s, status %d)", cause, status))
}

// uriPath is the decoded path of a URI.
func uriPath(uri string) string {
	path, _, _ := strings.Cut(uri, "?")
	if u, err := url.PathUnescape(path); err == nil {
		return u
	}
	return path
}
