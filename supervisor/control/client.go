package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"syscall"
	"time"
)

// lookPatience bounds a request that only looks: the server gives a stuck loop a second.
const lookPatience = 10 * time.Second

// Client speaks to the Howdah behind one control socket.
//
// Errors: of all methods: *Failure if the service refused or failed, *UnreachableError if none answers.
type Client struct {
	socket string
	http   http.Client
}

// UnreachableError says that no Howdah answers at a control socket, and why that may be.
type UnreachableError struct {
	Socket string
	Err    error
}

func (e *UnreachableError) Error() string {
	why := ""
	switch {
	case errors.Is(e.Err, fs.ErrNotExist):
		why = "it is not running, or its socket is elsewhere (-c pool.toml or --socket PATH says where)"
	case errors.Is(e.Err, syscall.ECONNREFUSED):
		why = "it ended without removing its socket"
	case errors.Is(e.Err, fs.ErrPermission):
		return fmt.Sprintf("may not use %s: it is for root, howdah's user and the members of its group (control_group)", e.Socket)
	default:
		why = e.Err.Error()
	}
	return fmt.Sprintf("no howdah answers at %s: %s", e.Socket, why)
}

func (e *UnreachableError) Unwrap() error { return e.Err }

// NewClient makes a client of the Howdah at socket. It connects when it is asked something.
func NewClient(socket string) *Client {
	c := &Client{socket: socket}
	c.http.Transport = &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", socket)
		},
	}
	return c
}

// Close closes the connections that are kept.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Status asks for everything there is to see; of one pool, unless pool is "".
func (c *Client) Status(ctx context.Context, pool string) (Status, error) {
	ctx, cancel := context.WithTimeout(ctx, lookPatience)
	defer cancel()
	return call[Status](ctx, c, "GET", "/v1/status", query("pool", pool), nil)
}

// Reload has the configuration put in force and waits for the end of that.
func (c *Client) Reload(ctx context.Context) (Reload, error) {
	return call[Reload](ctx, c, "POST", "/v1/reload", nil, nil)
}

// Stop has the service end and waits for that.
func (c *Client) Stop(ctx context.Context, now bool) (Stopped, error) {
	return call[Stopped](ctx, c, "POST", "/v1/stop", nil, StopRequest{Now: now})
}

// Recycle ends workers between requests.
func (c *Client) Recycle(ctx context.Context, which RecycleRequest) (Recycled, error) {
	return call[Recycled](ctx, c, "POST", "/v1/recycle", nil, which)
}

// Pause gives a pool's PHP no more requests; mode "" is the server's choice.
func (c *Client) Pause(ctx context.Context, pool, mode string) (Pool, error) {
	return call[Pool](ctx, c, "POST", "/v1/pools/"+url.PathEscape(pool)+"/pause", nil, PauseRequest{Mode: mode})
}

// Resume ends a pause.
func (c *Client) Resume(ctx context.Context, pool string) (Pool, error) {
	return call[Pool](ctx, c, "POST", "/v1/pools/"+url.PathEscape(pool)+"/resume", nil, nil)
}

// Profile writes a profile of the service to out.
func (c *Client) Profile(ctx context.Context, out io.Writer, name string, span time.Duration, text bool) error {
	params := query("seconds", strconv.FormatFloat(span.Seconds(), 'f', -1, 64))
	if text {
		params.Set("text", "1")
	}
	r, err := c.send(ctx, "GET", "/v1/debug/pprof/"+url.PathEscape(name), params, nil)
	if err != nil {
		return err
	}
	defer r.Body.Close()
	_, err = io.Copy(out, r.Body)
	return err
}

// Trace asks where PHP is.
func (c *Client) Trace(ctx context.Context, which TraceRequest) (Trace, error) {
	ctx, cancel := context.WithTimeout(ctx, lookPatience)
	defer cancel()
	params := query("pool", which.Pool, "depth", strconv.Itoa(which.Depth))
	if which.PID != 0 {
		params.Set("pid", strconv.Itoa(which.PID))
	}
	return call[Trace](ctx, c, "GET", "/v1/trace", params, nil)
}

// SetLog changes what is logged.
func (c *Client) SetLog(ctx context.Context, change Log) (Log, error) {
	return call[Log](ctx, c, "PUT", "/v1/log", nil, change)
}

// query makes the parameters of a request: names and values in turn, without those that are empty.
func query(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			v.Set(pairs[i], pairs[i+1])
		}
	}
	return v
}

// call makes one request and reads the answer into a T.
func call[T any](ctx context.Context, c *Client, method, path string, params url.Values, body any) (answer T, err error) {
	r, err := c.send(ctx, method, path, params, body)
	if err != nil {
		return answer, err
	}
	defer r.Body.Close()
	if err := json.NewDecoder(r.Body).Decode(&answer); err != nil {
		return answer, fmt.Errorf("the answer from %s was cut off: %w", c.socket, err)
	}
	return answer, nil
}

// send makes one request. The answer is one of success.
func (c *Client) send(ctx context.Context, method, path string, params url.Values, body any) (*http.Response, error) {
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		content = bytes.NewReader(text)
	}
	u := ""
	if len(params) > 0 {
		u = "?" + params.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://howdah"+path+u, content)
	if err != nil {
		return nil, err
	}
	r, err := c.http.Do(req)
	var unreached *net.OpError
	switch {
	case errors.As(err, &unreached) && unreached.Op == "dial":
		return nil, &UnreachableError{Socket: c.socket, Err: err}
	case err != nil:
		var wrapped *url.Error
		if errors.As(err, &wrapped) {
			err = wrapped.Err
		}
		return nil, fmt.Errorf("howdah at %s gave no answer: %w", c.socket, err)
	case r.StatusCode == http.StatusOK:
		return r, nil
	}
	defer r.Body.Close()
	failure := &Failure{}
	if err := json.NewDecoder(r.Body).Decode(failure); err != nil || failure.Text == "" {
		return nil, fmt.Errorf("howdah at %s answered %s", c.socket, r.Status)
	}
	return nil, failure
}
