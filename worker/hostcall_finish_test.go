package worker

import (
	"strings"
	"testing"
)

const (
	mark0 = "<howdah:finish:TOKEN:0>\n"
	mark1 = "<howdah:finish:TOKEN:1>\n"
)

// scan feeds a stream in pieces, cut at the offsets, and tells all that came out.
func scan(stream string, cuts ...int) (text string, mark FinishMark) {
	s := NewFinishScanner("TOKEN")
	from := 0
	for _, to := range append(cuts, len(stream)) {
		out, m := s.Next([]byte(stream[from:to]))
		text += string(out)
		if mark == NoMark {
			mark = m
		}
		from = to
	}
	return text + string(s.End()), mark
}

func TestTheFinishMarkIsFoundHoweverTheStreamIsCut(t *testing.T) {
	for _, test := range []struct {
		stream, text string
		mark         FinishMark
	}{
		{"", "", NoMark},
		{"PHP Notice:  x\n", "PHP Notice:  x\n", NoMark},
		{mark0, "", Finished},
		{mark1, "", FinishedNUL},
		{"before\n" + mark1 + "after\n", "before\nafter\n", FinishedNUL},
		{mark0 + mark1, "", Finished},
		{"<<howdah:" + mark0, "<<howdah:", Finished},
		{"<howdah:finish:TOKEN:2>\n", "<howdah:finish:TOKEN:2>\n", NoMark},
		{"<howdah:finish:OTHER:1>\n", "<howdah:finish:OTHER:1>\n", NoMark},
		{"<howdah:finish:TOKEN:1>x", "<howdah:finish:TOKEN:1>x", NoMark},
		{"<howdah:finish:TOKEN:1", "<howdah:finish:TOKEN:1", NoMark},
		{"<howdah:finish:TOK" + mark1, "<howdah:finish:TOK", FinishedNUL},
		{strings.Repeat("<", 100) + mark0, strings.Repeat("<", 100), Finished},
	} {
		for a := range len(test.stream) + 1 {
			for b := a; b <= len(test.stream); b++ {
				if text, mark := scan(test.stream, a, b); text != test.text || mark != test.mark {
					t.Fatalf("%q cut at %d and %d: text %q, mark %v; want %q, %v", test.stream, a, b, text, mark, test.text, test.mark)
				}
			}
		}
	}
}

func TestTheFinishScannerHoldsBackLessThanAMark(t *testing.T) {
	s := NewFinishScanner("TOKEN")
	out := 0
	in := 0
	for i := range 10_000 {
		piece := []byte(strings.Repeat("<howdah:finish:TOKEN:", 1+i%3)[:1+i%50%21])
		in += len(piece)
		text, _ := s.Next(piece)
		out += len(text)
		if in-out >= len(mark0) {
			t.Fatalf("%d bytes are held back", in-out)
		}
	}
}

