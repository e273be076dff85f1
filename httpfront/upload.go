package httpfront

import (
	"errors"
	"io"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"howdah/internal/fcgi"
)

// bodyPiece is how much of a request body is read at a time, in bytes.
const bodyPiece = 32 << 10

// errInterrupted is the error for an upload that nobody waited for.
var errInterrupted = errors.New("the request was over before its body")

// upload streams one request body to the pool as STDIN, while the answer may already be coming.
//
// Concurrency: run has a goroutine of its own; finish is called once, by the request's.
type upload struct {
	link    *link
	control *http.ResponseController
	stall   time.Duration

	complete atomic.Bool // the body has arrived whole
	unwanted atomic.Bool // it is to stop
	done     chan error
}

// startUpload begins to send body on l. The caller must call finish.
func startUpload(l *link, control *http.ResponseController, body io.Reader, stall time.Duration) *upload {
	u := &upload{link: l, control: control, stall: stall, done: make(chan error, 1)}
	go func() { u.done <- u.run(body) }()
	return u
}

// run sends the body and STDIN's end. When the body breaks off it closes the connection, because the pool must not take what
// it has for the whole.
//
// Errors: *bodyError, errInterrupted, or the connection's.
func (u *upload) run(body io.Reader) error {
	buf := make([]byte, fcgi.HeaderLen+bodyPiece)
	for {
		armed := time.Now()
		u.control.SetReadDeadline(armed.Add(u.stall))
		if u.unwanted.Load() {
			return errInterrupted
		}
		n, err := body.Read(buf[fcgi.HeaderLen:])
		if n > 0 {
			fcgi.AppendHeader(buf[:0], fcgi.TypeStdin, requestID, n, 0)
			if _, err := u.link.conn.Write(buf[:fcgi.HeaderLen+n]); err != nil {
				return err
			}
		}
		if err == io.EOF {
			u.control.SetReadDeadline(time.Time{})
			u.complete.Store(true)
			_, err = u.link.conn.Write(fcgi.AppendHeader(nil, fcgi.TypeStdin, requestID, 0, 0))
			return err
		}
		if errors.Is(err, os.ErrDeadlineExceeded) && time.Since(armed) < u.stall {
			return errInterrupted // that was finish's deadline
		}
		if err != nil {
			u.link.close()
			return &bodyError{err}
		}
	}
}

// finish waits for run, which it stops if the body is still on its way. Then neither connection can be used again: the read
// deadline tells net/http so.
func (u *upload) finish() error {
	if u.complete.Load() {
		return <-u.done
	}
	u.unwanted.Store(true)
	u.control.SetReadDeadline(longAgo)
	u.link.close()
	err := <-u.done
	u.control.SetReadDeadline(longAgo) // again: run may just have set its own
	return err
}

// longAgo is a deadline that has passed.
var longAgo = time.Unix(1, 0)

// bodyError is the error for a request body that did not arrive whole.
type bodyError struct{ cause error }

func (e *bodyError) Error() string { return "request body: " + e.cause.Error() }
func (e *bodyError) Unwrap() error { return e.cause }

// status is what the client is told.
func (e *bodyError) status() int {
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(e.cause, &tooLarge):
		return http.StatusRequestEntityTooLarge
	case errors.Is(e.cause, os.ErrDeadlineExceeded):
		return http.StatusRequestTimeout
	}
	return http.StatusBadRequest
}
