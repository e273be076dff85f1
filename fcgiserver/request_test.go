package fcgiserver

import (
	"strings"
	"testing"

	"howdah/internal/fcgi"
)

// sentParams is the variables of a request as PHP gets it, name=value, and its body.
func sentParams(t *testing.T, wire string) (all []string, body string) {
	t.Helper()
	for r := fcgi.NewReader(strings.NewReader(wire)); ; {
		h, content, err := r.Next()
		switch {
		case err != nil:
			return all, body
		case h.Type == fcgi.TypeStdin:
			body += string(content)
		case h.Type == fcgi.TypeParams:
			for len(content) > 0 {
				name, value, rest, err := fcgi.NextPair(content)
				if err != nil {
					t.Errorf("a pair is cut by the end of its record: %v", err)
					return all, body
				}
				all, content = append(all, string(name)+"="+string(value)), rest
			}
		}
	}
}

func TestContentLengthIsWhatArrived(t *testing.T) {
	f := startFront(t, nil)
	c := f.client()
	for _, k := range []struct {
		length string // "-": none
		body   string
		want   string
	}{
		{"-", "", "-"}, // fact 18 and edge 2: without a body all stays as it came
		{"", "", ""},
		{"0", "", "0"},
		{"4", "", "0"},
		{"-", "body", "4"},
		{"", "body", "4"},
		{"4", "body", "4"},
		{"3", "body", "4"},
		{"5", "body", "4"},
		{"nonsense", "body", "4"},
		{"nonsense", "", "0"},
		{"-1", "", "0"},
		{"99999999999999999999", "body", "4"},
		{"4", strings.Repeat("b", 70000), "70000"},   // of several records
		{"-", strings.Repeat("b", 300000), "300000"}, // in a file
	} {
		var pairs []string
		if k.length != "-" {
			pairs = []string{"CONTENT_LENGTH", k.length}
		}
		c.send(records{}.post(1, 1, f.script(), k.body, pairs...))
		j := f.wantJob()
		all, body := sentParams(t, j.wire)
		got := "-"
		for _, v := range all {
			if rest, ok := strings.CutPrefix(v, "CONTENT_LENGTH="); ok {
				got = rest
			}
		}
		if got != k.want {
			t.Errorf("CONTENT_LENGTH %q with %d bytes of body became %q, want %q", k.length, len(k.body), got, k.want)
		}
		if j.file == nil && body != k.body || j.file != nil && (j.size != int64(len(k.body)) || body != "") {
			t.Errorf("a body of %d bytes became %d, and %d in a file", len(k.body), len(body), j.size)
		}
		j.end("")
		c.wantAnswer(1, "")
	}
}

func TestVariablesAreCutIntoRecordsAnew(t *testing.T) {
	f := startFront(t, nil)
	c := f.client()
	long := strings.Repeat("v", 40000)
	stream := pairStream("SCRIPT_FILENAME", f.script(), "REQUEST_METHOD", "GET", "A", long, "B", long, "C", long, "D", "short", "A", "last")
	b := records{}.begin(1, 1)
	for len(stream) > 0 { // wherever a client cuts them
		n := min(777, len(stream))
		b = b.raw(4, 1, string(stream[:n]), n%8)
		stream = stream[n:]
	}
	c.send(b.end(4, 1).stdin(1, ""))
	all, _ := sentParams(t, f.wantJob().wire)
	if got := strings.Join(all, " "); got != strings.Join([]string{"SCRIPT_FILENAME=" + f.script(), "REQUEST_METHOD=GET", "A=last", "B=" + long, "C=" + long, "D=short"}, " ") {
		t.Errorf("PHP gets %.300q", got)
	}
}

func TestAVariableThatPHPCannotTakeIsRefused(t *testing.T) {
	f := startFront(t, nil)
	c := f.client()
	c.send(records{}.get(1, 1, f.script(), "HTTP_COOKIE", strings.Repeat("c", fcgi.MaxContent)))
	if a := c.answer(); !strings.HasPrefix(a.stdout, "Status: 400 Bad Request\r\n") {
		t.Errorf("answer %.100q", a.stdout)
	}
	f.wantLog("HTTP_COOKIE")
	f.wantNoJob()
	c.wantOpen()
}

func TestTheClientsProxyHeaderIsKeptFromPHP(t *testing.T) {
	f := startFront(t, nil)
	c := f.client()
	c.send(records{}.get(1, 1, f.script(), "HTTP_PROXY", "http://evil", "HTTP_PROXY_CONNECTION", "keep"))
	all, _ := sentParams(t, f.wantJob().wire)
	if got := strings.Join(all, " "); strings.Contains(got, "evil") || !strings.Contains(got, "HTTP_PROXY_CONNECTION=keep") {
		t.Errorf("PHP gets %q", got)
	}
}

func TestALogLineNamesTheScriptAndTheRequestAsPHPFPMDoes(t *testing.T) {
	f := startFront(t, nil)
	c := f.client()
	for _, k := range []struct {
		pairs []string
		line  string
	}{
		{[]string{"SCRIPT_FILENAME", f.script()}, "GET /x.php"},
		{[]string{"SCRIPT_FILENAME", f.script(), "QUERY_STRING", "a=b"}, "GET /x.php?a=b"},
		{[]string{"SCRIPT_FILENAME", f.script() + "/info", "SCRIPT_NAME", "/x.php/info", "PATH_INFO", "/x.php/info"}, "GET /x.php"},
		{[]string{"SCRIPT_FILENAME", "proxy:fcgi://localhost" + f.script() + "/info?q", "SCRIPT_NAME", "/x.php/info"}, "GET /x.php"},
		{[]string{"SCRIPT_FILENAME", f.script(), "REQUEST_METHOD", "POST", "REQUEST_URI", "/pretty"}, "POST /x.php"},
	} {
		c.send(records{}.get(1, 1, "", k.pairs...))
		j := f.wantJob()
		want(t, j.script+" "+j.line, f.script()+" "+k.line)
		j.end("")
		c.wantAnswer(1, "")
	}
}

func TestTheIDOfTheClientIsTheIDForPHP(t *testing.T) {
	f := startFront(t, nil)
	c := f.client()
	for _, id := range []uint16{1, 2, 255, 256, 65535} {
		c.send(records{}.post(id, 1, f.script(), "body"))
		j := f.wantJob()
		if j.id != id || !strings.HasPrefix(j.wire, string(records{}.begin(id, 1))) {
			t.Errorf("request %d became %d, %q", id, j.id, j.wire[:16])
		}
		j.end("")
		c.wantAnswer(id, "")
	}
}
