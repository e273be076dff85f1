package e2e

import (
	"bytes"
	"fmt"
	"net"
	"testing"
	"time"

	"howdah/internal/fcgi"
)

// param is one FastCGI parameter. A list of them may hold a name twice.
type param struct{ name, value string }

// webServer is a FastCGI connection from which a test says what no real web server would.
type webServer struct {
	net.Conn
	t       *testing.T
	records *fcgi.Reader
}

// dialFastCGI connects to a pool's socket. Everything on the connection must happen within 30 s.
func dialFastCGI(t *testing.T, socket string) *webServer {
	t.Helper()
	c, err := net.Dial("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return &webServer{Conn: c, t: t, records: fcgi.NewReader(c)}
}

// send writes bytes.
func (w *webServer) send(b []byte) {
	w.t.Helper()
	if _, err := w.Write(b); err != nil {
		w.t.Fatalf("cannot send %d bytes: %v", len(b), err)
	}
}

// reply is what came back for one request.
type reply struct {
	stdout, stderr string
	ended          bool // END_REQUEST came
	status         uint8
}

// receive reads records until END_REQUEST or the end of the connection.
func (w *webServer) receive() (reply, error) {
	var out, errs bytes.Buffer
	for {
		h, content, err := w.records.Next()
		if err != nil {
			return reply{stdout: out.String(), stderr: errs.String()}, err
		}
		switch h.Type {
		case fcgi.TypeStdout:
			out.Write(content)
		case fcgi.TypeStderr:
			errs.Write(content)
		case fcgi.TypeEndRequest:
			end, err := fcgi.ParseEndRequest(content)
			return reply{out.String(), errs.String(), true, end.ProtocolStatus}, err
		default:
			return reply{}, fmt.Errorf("record of type %d from the server", h.Type)
		}
	}
}

// ask sends a request and reads the answer.
func (w *webServer) ask(flags uint8, body string, params ...param) reply {
	w.t.Helper()
	w.send(requestBytes(w.t, 1, flags, body, params...))
	r, err := w.receive()
	if err != nil {
		w.t.Fatalf("no answer: %v (stdout %.200q, stderr %.200q)", err, r.stdout, r.stderr)
	}
	return r
}

// requestBytes is a whole request: BEGIN, PARAMS, STDIN.
func requestBytes(t *testing.T, id uint16, flags uint8, body string, params ...param) []byte {
	t.Helper()
	b := openRequest(t, id, flags, params...)
	b = fcgi.AppendStream(b, fcgi.TypeStdin, id, []byte(body))
	return fcgi.AppendHeader(b, fcgi.TypeStdin, id, 0, 0)
}

// openRequest is a request without its body.
func openRequest(t *testing.T, id uint16, flags uint8, params ...param) []byte {
	t.Helper()
	w := fcgi.NewParamsWriter(fcgi.AppendBeginRequest(nil, id, fcgi.RoleResponder, flags), id)
	for _, p := range params {
		w.Add([]byte(p.name), []byte(p.value))
	}
	b, err := w.End()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// script is the least that a request for a page of the site needs.
func (sb *sandbox) script(method, name string, more ...param) []param {
	return append([]param{
		{"SCRIPT_FILENAME", sb.path("site", name)},
		{"SCRIPT_NAME", "/" + name},
		{"REQUEST_URI", "/" + name},
		{"DOCUMENT_ROOT", sb.path("site")},
		{"REQUEST_METHOD", method},
		{"QUERY_STRING", ""},
		{"SERVER_PROTOCOL", "HTTP/1.1"},
		{"GATEWAY_INTERFACE", "CGI/1.1"},
		{"SERVER_NAME", "example.test"},
		{"REMOTE_ADDR", "192.0.2.7"},
	}, more...)
}
