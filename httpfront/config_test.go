package httpfront

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestConfigNeedsOnlyARoot(t *testing.T) {
	c, err := Config{Root: t.TempDir()}.complete()
	if err != nil {
		t.Fatal(err)
	}
	if c.Log == nil || c.ServerSoftware == "" || len(c.Index) == 0 {
		t.Errorf("%+v", c)
	}
	if l := c.Limits; l.HeaderBytes <= 0 || l.BodyBytes <= 0 || l.HeaderTimeout <= 0 || l.BodyStall <= 0 || l.WriteStall <= 0 || l.IdleTimeout <= 0 || l.Connections <= 0 {
		t.Errorf("%+v", l)
	}
}

func TestConfigReportsAllProblemsTogether(t *testing.T) {
	file := filepath.Join(makeTree(t, map[string]string{"file": ""}), "file")
	_, err := New(Config{
		Root: file, Index: []string{"a/b.php", ".hidden", "index.phtml"}, Fallback: "index.php", FollowSymlinks: []string{"storage"}, Limits: Limits{HeaderBytes: 1 << 20},
	}, nil)
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{"not a directory", `"a/b.php"`, `".hidden"`, `"index.phtml" would be neither`, `"index.php"`, `"storage"`, "header limit"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%s is missing in:\n%v", want, err)
		}
	}
	if _, err := New(Config{}, nil); err == nil || !strings.Contains(err.Error(), "root: is not set") {
		t.Errorf("no root: %v", err)
	}
}
