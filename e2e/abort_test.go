package e2e

import (
	"io"
	"testing"
	"time"
)

// beginAbort opens a page of abort.php, reads its beginning and goes away. It returns when the script has begun.
func (s *serving) beginAbort(query string, goAway bool) io.Closer {
	s.t.Helper()
	w := dialFastCGI(s.t, s.socket)
	w.send(requestBytes(s.t, 1, 0, "", s.sb.script("GET", "abort.php", param{"QUERY_STRING", query})...))
	if _, err := io.ReadFull(w, make([]byte, 200)); err != nil {
		s.t.Fatalf("the script has not begun: %v", err)
	}
	if goAway {
		w.Close()
	}
	return w
}

func TestScriptOfAGoneClientEndsAtItsNextWrite(t *testing.T) {
	s := serve(t, `pm_max_children = 1`)
	s.beginAbort("name=gone", true)
	if state := s.sb.wantWord(t, 5*time.Second, "gone.end"); state != "1" {
		t.Errorf("connection_status() is %s, want 1 (aborted)", state)
	}
	if exists(s.sb.path("scratch", "gone.after")) {
		t.Error("the script went on")
	}
	s.plain.wantPage("/hello.php", 200, "hello")
}

func TestScriptThatIgnoresItsGoneClientGoesOn(t *testing.T) {
	s := serve(t, `pm_max_children = 1`)
	s.beginAbort("name=stay&ignore&more=200", true)
	wantWithin(t, 10*time.Second, "the script at its end", func() bool { return exists(s.sb.path("scratch", "stay.after")) })
	if worker, _ := s.family(); worker == 0 {
		t.Error("no worker")
	}
	s.plain.wantPage("/hello.php", 200, "hello")
}

// nginx tells FastCGI by closing its connection.
func TestClientThatLeavesNginxLeavesPHP(t *testing.T) {
	s := serve(t, `pm_max_children = 1`)
	res, err := s.plain.client.Get("http://example.test/abort.php?name=left")
	if err != nil {
		t.Fatal(err)
	}
	io.ReadFull(res.Body, make([]byte, 10))
	res.Body.Close()
	wantWithin(t, 5*time.Second, "the script's end", func() bool { return exists(s.sb.path("scratch", "left.end")) })
	s.plain.wantPage("/hello.php", 200, "hello")
}

// The worker of a gone client lingers: it is neither killed nor given another request before it is done, and a worker that
// never ends holds its place only.
func TestWorkerOfAGoneClientLingersWithoutADeadline(t *testing.T) {
	s := serve(t, `pm_max_children = 2`)
	gate := s.sb.path("scratch", "linger")
	w := dialFastCGI(t, s.socket)
	w.send(requestBytes(t, 1, 0, "", s.sb.script("GET", "hold.php", param{"QUERY_STRING", "gate=linger"})...))
	pid := s.pidIn("linger")
	w.Close()
	for range 50 {
		if worker, _ := s.family(); worker == pid {
			t.Fatalf("worker %d got another request while its script runs", pid)
		}
	}
	if !alive(pid) {
		t.Error("the worker was ended although request_terminate_timeout is 0")
	}
	touch(gate)
	inside := s.hold("other") // holds one of the two
	wantWithin(t, 5*time.Second, "the other worker back", func() bool {
		p, err := s.plain.try("GET", "/hello.php", nil)
		return err == nil && p.status == 200
	})
	inside.finish()
}

func TestDescriptorsOfGoneClientsAreClosedWithinFourSeconds(t *testing.T) {
	s := serve(t, `pm_max_children = 4`)
	s.plain.wantPage("/hello.php", 200, "hello")
	before := openFiles(s.pid())
	var gone []io.Closer
	for range 3 { // silent scripts: nothing shows by a failed write
		w := dialFastCGI(t, s.socket)
		w.send(requestBytes(t, 1, 0, "", s.sb.script("GET", "hold.php", param{"QUERY_STRING", "gate=silent"})...))
		s.pidIn("silent")
		gone = append(gone, w)
	}
	for range 30 { // and connections that never said anything, or half a request
		w := dialFastCGI(t, s.socket)
		w.send(openRequest(t, 1, 0, s.sb.script("POST", "input.php", param{"CONTENT_LENGTH", "5"})...))
		gone = append(gone, w)
	}
	wantWithin(t, 5*time.Second, "the connections accepted", func() bool { return openFiles(s.pid()) >= before+33 })
	for _, w := range gone {
		w.Close()
	}
	wantWithin(t, 4*time.Second, "the descriptors closed", func() bool { return openFiles(s.pid()) <= before })
	touch(s.sb.path("scratch", "silent"))
}

func TestSilentScriptOfAGoneClientIsEndedAtTheDeadline(t *testing.T) {
	s := serve(t, `pm_max_children = 1`, `request_terminate_timeout = "2s"`)
	w := dialFastCGI(t, s.socket)
	w.send(requestBytes(t, 1, 0, "", s.sb.script("GET", "hold.php", param{"QUERY_STRING", "gate=lost"})...))
	s.pidIn("lost")
	w.Close()
	if p := s.plain.wantPage("/hello.php", 200, "hello"); p.took > 5*time.Second {
		t.Errorf("its worker came back after %v", p.took)
	}
}
