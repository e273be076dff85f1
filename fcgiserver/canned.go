package fcgiserver

import (
	"fmt"

	"howdah/internal/fcgi"
)

// The answers that Howdah gives itself. Those in PHP's name have php-fpm's headers and bytes, and its message as FCGI_STDERR.

// missing answers a request whose script is not there, as php-fpm does.
func (r *Request) missing(path string) {
	s := r.conn.srv
	s.counters.Missing++
	if path == "" {
		path = "no SCRIPT_FILENAME"
	}
	s.quiet.note("missing", fmt.Sprintf("Primary script unknown: %s", path))
	r.asPHP("404 Not Found", "File not found.\n", "Primary script unknown")
}

// denied answers a request for a file that is not PHP by its name, as php-fpm does.
func (r *Request) denied(path string) {
	s := r.conn.srv
	s.counters.Denied++
	text := fmt.Sprintf("Access to the script '%s' has been denied (see security.limit_extensions)", path)
	s.quiet.note("denied", text)
	r.asPHP("403 Forbidden", "Access denied.\n", text)
}

// unreadable answers a request for a script that the workers' user may not read, as php-fpm does.
func (r *Request) unreadable(path string) {
	s := r.conn.srv
	s.counters.Denied++
	text := fmt.Sprintf("Unable to open primary script: %s (Permission denied)", path)
	s.quiet.warn("unreadable", text)
	r.asPHP("403 Forbidden", "Access denied.\n", text)
}

// wild answers a request whose script's path would make PHP miss the php_admin_value settings.
func (r *Request) wild(path string) {
	s := r.conn.srv
	s.counters.Denied++
	text := fmt.Sprintf("Access to the script '%s' has been denied: php_admin_value holds only for clean absolute paths below one of the top directories", path)
	s.quiet.note("denied", text)
	r.asPHP("403 Forbidden", "Access denied.\n", text)
}

// irregular answers a request for a directory whose name has an allowed suffix, as php-fpm does.
func (r *Request) irregular(path string) {
	s := r.conn.srv
	s.counters.Missing++
	text := fmt.Sprintf("Unable to open primary script: %s (Success)", path)
	s.quiet.warn("unreadable", text)
	r.asPHP("404 Not Found", "No input file specified.\n", text)
}

// empty answers a request without a method: php-fpm runs nothing and sends no more than its headers.
func (r *Request) empty(status string) {
	r.asPHP(status, "", "")
}

// endEmpty completes a request that its client gave up.
func (r *Request) endEmpty() {
	c := r.conn
	r.ticket = nil
	c.state = flushing
	c.write(fcgi.AppendEndRequest(nil, c.assembly.id, 0, fcgi.StatusRequestComplete))
	if c.state != closed {
		r.logAccess()
		c.finished()
	}
}

// asPHP sends an answer that looks as if PHP had made it. The server's table of variables is the request's.
func (r *Request) asPHP(status, text, stderr string) {
	if method, _ := r.conn.srv.params.get(requestMethod); string(method) == "HEAD" {
		text = ""
	}
	var head string
	if status != "" {
		head = "Status: " + status + "\r\n"
	}
	if p := r.conn.srv.opts.PoweredBy; p != "" {
		head += "X-Powered-By: " + p + "\r\n"
	}
	r.answer(head+"Content-type: text/html; charset=UTF-8\r\n\r\n"+text, stderr)
}

// refuse sends an answer of Howdah's own. retryAfter is in seconds, 0 for none.
func (r *Request) refuse(status int, reason, text string, retryAfter int) {
	head := fmt.Sprintf("Status: %d %s\r\nContent-Type: text/plain; charset=UTF-8\r\nCache-Control: no-store\r\n", status, reason)
	if retryAfter > 0 {
		head += fmt.Sprintf("Retry-After: %d\r\n", retryAfter)
	}
	r.answer(head+"\r\n"+text, "")
}

func (r *Request) answer(stdout, stderr string) {
	c := r.conn
	id := c.assembly.id
	c.state = flushing
	var b []byte
	b = fcgi.AppendStream(b, fcgi.TypeStderr, id, []byte(stderr))
	b = fcgi.AppendStream(b, fcgi.TypeStdout, id, []byte(stdout))
	b = fcgi.AppendHeader(b, fcgi.TypeStdout, id, 0, 0)
	b = fcgi.AppendEndRequest(b, id, 0, fcgi.StatusRequestComplete)
	r.count(b, true)
	c.write(b)
	if c.state != closed {
		r.logAccess()
		c.finished()
	}
}
