package httpfront

import (
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// statusClientGone is logged when a client left before there was a status; it is never sent. Source: nginx's 499.
const statusClientGone = 499

// accessLog writes one line per request.
//
// Concurrency: mu makes the lines of concurrent requests one Write each.
type accessLog struct {
	mu  sync.Mutex
	out io.Writer
}

func newAccessLog(out io.Writer) *accessLog { return &accessLog{out: out} }

func (l *accessLog) write(r *http.Request, who peer, a *answer, started, ended time.Time) {
	if l.out == nil {
		return
	}
	status := a.status
	if status == 0 {
		status = statusClientGone
	}
	bytes := a.bytes
	if r.Method == http.MethodHead {
		bytes = 0
	}
	user, _, _ := r.BasicAuth()
	line := appendAccess(nil, access{
		addr: who.addr, user: user, request: r.Method + " " + r.RequestURI + " " + r.Proto, referer: r.Referer(), agent: r.UserAgent(),
		status: status, bytes: bytes, started: started, took: ended.Sub(started),
	})
	l.mu.Lock()
	defer l.mu.Unlock()
	l.out.Write(line) // a full disk must not stop the site, and there is nobody to tell
}

// access is what one line says.
type access struct {
	addr, user, request, referer, agent string

	status  int
	bytes   int64
	started time.Time
	took    time.Duration
}

// appendAccess appends the combined format, with nginx's escapes, and the duration in seconds.
func appendAccess(dst []byte, a access) []byte {
	dst = appendEscaped(dst, orDash(a.addr))
	dst = append(dst, " - "...)
	dst = appendEscaped(dst, orDash(a.user))
	dst = append(dst, a.started.Format(" [02/Jan/2006:15:04:05 -0700] \"")...)
	dst = append(appendEscaped(dst, a.request), "\" "...)
	dst = append(strconv.AppendInt(dst, int64(a.status), 10), ' ')
	dst = append(strconv.AppendInt(dst, a.bytes, 10), " \""...)
	dst = append(appendEscaped(dst, orDash(a.referer)), "\" \""...)
	dst = append(appendEscaped(dst, orDash(a.agent)), "\" "...)
	return append(strconv.AppendFloat(dst, a.took.Seconds(), 'f', 3, 64), '\n')
}

func orDash(s string) string { return orDefault(s, "-") }

// appendEscaped appends s so that it can't leave its field: quotes, backslashes and everything that is not printable ASCII
// become \xXX.
func appendEscaped(dst []byte, s string) []byte {
	const hex = "0123456789ABCDEF"
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= 0x7f || c == '"' || c == '\\' {
			dst = append(dst, '\\', 'x', hex[c>>4], hex[c&15])
		} else {
			dst = append(dst, c)
		}
	}
	return dst
}
