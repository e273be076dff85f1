package httpfront

import (
	"errors"
	"slices"
	"testing"
)

func TestPathIsCutAtItsSlashesBeforeItIsDecoded(t *testing.T) {
	for _, c := range []struct {
		path     string
		segments []string
		slash    bool
	}{
		{"/", nil, true},
		{"/a/b.css", []string{"a", "b.css"}, false},
		{"/a/b/", []string{"a", "b"}, true},
		{"//a///b", []string{"a", "b"}, false},
		{"/a%20b/%C3%A9", []string{"a b", "é"}, false},
		{"/a%2Fb", []string{"a/b"}, false},
		{"/a%252e", []string{"a%2e"}, false},
		{"/...", []string{"..."}, false},
	} {
		p, err := parsePath(c.path)
		if err != nil || !slices.Equal(p.segments, c.segments) || p.slash != c.slash {
			t.Errorf("parsePath(%q) = %q, %v, %v", c.path, p.segments, p.slash, err)
		}
	}
}

func TestPathThatClimbsOrHidesBytesIsMalformed(t *testing.T) {
	for _, path := range []string{
		"", "*", "a", "/../x", "/a/../../x", "/a/..", "/.", "/a/./b", "/%2e%2e/x", "/%2E/x", "/a%2f..%2fb", "/a%5c..%5cb", `/a\..\b`,
		"/a%00.css", "/%zz", "/a%", "/x.php/%2e%2e/y",
	} {
		if p, err := parsePath(path); !errors.Is(err, errBadPath) {
			t.Errorf("parsePath(%q) = %q, %v", path, p.segments, err)
		}
	}
}

func TestDirectoryPathNeverLooksLikeAHost(t *testing.T) {
	for path, want := range map[string]string{
		"/a":              "/a/",
		"//example.org":   "/example.org/",
		"/a%20b/c%3Fd":    "/a%20b/c%3Fd/",
		"/%5Cexample.org": "/%5Cexample.org/",
	} {
		p, err := parsePath(path)
		if got := p.directory(); err != nil || got != want {
			t.Errorf("directory of %q is %q, want %q (%v)", path, got, want, err)
		}
	}
}
