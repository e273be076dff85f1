package httpfront

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"howdah/internal/fcgi"
)

var scripts = map[string]string{"x.php": "", "y.php": ""}

func TestAnswerKeepsStatusFieldsAndBody(t *testing.T) {
	s := serveSite(t, scripts, Config{}, func(c *call) {
		c.finish("Status: 404 Not Found\r\nContent-Type: text/html; charset=iso-8859-1\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nX-Accel-Redirect: /y\r\n\r\nmiss")
	})
	got := s.get("/x.php")
	s.want(got, 404, "miss")
	if c := got.header.Values("Set-Cookie"); len(c) != 2 || c[0] != "a=1" || c[1] != "b=2" {
		t.Errorf("cookies: %q", c)
	}
	if got.header.Get("Content-Type") != "text/html; charset=iso-8859-1" || got.header.Get("X-Accel-Redirect") != "/y" {
		t.Errorf("header: %q", got.header)
	}
	if got.header.Get("Content-Length") != "4" {
		t.Errorf("a small answer goes out at once, with its length: %q", got.header)
	}
}

func TestHeaderMayArriveInAnyPieces(t *testing.T) {
	answer := "Content-Type: text/plain\r\nX-A: b\r\n\r\nbody"
	s := serveSite(t, scripts, Config{}, func(c *call) {
		for i := range len(answer) {
			c.stdout(answer[i : i+1])
		}
	})
	got := s.get("/x.php")
	s.want(got, 200, "body")
	if got.header.Get("X-A") != "b" {
		t.Errorf("header: %q", got.header)
	}
}

func TestScriptWithoutContentTypeGetsNone(t *testing.T) {
	s := serveSite(t, scripts, Config{}, func(c *call) { c.stdout("X-A: b\r\n\r\n<html>") })
	if got := s.get("/x.php"); got.header.Values("Content-Type") != nil {
		t.Errorf("Content-Type: %q", got.header.Values("Content-Type"))
	}
}

func TestRedirectGoesToTheClient(t *testing.T) {
	for _, location := range []string{"/x", "https://example.org/y?z", "../relative"} {
		s := serveSite(t, scripts, Config{}, func(c *call) { c.stdout("Location: " + location + "\r\n\r\n") })
		if got := s.get("/x.php"); got.status != 302 || got.header.Get("Location") != location {
			t.Errorf("%s: %d to %q", location, got.status, got.header.Get("Location"))
		}
	}
}

func TestAnswerWithoutBodyStaysWithoutBody(t *testing.T) {
	s := serveSite(t, scripts, Config{}, func(c *call) {
		c.stdout("Status: " + c.params["QUERY_STRING"] + "\r\nContent-Type: text/plain\r\n\r\nno such body")
	})
	conn := s.connect()
	defer conn.Close()
	r := bufio.NewReader(conn)
	for _, status := range []int{204, 304, 200} { // on one connection: nothing of a body may be left on it
		fmt.Fprintf(conn, "GET /x.php?%d HTTP/1.1\r\nHost: x\r\n\r\n", status)
		got := s.readReply(r)
		if want := map[int]string{200: "no such body"}[status]; got.status != status || got.body != want {
			t.Errorf("%d: got %d %q", status, got.status, got.body)
		}
	}
	got := s.do("HEAD", "/x.php?200", nil)
	s.want(got, 200, "")
	if got.header.Get("Content-Type") != "text/plain" {
		t.Errorf("HEAD: %q", got.header)
	}
}

func TestOutputIsStreamedAsItComes(t *testing.T) {
	seen := make(chan struct{})
	s := serveSite(t, scripts, Config{}, func(c *call) {
		c.stdout("Content-Type: text/plain\r\n\r\n")
		for i := range 3 {
			c.stdout(fmt.Sprintf("part %d\n", i))
			<-seen // the next part is written only when the client has this one
		}
	})
	res, err := s.client.Get("http://" + s.addr + "/x.php")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	r := bufio.NewReader(res.Body)
	for i := range 3 {
		if line, err := r.ReadString('\n'); line != fmt.Sprintf("part %d\n", i) {
			t.Errorf("got %q, %v", line, err)
		}
		seen <- struct{}{}
	}
	if rest, err := io.ReadAll(r); len(rest) > 0 || err != nil {
		t.Errorf("then %q, %v", rest, err)
	}
}

