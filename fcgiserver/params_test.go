package fcgiserver

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"howdah/internal/fcgi"
)

// listed is the variables that are to go to PHP, in their order, as name=value.
func listed(p *params) (all []string) {
	for _, v := range p.list {
		if !v.removed {
			all = append(all, string(v.name)+"="+string(v.value))
		}
	}
	return all
}

func TestOfDuplicatesTheLastValueCountsInTheFirstPlace(t *testing.T) {
	for _, c := range []struct{ in, want []string }{
		{nil, nil},
		{[]string{"A", "1", "B", "2"}, []string{"A=1", "B=2"}},
		{[]string{"A", "1", "B", "2", "A", "3"}, []string{"A=3", "B=2"}},
		{[]string{"A", "1", "A", "2", "A", "3"}, []string{"A=3"}},
		{[]string{"SCRIPT_FILENAME", "/good.php", "B", "2", "SCRIPT_FILENAME", "/evil"}, []string{"SCRIPT_FILENAME=/evil", "B=2"}},
		{[]string{"a", "1", "A", "2"}, []string{"a=1", "A=2"}},
		{[]string{"A", "1", "A ", "2", " A", "3", "A\x00", "4"}, []string{"A=1", "A =2", " A=3", "A\x00=4"}},
		{[]string{"", "1", "", "2", "A", ""}, []string{"=2", "A="}},
	} {
		var p params
		if err := p.parse(pairStream(c.in...)); err != nil {
			t.Error(err)
		}
		if got := listed(&p); !slices.Equal(got, c.want) {
			t.Errorf("%q became %q, want %q", c.in, got, c.want)
		}
	}
}

func TestKnownVariablesAreFoundAndAnEmptyOneIsNotAbsent(t *testing.T) {
	names := []string{"SCRIPT_FILENAME", "SCRIPT_NAME", "PATH_INFO", "PATH_TRANSLATED", "DOCUMENT_ROOT", "CONTENT_LENGTH",
		"REQUEST_METHOD", "REQUEST_URI", "QUERY_STRING", "REDIRECT_URL", "SERVER_SOFTWARE", "HTTP_AUTHORIZATION",
		"HTTP_TRANSFER_ENCODING", "REQUEST_BODY_FILE", "PHP_VALUE", "PHP_ADMIN_VALUE"}
	if len(names) != int(knownCount) {
		t.Fatalf("%d known names, the test has %d", knownCount, len(names))
	}
	for i, name := range names {
		k := known(i)
		var p params
		if _, ok := p.get(k); ok || p.str(k) != "" {
			t.Errorf("%s is there without a request", name)
		}
		if err := p.parse(pairStream("X", "1", name, "", "Y", "2")); err != nil {
			t.Fatal(err)
		}
		if v, ok := p.get(k); !ok || len(v) != 0 {
			t.Errorf("an empty %s is %q, %v", name, v, ok)
		}
		if err := p.parse(pairStream(name, "first", name, "last")); err != nil {
			t.Fatal(err)
		}
		if p.str(k) != "last" {
			t.Errorf("%s is %q", name, p.str(k))
		}
		p.remove(k)
		p.remove(k)
		if _, ok := p.get(k); ok || len(listed(&p)) != 0 {
			t.Errorf("%s is there after its removal: %q", name, listed(&p))
		}
		p.set([]byte(name), []byte("again"))
		if p.str(k) != "again" || !slices.Equal(listed(&p), []string{name + "=again"}) {
			t.Errorf("%s is %q when set again: %q", name, p.str(k), listed(&p))
		}
		if err := p.parse(nil); err != nil || len(p.list) != 0 {
			t.Errorf("a request without variables has %q", listed(&p))
		}
		if _, ok := p.get(k); ok {
			t.Errorf("%s of one request is there in the next", name)
		}
	}
}

