package fcgiserver

import (
	"testing"
	"time"

	"howdah/internal/fcgi"
)

// headOnly is a request whose STDIN does not end.
func headOnly(f *front, flags uint8, pairs ...string) []byte {
	pairs = append([]string{"SCRIPT_FILENAME", f.script(), "REQUEST_METHOD", "GET", "SCRIPT_NAME", "/x.php"}, pairs...)
	return records{}.begin(1, flags).params(1, pairs...)
}

func TestARequestWithoutABodyIsAnsweredThoughItsSTDINNeverEnds(t *testing.T) {
	for _, pairs := range [][]string{nil, {"CONTENT_LENGTH", ""}, {"CONTENT_LENGTH", "0"}} {
		f := startFront(t, nil)
		c := f.client()
		c.send(headOnly(f, 0, pairs...))
		f.wantJob().end("page")
		c.wantAnswer(1, "page")
		c.wantClosed()
	}
}

func TestTheLateEndOfSTDINIsDropped(t *testing.T) {
	f := startFront(t, nil)
	c := f.client()
	c.send(headOnly(f, 1))
	j := f.wantJob()
	c.send(records{}.end(fcgi.TypeStdin, 1)) // while it runs
	j.end("one")
	c.wantAnswer(1, "one")
	c.send(headOnly(f, 1))
	f.wantJob().end("two")
	c.wantAnswer(1, "two")
	c.send(records{}.end(fcgi.TypeStdin, 1)) // after its answer
	c.send(records{}.post(1, 1, f.script(), "body", "CONTENT_LENGTH", "4"))
	f.wantJob().end("three")
	c.wantAnswer(1, "three")
	f.wantCounters(Counters{Connections: 1, Active: 1, Requests: 3, Reused: 2})
}

func TestABodyThatIsAnnouncedIsWaitedFor(t *testing.T) {
	for _, pairs := range [][]string{{"CONTENT_LENGTH", "4"}, {"CONTENT_LENGTH", "", "HTTP_TRANSFER_ENCODING", "chunked"}} {
		f := startFront(t, nil)
		c := f.client()
		c.send(headOnly(f, 1, pairs...))
		<-time.After(2 * bodyGrace) // longer than a request without a body waits
		f.wantNoJob()
		c.send(records{}.stdin(1, "body"))
		f.wantJob().end("got it")
		c.wantAnswer(1, "got it")
	}
}

func TestARefusedRoleEndsItsConnectionUnlessItIsToBeKept(t *testing.T) {
	f := startFront(t, nil)
	refused := fcgi.AppendEndRequest(nil, 1, 0, fcgi.StatusUnknownRole)
	c := f.client()
	c.send(fcgi.AppendBeginRequest(nil, 1, fcgi.RoleAuthorizer, 0))
	c.wantRecord(fcgi.TypeEndRequest, 1, string(refused[fcgi.HeaderLen:]))
	c.wantClosed()
	c = f.client()
	c.send(fcgi.AppendBeginRequest(nil, 1, fcgi.RoleAuthorizer, fcgi.FlagKeepConn))
	c.wantRecord(fcgi.TypeEndRequest, 1, string(refused[fcgi.HeaderLen:]))
	c.send(records{}.get(1, 0, f.script()))
	f.wantJob().end("page")
	c.wantAnswer(1, "page")
}

func TestACompleteAnswerThatNobodyReadsIsGivenUp(t *testing.T) {
	f := startFront(t, nil)
	f.on(func() { f.srv.flushing.SetDuration(50 * time.Millisecond) })
	c := f.client()
	c.send(records{}.get(1, 1, f.script()))
	j := f.wantJob()
	j.fill()
	j.end("")
	for !eventually(func() bool { return f.stats().Unread == 1 }) {
		t.Fatal("the connection is still there")
	}
	f.wantLog("read nothing of its answer")
}
