package fcgiserver

import (
	"fmt"
	"testing"
)

// withPages gives the front two pages, which say how they were asked.
func withPages(o *Options) {
	page := func(name string) Page {
		return func(query string, head bool) (string, []byte) {
			return "X-Page: " + name + "\r\n", fmt.Appendf(nil, "%s %s %v", name, query, head)
		}
	}
	o.Pages = map[string]Page{"/status": page("status"), "/ping": page("ping")}
}

func TestAPageIsAnsweredWithoutTheUpstream(t *testing.T) {
	f := startFront(t, withPages)
	const head = "X-Powered-By: PHP/8\r\nX-Page: "
	for _, c := range []struct {
		request records
		stdout  string
	}{
		{records{}.get(1, 0, "/no/such/file", "SCRIPT_NAME", "/status", "QUERY_STRING", "full"), head + "status\r\n\r\nstatus full false"},
		{records{}.get(1, 0, f.script(), "SCRIPT_NAME", "/ping"), head + "ping\r\n\r\nping  false"},
		{records{}.get(1, 0, "", "SCRIPT_NAME", "/ping"), head + "ping\r\n\r\nping  false"},
		{records{}.get(1, 0, "/x", "SCRIPT_NAME", "/ping", "REQUEST_METHOD", "HEAD"), head + "ping\r\n\r\n"},
		{records{}.post(1, 0, "/x", "body", "SCRIPT_NAME", "/ping", "REQUEST_METHOD", "POST"), head + "ping\r\n\r\nping  false"},
		{records{}.begin(1, 0).params(1, "PATH_TRANSLATED", "/x", "SCRIPT_NAME", "/ping", "REQUEST_METHOD", "GET").stdin(1, ""), head + "ping\r\n\r\nping  false"},
	} {
		if got, want := string(f.rawAnswer(c.request)), ownAnswer(1, "", c.stdout); got != want {
			t.Errorf("answered %q, want %q", got, want)
		}
	}
	f.wantNoJob()
}

func TestWhatIsNotQuiteAPageIsNone(t *testing.T) {
	f := startFront(t, withPages)
	for _, name := range []string{"/status/", "/status/x", "/Status", "/xstatus", "", "/"} {
		c := f.client()
		c.send(records{}.get(1, 0, f.script(), "SCRIPT_NAME", name))
		f.wantJob().end("php")
		c.wantAnswer(1, "php")
	}
	notFound := ownAnswer(1, "Primary script unknown", "Status: 404 Not Found\r\nX-Powered-By: PHP/8\r\nContent-type: text/html; charset=UTF-8\r\n\r\nFile not found.\n")
	if got := string(f.rawAnswer(records{}.begin(1, 0).params(1, "SCRIPT_NAME", "/ping", "REQUEST_METHOD", "GET").stdin(1, ""))); got != notFound {
		t.Errorf("without SCRIPT_FILENAME: %q", got)
	}
}

func TestAListenerForPagesServesNothingElseAndHasItsOwnRoom(t *testing.T) {
	f := startFront(t, func(o *Options) {
		withPages(o)
		o.MaxConnections = 1
	})
	l, pages := f.listen(""), mustListen(t, ListenSpec{Address: t.TempDir() + "/pages"})
	f.on(func() {
		if err := f.srv.ListenForPages(pages); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() { f.on(func() { f.srv.Unlisten(pages) }) })
	f.dial(l).wantOpen()
	waits := f.dial(l)
	waits.send(records{}.get(1, 0, f.script()))
	f.wantNoJob()

	c := f.dial(pages)
	for range 3 { // on one connection, one after the other
		c.send(records{}.get(2, 1, f.script(), "SCRIPT_NAME", "/ping"))
		c.wantAnswer(2, "X-Powered-By: PHP/8\r\nX-Page: ping\r\n\r\nping  false")
	}
	c.send(records{}.get(2, 0, f.script()))
	c.wantRecord(7, 2, "Primary script unknown")
	var open []*client
	for range maxPageConns - 1 {
		open = append(open, f.dial(pages))
	}
	f.turn()
	for _, c := range open {
		c.wantOpen()
	}
	if got := f.stats(); got.Active != 1+len(open)+1 && got.Active != 1+len(open) {
		t.Errorf("%+v", got)
	}
	f.wantNoJob()
}

func TestTooManyConnectionsForPagesAreClosedAtOnce(t *testing.T) {
	f := startFront(t, withPages)
	pages := mustListen(t, ListenSpec{Address: "127.0.0.1:0"})
	f.on(func() {
		if err := f.srv.ListenForPages(pages); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() { f.on(func() { f.srv.Unlisten(pages) }) })
	for range maxPageConns {
		c := f.dial(pages)
		c.send(records{}.get(2, 1, f.script(), "SCRIPT_NAME", "/ping"))
		c.answer()
	}
	f.dial(pages).wantClosed()
	f.wantLog("64 connections for status and ping are open")
}
