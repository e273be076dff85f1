package httpfront

import (
	"io"
	"net/http"
)

// answer is the response writer of one request. It remembers what was sent, for the access log and for those who must know
// whether a status can still be chosen.
type answer struct {
	http.ResponseWriter
	status int   // 0 until the header is sent
	bytes  int64 // of the body
}

// WriteHeader sends the header. Interim answers (1xx) are not the answer.
func (a *answer) WriteHeader(status int) {
	if a.status == 0 && status >= 200 {
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) Write(b []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	n, err := a.ResponseWriter.Write(b)
	a.bytes += int64(n)
	return n, err
}

// ReadFrom keeps the way from file to socket open for sendfile(2).
func (a *answer) ReadFrom(src io.Reader) (int64, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	n, err := io.Copy(a.ResponseWriter, src)
	a.bytes += n
	return n, err
}

// Unwrap lets http.ResponseController reach the connection: flush, deadlines, hijack.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }
