package fcgiserver

import (
	"bytes"

	"howdah/internal/fcgi"
)

// answerClass finds the class of an answer's status (2 for 200 to 299) while its records pass. It looks at the head only, once.
//
// Source: sapi_cgi_send_headers of php-cgi, which writes "Status: " first unless the status is 200 or the script has set that
// header itself; RFC 3875, 6.3.3: no Status is 200.
type answerClass struct {
	known bool
	class int
	skip  int // bytes still to come of a record that is not STDOUT
}

// look takes the next records, whole or in part, and reports whether they told the class.
func (a *answerClass) look(records []byte) bool {
	if a.known {
		return false
	}
	n := min(a.skip, len(records))
	a.skip, records = a.skip-n, records[n:]
	for len(records) >= fcgi.HeaderLen {
		h, err := fcgi.ParseHeader(records)
		if err != nil {
			return false
		}
		if h.Type == fcgi.TypeStdout && h.ContentLength > 0 {
			a.known, a.class = true, statusClass(records[fcgi.HeaderLen:min(fcgi.HeaderLen+int(h.ContentLength), len(records))])
			return true
		}
		n := min(h.Len(), len(records))
		a.skip, records = h.Len()-n, records[n:]
	}
	return false
}

var statusName = []byte("Status:")

// statusClass reads the status in the head of an answer, which b begins with.
func statusClass(b []byte) int {
	for len(b) > 0 && b[0] != '\r' && b[0] != '\n' {
		end := bytes.IndexByte(b, '\n')
		if end < 0 {
			end = len(b) - 1
		}
		if n := len(statusName); end > n && bytes.EqualFold(b[:n], statusName) {
			value := bytes.TrimLeft(b[n:end], " ")
			if len(value) == 0 || value[0] < '1' || value[0] > '5' {
				return 2 // the web server takes it for 200, too
			}
			return int(value[0] - '0')
		}
		b = b[end+1:]
	}
	return 2
}
