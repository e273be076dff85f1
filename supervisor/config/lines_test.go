package config

import (
	"slices"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
)

func TestEveryKeyHasItsLine(t *testing.T) {
	x := indexLines([]byte(`# a comment [not.a.table]
top = 1 # x = 2

[ global ] # [other]
a . b = """
fake = 1
\""" still"""
'q r' = [ # list
  "]", 'a#b',
  { in = 1 },
]
c = { d = 1, e.f = "}",
  g = [ [1], [2] ] }
"\u0061\"z" = 2024-01-01 10:00:00
s = ''' ' '' '''
last = ""
[[many]]
k = 1` + "\r\nl = 2\r\n[[many]]\nk = 3\n"))
	for path, want := range map[string]int{
		"top": 2, "global": 4, "global/a": 5, "global/a/b": 5, "global/q r": 8, "global/q r/3/in": 10, "global/c": 12, "global/c/e/f": 12,
		"global/c/g": 13, "global/a\"z": 14, "global/s": 15, "global/last": 16, "many": 17, "many/1": 17, "many/1/k": 18, "many/1/l": 19, "many/2": 20, "many/2/k": 21,
		"global/nothing": 4, "nothing": 1,
	} {
		if got := x.of(strings.Split(path, "/")); got != want {
			t.Errorf("%s is in line %d, want %d", path, got, want)
		}
	}
	for _, path := range []string{"fake", "x", "other", "not"} {
		if x.has([]string{path}) || x.has([]string{"global", path}) {
			t.Errorf("%s is no key", path)
		}
	}
}

// FuzzLines compares the index with the keys that the parser found.
func FuzzLines(f *testing.F) {
	f.Add("a.b = { c = [1, {d = 2}] }\n[x.'y z']\n\"\\u00e9\" = '''\n'''\n")
	f.Add("a = \"\"\"x\"\"\"\"\"\nb = 1\n[[t]]\nk=1")
	f.Add(string(MarshalExample()))
	f.Fuzz(func(t *testing.T, text string) {
		raw := map[string]any{}
		md, err := toml.Decode(text, &raw)
		x := indexLines([]byte(text)) // of anything: it must end
		if err != nil {
			return
		}
		found := map[string]bool{}
		for path := range x.places {
			found[withoutNumbers(strings.Split(path, "\x00"))] = true
		}
		for _, key := range md.Keys() {
			if !found[withoutNumbers(key)] {
				t.Errorf("no line for %s in %q", key, text)
			}
		}
		if n := strings.Count(text, "\n") + 1; len(x.places) > 0 {
			for path, at := range x.places {
				if at.line < 1 || at.line > n {
					t.Errorf("%q is in line %d of %d", path, at.line, n)
				}
			}
		}
	})
}

// withoutNumbers is a path as the parser has it: without the numbers of elements (and of keys that are numbers).
func withoutNumbers(path []string) string {
	return pathKey(slices.DeleteFunc(slices.Clone(path), isDigits))
}