func TestBodyIsStreamedWhileTheAnswerComes(t *testing.T) {
	s := serveSite(t, scripts, Config{}, func(c *call) {
		c.stdout("Content-Type: text/plain\r\n\r\n")
		lines := bufio.NewScanner(c.stdin)
		for lines.Scan() {
			c.stdout("echo " + lines.Text() + "\n")
		}
	})
	body, feed := io.Pipe()
	req, err := http.NewRequest("POST", "http://"+s.addr+"/x.php", body)
	if err != nil {
		t.Fatal(err)
	}
	res, err := s.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	r := bufio.NewReader(res.Body)
	for i := range 3 {
		fmt.Fprintf(feed, "line %d\n", i)
		if line, err := r.ReadString('\n'); line != fmt.Sprintf("echo line %d\n", i) {
			t.Errorf("got %q, %v", line, err)
		}
	}
	feed.Close()
	if rest, err := io.ReadAll(r); len(rest) > 0 || err != nil {
		t.Errorf("then %q, %v", rest, err)
	}
}

// bodyCount answers with what is known and what came of a body.
func bodyCount(c *call) {
	n, err := io.Copy(io.Discard, c.stdin)
	if err != nil {
		c.hangUp()
		return
	}
	length, known := c.params["CONTENT_LENGTH"]
	c.stdout(fmt.Sprintf("\r\n%s %v %d", length, known, n))
}

func TestBodiesOfAllKindsArriveWhole(t *testing.T) {
	s := serveSite(t, scripts, Config{}, bodyCount)
	big := strings.Repeat("x", 3<<20)
	s.want(s.do("POST", "/x.php", strings.NewReader("hello")), 200, "5 true 5")
	s.want(s.do("POST", "/x.php", strings.NewReader(big)), 200, fmt.Sprintf("%d true %d", len(big), len(big)))
	s.want(s.do("POST", "/x.php", io.MultiReader(strings.NewReader(big))), 200, fmt.Sprintf(" false %d", len(big)))
	s.want(s.do("POST", "/x.php", http.NoBody), 200, "0 true 0")
	s.want(s.get("/x.php"), 200, " true 0")
	s.want(s.do("PUT", "/x.php", strings.NewReader("hello"), "Expect: 100-continue"), 200, "5 true 5")
}

func TestConnectionsIntoThePoolAreKept(t *testing.T) {
	r := newResponder(t, bodyCount)
	s := serveWith(t, Config{Root: makeTree(t, scripts)}, r.dial)
	for range 10 {
		s.want(s.get("/x.php"), 200, " true 0")
		s.want(s.do("POST", "/x.php", strings.NewReader("hello")), 200, "5 true 5")
	}
	if n := r.conns.Load(); n != 1 {
		t.Errorf("%d connections for requests one after the other", n)
	}
}

func TestKeptConnectionThatWasClosedMeanwhileIsReplaced(t *testing.T) {
	r := newResponder(t, bodyCount)
	s := serveWith(t, Config{Root: makeTree(t, scripts)}, r.dial)
	s.want(s.get("/x.php"), 200, " true 0")
	r.hangUp()
	s.want(s.get("/x.php"), 200, " true 0")
	if n := r.conns.Load(); n != 2 {
		t.Errorf("%d connections", n)
	}
}

// brokenConn takes some bytes and then fails. It does not implement syscall.Conn, so that it passes for alive.
type brokenConn struct {
	net.Conn
	takes int
}

func (c *brokenConn) Write(b []byte) (int, error) {
	return min(c.takes, len(b)), errors.New("broken pipe")
}
func (c *brokenConn) Close() error { return nil }

func TestRequestIsSentAgainOnlyIfItsParamsNeverLeft(t *testing.T) {
	head := []byte("head of a request")
	for _, c := range []struct {
		takes int
		again bool
	}{{0, true}, {9, true}, {10, false}, {len(head), false}} {
		dialled := 0
		up := newClient(func(context.Context) (net.Conn, error) {
			dialled++
			a, b := net.Pipe()
			go io.Copy(io.Discard, b)
			t.Cleanup(func() { b.Close() })
			return a, nil
		})
		up.put(newLink(&brokenConn{takes: c.takes}))
		l, err := up.ask(t.Context(), head, 10)
		if l != nil {
			l.close()
		}
		if again := dialled == 1; again != c.again || (err == nil) != c.again || (err != nil && !errors.Is(err, errUnreachable)) {
			t.Errorf("%d bytes taken: dialled %d times, %v", c.takes, dialled, err)
		}
	}
}

