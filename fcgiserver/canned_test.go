package fcgiserver

import (
	"strings"
	"testing"
	"time"

	"howdah/internal/fcgi"
)

// rawAnswer sends a request and returns the bytes of its answer.
func (f *front) rawAnswer(b []byte) []byte {
	f.t.Helper()
	c := f.client()
	c.send(b)
	var raw []byte
	for {
		c.SetReadDeadline(time.Now().Add(patience))
		h, content, err := c.r.Next()
		if err != nil {
			f.t.Fatalf("%v after %q", err, raw)
		}
		raw = append(fcgi.AppendHeader(raw, h.Type, h.RequestID, h.ContentLength, h.PaddingLength), content...)
		raw = append(raw, make([]byte, h.PaddingLength)...)
		if h.Type == fcgi.TypeEndRequest {
			return raw
		}
	}
}

// ownAnswer is an answer of our own, as records.
func ownAnswer(id uint16, stderr, stdout string) string {
	r := records(fcgi.AppendStream(nil, fcgi.TypeStderr, id, []byte(stderr)))
	r = fcgi.AppendStream(r, fcgi.TypeStdout, id, []byte(stdout))
	return string(fcgi.AppendEndRequest(r.end(fcgi.TypeStdout, id), id, 0, 0))
}

// TestAnswersInPHPsNameHaveItsBytes is the part of TestPHPSeesWhatPHPFPMShowsIt that needs no PHP.
func TestAnswersInPHPsNameHaveItsBytes(t *testing.T) {
	const plain = "X-Powered-By: PHP/8\r\nContent-type: text/html; charset=UTF-8\r\n\r\n"
	f := startFront(t, func(o *Options) {
		o.Guarded = func(script string) bool { return !strings.HasSuffix(script, "wild.php") }
	})
	site := phpSite(t)
	for _, c := range []struct {
		name   string
		in     records
		stderr string
		stdout string
		log    string
	}{
		{"no such script", records{}.get(1, 0, site+"/nothing.php"), "Primary script unknown", "Status: 404 Not Found\r\n" + plain + "File not found.\n",
			"Primary script unknown: " + site + "/nothing.php"},
		{"to HEAD", records{}.begin(1, 0).params(1, "SCRIPT_FILENAME", site+"/nothing.php", "REQUEST_METHOD", "HEAD").stdin(1, ""),
			"Primary script unknown", "Status: 404 Not Found\r\n" + plain, ""},
		{"no SCRIPT_FILENAME", records{}.begin(1, 0).params(1, "REQUEST_METHOD", "GET").stdin(1, ""), "Primary script unknown", "Status: 404 Not Found\r\n" + plain + "File not found.\n", ""},
		{"a suffix that is not allowed", records{}.get(1, 0, site+"/image.jpg/x.php"), "Access to the script '" + site + "/image.jpg' has been denied (see security.limit_extensions)",
			"Status: 403 Forbidden\r\n" + plain + "Access denied.\n", "Access to the script '" + site + "/image.jpg' has been denied"},
		{"a directory", records{}.get(1, 0, site+"/dir.php"), "Unable to open primary script: " + site + "/dir.php (Success)", "Status: 404 Not Found\r\n" + plain + "No input file specified.\n",
			"Unable to open primary script"},
		{"no REQUEST_METHOD", records{}.begin(1, 0).params(1, "SCRIPT_FILENAME", site+"/dump.php").stdin(1, ""), "", plain, ""},
		{"no variables", records{}.begin(1, 0).params(1).stdin(1, ""), "", plain, ""},
		{"a path that php_admin_value does not reach", records{}.get(1, 0, "/"+site+"/dump.php"),
			"Access to the script '/" + site + "/dump.php' has been denied: php_admin_value holds only for clean absolute paths below one of the top directories",
			"Status: 403 Forbidden\r\n" + plain + "Access denied.\n", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			want(t, string(f.rawAnswer(c.in)), ownAnswer(1, c.stderr, c.stdout))
			if c.log != "" {
				f.on(func() { clear(f.srv.quiet.kinds) })
				f.rawAnswer(c.in)
				f.wantLog(c.log)
			}
		})
	}
	f.wantNoJob()

	f.on(func() {
		o := f.srv.opts
		o.PoweredBy = ""
		f.srv.SetOptions(o)
	})
	want(t, string(f.rawAnswer(records{}.begin(1, 0).params(1).stdin(1, ""))), ownAnswer(1, "", "Content-type: text/html; charset=UTF-8\r\n\r\n"))
	if s := f.stats(); s.Missing < 4 || s.Denied < 2 || s.Malformed != 0 {
		t.Errorf("%+v", s)
	}
}

func TestAFailedRequestIsAnsweredByItsCause(t *testing.T) {
	const head = "Content-Type: text/plain; charset=UTF-8\r\nCache-Control: no-store\r\n"
	f := startFront(t, nil)
	c := f.client()
	for _, k := range []struct {
		status int
		after  time.Duration
		cause  string
		want   string
	}{
		{503, time.Second, "queue_full", "Status: 503 Service Unavailable\r\n" + head + "Retry-After: 1\r\n\r\nAll PHP workers are busy (queue_full).\n"},
		{503, 1500 * time.Millisecond, "unavailable", "Status: 503 Service Unavailable\r\n" + head + "Retry-After: 2\r\n\r\nAll PHP workers are busy (unavailable).\n"},
		{500, 0, "admin_value", "Status: 500 Internal Server Error\r\n" + head + "\r\nThe web server asks for settings that cannot be in force (admin_value).\n"},
		{502, 0, "worker_died", "Status: 502 Bad Gateway\r\n" + head + "\r\nThe PHP process ended before it answered.\n"},
		{504, 0, "timed_out", "Status: 504 Gateway Timeout\r\n" + head + "\r\nPHP took too long to answer.\n"},
	} {
		c.send(records{}.get(1, 1, f.script()))
		j := f.wantJob()
		f.on(func() { j.req.Fail(k.status, k.after, k.cause) })
		if a := c.answer(); a.stdout != k.want || a.stderr != "" {
			t.Errorf("%d %s: %q, %q", k.status, k.cause, a.stdout, a.stderr)
		}
		j.wantNotAborted()
	}
	c.wantOpen()
}

func TestAFailureAfterPartOfTheAnswerClosesTheConnection(t *testing.T) {
	f := startFront(t, nil)
	c := f.client()
	c.send(records{}.get(1, 1, f.script()))
	j := f.wantJob()
	j.output("half")
	f.on(func() { j.req.Fail(502, 0, "worker_died") })
	c.wantRecord(fcgi.TypeStdout, 1, "half")
	c.wantClosed()
	j.wantNotAborted()
}