func TestAsManyVariablesAsAllowedAreEachFound(t *testing.T) {
	var pairs []string
	for i := range maxParams {
		pairs = append(pairs, fmt.Sprint("NAME_", i), fmt.Sprint(i))
	}
	var p params
	if err := p.parse(pairStream(append(pairs, "NAME_7", "seven")...)); !errors.Is(err, errTooManyParams) {
		t.Errorf("one pair too many, though not one name: %v", err)
	}
	if err := p.parse(pairStream(append(pairs[2:], "NAME_7", "seven")...)); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"NAME_7": "seven"}
	for i := 2; i < len(pairs); i += 2 {
		if pairs[i] != "NAME_7" {
			want[pairs[i]] = pairs[i+1]
		}
	}
	got := map[string]string{}
	for _, v := range listed(&p) {
		name, value, _ := strings.Cut(v, "=")
		got[name] = value
	}
	if !maps.Equal(got, want) || len(p.list) != len(want) {
		t.Errorf("%d variables became %d", len(want), len(p.list))
	}
}

func TestTheSameNameAMillionTimesIsTooMany(t *testing.T) {
	b := make([]byte, 0, maxParamsBytes)
	for len(b)+4 <= maxParamsBytes {
		b = fcgi.AppendPair(b, "A", "1")
	}
	var p params
	if err := p.parse(b); !errors.Is(err, errTooManyParams) {
		t.Errorf("error %v", err)
	}
}

func TestBrokenParamsAreAnError(t *testing.T) {
	var p params
	for _, b := range []string{"\x01", "\x01\x01", "\x01\x01A", "\x80\x00\x00", "\xff\xff\xff\xff\xff\xff\xff\xff", "\x00\x80"} {
		if err := p.parse([]byte(b)); !errors.Is(err, fcgi.ErrTruncatedPair) {
			t.Errorf("%q: %v", b, err)
		}
	}
}

func FuzzParams(f *testing.F) {
	f.Add(pairStream("A", "1", "B", "2", "A", "3"))
	f.Add(pairStream("SCRIPT_FILENAME", "/x.php/y", "PATH_INFO", "/x.php/y", "SCRIPT_NAME", "/x.php", "DOCUMENT_ROOT", "/"))
	f.Add(pairStream("SCRIPT_FILENAME", "proxy:fcgi://h/x.php/y?q", "SCRIPT_NAME", "/x.php/y"))
	f.Add(pairStream("SCRIPT_FILENAME", "/php", "PATH_TRANSLATED", "/x.php/y", "REDIRECT_URL", "/x.php/y", "PATH_INFO", "/y"))
	f.Add(pairStream("SERVER_SOFTWARE", "Microsoft-IIS/10", "PATH_INFO", "/x.php", "SCRIPT_NAME", "/x.php", "SCRIPT_FILENAME", "/x.php"))
	f.Add([]byte("\x80\x00\x00\x01\x00A\x00\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		var p params
		if p.parse(b) != nil {
			return
		}
		values := map[string]string{}
		var order []string
		for rest := b; len(rest) > 0; {
			name, value, after, err := fcgi.NextPair(rest)
			if err != nil {
				t.Fatal("a broken pair was taken")
			}
			if _, ok := values[string(name)]; !ok {
				order = append(order, string(name))
			}
			values[string(name)], rest = string(value), after
		}
		for i, name := range order {
			order[i] += "=" + values[name]
		}
		if got := listed(&p); !slices.Equal(got, order) {
			t.Fatalf("%q became %q", order, got)
		}

		target, ok := p.target()
		if !ok {
			return
		}
		for _, file := range leadingParts(string(target.name)) { // whatever part of it turns out to be the script
			if err := p.parse(b); err != nil {
				t.Fatal(err)
			}
			target, _ := p.target()
			p.fixPathInfo(target, []byte(file))
			if got := p.str(scriptFilename); got != file {
				t.Fatalf("SCRIPT_FILENAME is %q, want %q", got, file)
			}
			names := map[string]bool{}
			for _, v := range p.list {
				if !v.removed && names[string(v.name)] {
					t.Fatalf("%s goes to PHP twice", v.name)
				}
				names[string(v.name)] = names[string(v.name)] || !v.removed
			}
			_, redirect := p.get(redirectURL)
			if translated, ok := p.get(pathTranslated); redirect && names["REDIRECT_URL"] && ok {
				t.Fatalf("php-cgi would run %q in place of %q", translated, file)
			}
		}
	})
}

// leadingParts are the parts of name before a slash, and name itself.
func leadingParts(name string) []string {
	parts := []string{name}
	for i := strings.LastIndexByte(name, '/'); i > 0 && len(parts) < 5; i = strings.LastIndexByte(name[:i], '/') {
		parts = append(parts, name[:i])
	}
	return parts
}