func TestRequestThatWasSentIsNeverSentAgain(t *testing.T) {
	var calls atomic.Int64
	s := serveSite(t, scripts, Config{}, func(c *call) {
		if calls.Add(1) > 1 {
			io.Copy(io.Discard, c.stdin)
			c.hangUp()
			return
		}
		c.stdout("\r\nfirst")
	})
	s.want(s.get("/x.php"), 200, "first")
	s.want(s.get("/x.php"), 502, "Bad Gateway\n") // on the kept connection
	if n := calls.Load(); n != 2 {
		t.Errorf("the script ran %d times for 2 requests", n)
	}
}

func TestAnswerThatIsNoneIsABadGateway(t *testing.T) {
	for name, c := range map[string]struct {
		answer func(*call)
		status int
		log    string
	}{
		"nothing":     {func(c *call) {}, 502, "ends before its header"},
		"half":        {func(c *call) { c.stdout("Content-Type: text/plain\r\n") }, 502, "ends before its header"},
		"garbage":     {func(c *call) { c.stdout("garbage\r\n\r\n") }, 502, "no colon"},
		"interim":     {func(c *call) { c.stdout("Status: 103 Early Hints\r\n\r\n") }, 502, "not a final status"},
		"endless":     {func(c *call) { c.stdout("A: " + strings.Repeat("x", 70<<10)) }, 502, "longer than 65536"},
		"long":        {func(c *call) { c.stdout("A: " + strings.Repeat("x", 70<<10) + "\r\n\r\n") }, 502, "longer than 65536"},
		"hang-up":     {func(c *call) { c.hangUp() }, 502, "EOF"},
		"overload":    {func(c *call) { c.end(fcgi.StatusOverloaded) }, 503, "protocol status 2"},
		"no FastCGI":  {func(c *call) { c.conn.Write([]byte("HTTP/1.1 200 OK\r\n\r\n")) }, 502, "not FastCGI"},
		"other type":  {func(c *call) { c.conn.Write(fcgi.AppendHeader(nil, fcgi.TypeParams, 1, 0, 0)) }, 502, "record of type 4"},
		"other id":    {func(c *call) { c.conn.Write(fcgi.AppendStream(nil, fcgi.TypeStdout, 2, []byte("\r\n"))) }, 502, "for request 2"},
		"short end":   {func(c *call) { c.conn.Write(fcgi.AppendHeader(nil, fcgi.TypeEndRequest, 1, 0, 0)) }, 502, "shorter"},
		"cut request": {func(c *call) { c.conn.Write([]byte{1, fcgi.TypeStdout, 0, 1, 0, 9, 0, 0, 'x'}); c.hangUp() }, 502, "unexpected EOF"},
	} {
		s := serveSite(t, scripts, Config{}, c.answer)
		got := s.get("/x.php?q")
		if got.status != c.status {
			t.Errorf("%s: %d %q", name, got.status, got.body)
		}
		if log := s.log.String(); !strings.Contains(log, c.log) || !strings.Contains(log, "/x.php?q") || strings.Count(log, "\n") != 1 {
			t.Errorf("%s: log %q", name, log)
		}
		if after := got.header.Get("Retry-After"); (after != "") != (c.status == 503) {
			t.Errorf("%s: Retry-After %q", name, after)
		}
	}
}

func TestAnswerThatBreaksOffIsNotTakenForWhole(t *testing.T) {
	s := serveSite(t, scripts, Config{}, func(c *call) {
		c.stdout("Content-Type: text/plain\r\n\r\nhalf")
		c.hangUp()
	})
	res, err := s.client.Get("http://" + s.addr + "/x.php")
	if err != nil {
		return // the connection broke off before the header: fine too
	}
	defer res.Body.Close()
	if body, err := io.ReadAll(res.Body); err == nil {
		t.Errorf("half an answer arrived as a whole one: %q", body)
	}
}

func TestUnreachablePoolIsUnavailable(t *testing.T) {
	s := serveWith(t, Config{Root: makeTree(t, scripts)}, func(context.Context) (net.Conn, error) {
		return nil, errors.New("socketpair: too many open files")
	})
	got := s.get("/x.php")
	if got.status != 503 || got.header.Get("Retry-After") == "" || !strings.Contains(s.log.String(), "too many open files") {
		t.Errorf("got %d %q; log %s", got.status, got.header, s.log)
	}
}

