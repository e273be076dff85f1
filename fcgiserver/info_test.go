package fcgiserver

import (
	"testing"

	"howdah/internal/request"
)

func TestARequestTellsWhatItIs(t *testing.T) {
	p := &params{}
	c := &conn{srv: &Server{}}
	c.assembly.body.size = 5
	r := &Request{conn: c}
	if err := p.parse(pairStream("REQUEST_METHOD", "POST", "SCRIPT_FILENAME", "/srv/a.php/x", "SCRIPT_NAME", "/a.php/x", "PATH_INFO", "",
		"QUERY_STRING", "q=1", "HTTP_AUTHORIZATION", "Basic Ym9iOnNlY3JldA==", "CONTENT_LENGTH", "77")); err != nil {
		t.Fatal(err)
	}
	r.target, _ = p.target()
	file := r.target.name[:len("/srv/a.php")]
	p.fixPathInfo(r.target, file)
	r.setFields(p)
	r.fields.Script, r.file = file, string(file)
	want := request.Info{Method: "POST", URI: "/a.php/x", Query: "q=1", Script: "/srv/a.php", User: "bob", ContentLength: 5}
	if got := r.Info(); got != want {
		t.Errorf("it says %+v, want %+v", got, want)
	}
	var n request.Note
	if r.Note(&n); n.Info() != want {
		t.Errorf("it notes %+v, want %+v", n.Info(), want)
	}
	if script, line := r.Describe(); script != "/srv/a.php" || line != "POST /a.php/x?q=1" {
		t.Errorf("it is described as %q, %q", script, line)
	}
	r.reset()
	if got := r.Info(); got != (request.Info{}) {
		t.Errorf("after it: %+v", got)
	}
}