func TestTextWithoutAMarkIsPassedOnWithoutACopy(t *testing.T) {
	s := NewFinishScanner("TOKEN")
	piece := []byte("PHP Warning:  something in /srv/x.php on line 3\n")
	if n := testing.AllocsPerRun(100, func() { s.Next(piece) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzFinishScanner(f *testing.F) {
	f.Add("a\n"+mark1+"b", uint16(3), uint16(9))
	f.Add("<howdah:finish:TOKEN:"+mark0, uint16(20), uint16(22))
	f.Fuzz(func(t *testing.T, stream string, a, b uint16) {
		first, second := int(a)%(len(stream)+1), int(b)%(len(stream)+1)
		wholeText, wholeMark := scan(stream)
		if text, mark := scan(stream, min(first, second), max(first, second)); text != wholeText || mark != wholeMark {
			t.Errorf("%q: whole %q %v, cut at %d and %d %q %v", stream, wholeText, wholeMark, first, second, text, mark)
		}
		if want := strings.NewReplacer(mark0, "", mark1, "").Replace(stream); wholeText != want {
			t.Errorf("%q: text %q, want %q", stream, wholeText, want)
		}
	})
}

const finishScript = `<?php
	if (isset($_SERVER['BUFFER'])) { ob_start(); }
	if (isset($_SERVER['KEEP'])) { ob_start(null, 0, 0); }
	if (isset($_SERVER['HEAD'])) { header('X-A: b'); http_response_code(201); }
	error_log('logged', 4);
	echo $_SERVER['SAY'] ?? '';
	$r = [fastcgi_finish_request(), fastcgi_finish_request(), ob_get_level(), headers_sent(), connection_status()];
	error_log('later', 4);
	if (isset($_SERVER['MORE'])) { echo str_repeat('x', 20000); }
	\Howdah\Internal\call('result', json_encode($r));`

func TestFastcgiFinishRequestMarksItsPlaceInTheOutput(t *testing.T) {
	asUsers(t, func(t *testing.T, u *User) {
		dir := site(t, map[string]string{"finish.php": finishScript})
		z := startZygote(t, u, func(s *ZygoteSpec) { s.Values = []Setting{{"output_buffering", "0"}} })
		c := dial(t, z)
		for _, test := range []struct {
			name, method string
			params       []string
			stdout       string
			mark         FinishMark
			result       string
		}{
			{"output", "GET", []string{"SAY", "hello"}, "\r\n\r\nhello", Finished, "[true,false,0,true,0]"},
			{"a buffer", "GET", []string{"SAY", "hello", "BUFFER", "1"}, "\r\n\r\nhello", Finished, "[true,false,0,true,0]"},
			{"no output", "GET", []string{"HEAD", "1"}, "\r\n\r\n\x00", FinishedNUL, "[true,false,0,true,0]"},
			{"an empty buffer", "GET", []string{"BUFFER", "1"}, "\r\n\r\n\x00", FinishedNUL, "[true,false,0,true,0]"},
			{"HEAD", "HEAD", nil, "\r\n\r\n", FinishedNUL, "[true,false,0,true,0]"},
			{"a buffer that stays", "GET", []string{"SAY", "hello", "KEEP", "1"}, "\r\n\r\nhello", NoMark, "[false,false,1,false,0]"},
			{"much more output", "GET", []string{"SAY", "hello", "MORE", "1"}, "\r\n\r\nhello", Finished, "[true,false,0,true,0]"},
		} {
			a := c.do(test.method, dir+"/finish.php", "", test.params...)
			stdout := a.beforeMark
			if test.mark == NoMark {
				stdout = a.stdout
			}
			if !strings.HasSuffix(string(stdout), test.stdout) {
				t.Errorf("%s: STDOUT before the mark is %q", test.name, stdout)
			}
			s := NewFinishScanner(z.Token())
			text, mark := s.Next(a.stderr)
			if mark != test.mark || string(text) != "logged\nlater\n" {
				t.Errorf("%s: mark %v in STDERR %q", test.name, mark, a.stderr)
			}
			if got := messages(t, z); len(got) != 1 || !strings.HasSuffix(got[0].text, "result\x00"+test.result) {
				t.Errorf("%s: the function returned %.200v", test.name, got)
			}
		}
	})
}

func TestFinishingGoesOnWorkingAfterAnOpcacheReset(t *testing.T) {
	needPHP(t)
	dir := site(t, map[string]string{"reset.php": `<?php opcache_reset();`, "finish.php": finishScript})
	z := startZygote(t, nil, nil)
	c := dial(t, z)
	for range 5 {
		c.get(dir + "/reset.php")
		a := c.get(dir+"/finish.php", "SAY", "x")
		if _, mark := NewFinishScanner(z.Token()).Next(a.stderr); mark != Finished {
			t.Fatalf("STDERR %q, STDOUT %q", a.stderr, a.stdout)
		}
	}
}