func TestWhatPHPSaysGoesToTheLogByLine(t *testing.T) {
	s := serveSite(t, scripts, Config{}, func(c *call) {
		c.stderr("PHP Warning:  first\nPHP War")
		c.stdout("\r\nbody")
		c.stderr("ning:  second\n\nPHP Notice:  third")
	})
	s.want(s.get("/x.php"), 200, "body")
	log := s.log.String()
	for _, text := range []string{"PHP Warning:  first", "PHP Warning:  second", "PHP Notice:  third"} {
		if !strings.Contains(log, `FastCGI sent in stderr: \"`+text+`\"`) {
			t.Errorf("%s is missing in %s", text, log)
		}
	}
	if strings.Count(log, "\n") != 3 {
		t.Errorf("log: %s", log)
	}
}

func TestPoolThatLogsByItselfIsNotRepeated(t *testing.T) {
	s := serveSite(t, scripts, Config{MuteStderr: true}, func(c *call) {
		c.stderr("PHP Warning:  first\n")
		c.stdout("\r\nbody")
	})
	s.want(s.get("/x.php"), 200, "body")
	if log := s.log.String(); log != "" {
		t.Errorf("log: %s", log)
	}
}

func TestMoreThanContentLengthIsDropped(t *testing.T) {
	s := serveSite(t, scripts, Config{}, func(c *call) { c.stdout("Content-Length: 4\r\n\r\nbodyANDMORE") })
	s.want(s.get("/x.php"), 200, "body")
	s.want(s.get("/x.php"), 200, "body")
}

func TestClientThatLeavesEndsTheRequest(t *testing.T) {
	started, ended := make(chan struct{}), make(chan error)
	s := serveSite(t, scripts, Config{}, func(c *call) {
		c.stdout("Content-Type: text/plain\r\n\r\nstarted")
		close(started)
		_, err := c.conn.Read(make([]byte, 1)) // what a pool sees of an abort: the end of the connection
		ended <- err
		c.hangUp()
	})
	conn := s.connect()
	io.WriteString(conn, "GET /x.php HTTP/1.1\r\nHost: x\r\n\r\n")
	<-started
	conn.Close()
	if err := <-ended; !errors.Is(err, io.EOF) && !errors.Is(err, os.ErrClosed) && err == nil {
		t.Errorf("the pool's connection: %v", err)
	}
}

func TestClientThatLeavesInItsBodyIsNotAWholeRequest(t *testing.T) {
	got := make(chan error)
	s := serveSite(t, scripts, Config{}, func(c *call) {
		_, err := io.Copy(io.Discard, c.stdin)
		got <- err
		c.hangUp()
	})
	conn := s.connect()
	io.WriteString(conn, "POST /x.php HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")
	conn.Close()
	if err := <-got; err == nil {
		t.Error("the pool took half a body for a whole one")
	}
}

func TestAnswerBeforeTheBodyEndsTheConnection(t *testing.T) {
	s := serveSite(t, scripts, Config{}, func(c *call) {
		c.stdout("Status: 503 Busy\r\n\r\nbusy")
		c.end(fcgi.StatusRequestComplete)
		c.hungUp = true
	})
	conn := s.connect()
	defer conn.Close()
	io.WriteString(conn, "POST /x.php HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")
	r := bufio.NewReader(conn)
	got := s.readReply(r)
	s.want(got, 503, "busy")
	if !got.close {
		t.Error("the connection was to stay")
	}
	if _, err := r.ReadByte(); err != io.EOF {
		t.Errorf("then: %v", err)
	}
}

func TestPoolThatHangsUpInTheBodyIsABadGateway(t *testing.T) {
	s := serveSite(t, scripts, Config{}, func(c *call) { c.hangUp() })
	for _, unread := range []string{"half", strings.Repeat("x", 99)} {
		got := s.raw("POST /x.php HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n" + unread)
		if got.status != 502 || !got.close {
			t.Errorf("got %d, closes %v", got.status, got.close)
		}
	}
}

func TestManyRequestsAtOnceEachGetTheirOwnAnswer(t *testing.T) {
	s := serveSite(t, scripts, Config{}, func(c *call) {
		body, _ := io.ReadAll(c.stdin)
		c.stdout("Content-Type: text/plain\r\n\r\n" + c.params["QUERY_STRING"] + " " + string(body))
	})
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			for j := range 10 {
				want := fmt.Sprintf("%d.%d", i, j)
				res, err := s.client.Post("http://"+s.addr+"/x.php?"+want, "text/plain", strings.NewReader(want))
				if err != nil {
					t.Error(err)
					return
				}
				body, err := io.ReadAll(res.Body)
				res.Body.Close()
				if string(body) != want+" "+want {
					t.Errorf("%s: %q, %v", want, body, err)
				}
			}
		})
	}
	all.Wait()
}
