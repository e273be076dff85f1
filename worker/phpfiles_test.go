package worker

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestWhatChangesOnDiskAfterPHPHasStartedIsNamed(t *testing.T) {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	put := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(path(name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"php-cgi", "php.ini", "10-a.ini", "20-b.ini"} {
		put(name, "one")
	}
	var f phpFiles
	f.noteFiles(path("php-cgi"), &PHPInfo{Files: []string{path("php.ini"), path("never-there.ini")}, ScanDirs: []string{dir}})
	f.noteLibraries(os.Getpid())
	want := func(names ...string) {
		t.Helper()
		for i := range names {
			names[i] = path(names[i])
		}
		slices.Sort(names)
		if got := f.newer(); !slices.Equal(got, names) {
			t.Errorf("newer: %q, want %q", got, names)
		}
	}
	want()
	put("10-a.ini", "three") // written into
	want("10-a.ini")
	put("new", "one")
	if err := os.Rename(path("new"), path("php-cgi")); err != nil { // replaced, as dpkg does
		t.Fatal(err)
	}
	put("30-c.ini", "come")
	put("notes.txt", "not PHP's")
	if err := os.Remove(path("20-b.ini")); err != nil {
		t.Fatal(err)
	}
	want("10-a.ini", "php-cgi", "20-b.ini", "30-c.ini")
}

func TestAZygoteKnowsTheFilesOfItsPHP(t *testing.T) {
	t.Parallel()
	p := startPHPPool(t, nil, nil, nil)
	p.get("pid.php")
	var z *Zygote
	p.do(func() { z = p.pool.serving.zygote })
	p.pool.Wait() // for the look at the libraries
	if newer := z.Newer(); len(newer) > 0 {
		t.Errorf("nothing has changed, but %q", newer)
	}
	if z.PHPVersion() == "" {
		t.Error("its version is unknown")
	}
	z.files.mu.Lock()
	defer z.files.mu.Unlock()
	if _, ok := z.files.stamps["/etc/php/8.2/cgi/php.ini"]; !ok && len(z.files.stamps) < 5 {
		t.Errorf("it watches only %v", z.files.stamps)
	}
	if !slices.ContainsFunc(slices.Collect(maps.Keys(z.files.stamps)), func(p string) bool { return filepath.Base(p) == "opcache.so" }) {
		t.Errorf("it does not watch its extensions: %v", z.files.stamps)
	}
}
