package e2e

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// browser is an HTTP client of one Unix socket.
type browser struct {
	t      *testing.T
	socket string
	client *http.Client
}

// newBrowser makes a client with kept connections and a limit of 30 s for a request.
func newBrowser(t *testing.T, socket string) *browser {
	t.Helper()
	transport := &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network(socket), socket)
		},
		MaxIdleConnsPerHost: 1024,
		DisableCompression:  true,
	}
	t.Cleanup(transport.CloseIdleConnections)
	return &browser{t: t, socket: socket, client: &http.Client{
		Transport:     transport,
		Timeout:       30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// page is an answer with its whole body.
type page struct {
	status int
	header http.Header
	body   string
	took   time.Duration
}

// try sends a request. An error is one of the transport or an answer that was cut short.
func (b *browser) try(method, path string, body io.Reader, header ...string) (page, error) {
	req, err := http.NewRequest(method, "http://example.test"+path, body)
	if err != nil {
		return page{}, err
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	start := time.Now()
	res, err := b.client.Do(req)
	if err != nil {
		return page{took: time.Since(start)}, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	return page{res.StatusCode, res.Header, string(text), time.Since(start)}, err
}

// get fetches a page; a failure of the transport fails the test.
func (b *browser) get(path string, header ...string) page {
	b.t.Helper()
	p, err := b.try("GET", path, nil, header...)
	if err != nil {
		b.t.Fatalf("GET %s: %v", path, err)
	}
	return p
}

// post sends a body.
func (b *browser) post(path, contentType, body string) page {
	b.t.Helper()
	p, err := b.try("POST", path, strings.NewReader(body), "Content-Type", contentType)
	if err != nil {
		b.t.Fatalf("POST %s: %v", path, err)
	}
	return p
}

// wantPage fetches a page and checks its status and its whole body.
func (b *browser) wantPage(path string, status int, body string) page {
	b.t.Helper()
	p := b.get(path)
	if p.status != status || p.body != body {
		b.t.Errorf("GET %s = %d %.300q, want %d %q", path, p.status, p.body, status, body)
	}
	return p
}

// pending is a request that somebody waits for elsewhere.
type pending struct {
	page
	err  error
	done chan struct{}
}

// start sends a request without waiting; result waits.
func (b *browser) start(path string) *pending {
	p := &pending{done: make(chan struct{})}
	go func() {
		defer close(p.done)
		p.page, p.err = b.try("GET", path, nil)
	}()
	b.t.Cleanup(func() { <-p.done })
	return p
}

func (p *pending) result(t *testing.T) page {
	t.Helper()
	select {
	case <-p.done:
	case <-time.After(30 * time.Second):
		t.Fatal("no answer after 30 s")
	}
	if p.err != nil {
		t.Fatalf("request failed: %v", p.err)
	}
	return p.page
}

// answer is an HTTP response as it came over the wire, for comparisons that must see every byte.
type answer struct {
	status string   // "HTTP/1.1 200 OK"
	header []string // in order, as sent
	body   string   // without the chunked coding
}

// exchange writes a raw request, which must ask for Connection: close, and reads the answer to its end.
// network is the kind of address: a path is a Unix socket.
func network(address string) string {
	if strings.HasPrefix(address, "/") {
		return "unix"
	}
	return "tcp"
}

func exchange(socket, request string, limit time.Duration) (answer, error) {
	c, err := net.Dial(network(socket), socket)
	if err != nil {
		return answer{}, err
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(limit)); err != nil {
		return answer{}, err
	}
	go io.Copy(c, strings.NewReader(request)) // an error shows in the answer; ends with c
	var raw bytes.Buffer
	if _, err := io.Copy(&raw, c); err != nil {
		return answer{}, fmt.Errorf("after %d bytes of answer: %w", raw.Len(), err)
	}
	return parseAnswer(raw.Bytes(), strings.HasPrefix(request, "HEAD "))
}

func parseAnswer(raw []byte, head bool) (answer, error) {
	top, rest, found := bytes.Cut(raw, []byte("\r\n\r\n"))
	if !found {
		return answer{}, fmt.Errorf("no end of the header in %.200q", raw)
	}
	lines := strings.Split(string(top), "\r\n")
	a := answer{status: lines[0], header: lines[1:], body: string(rest)}
	if head {
		return a, nil
	}
	res, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(raw)), nil)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return answer{}, fmt.Errorf("body cut after %d bytes: %w", len(body), err)
	}
	a.body = string(body)
	return a, nil
}
