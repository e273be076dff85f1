package fpmconf

import (
	"os"
	"strings"
	"testing"
)

// The .tt files are what php-fpm 8.2.36 -n -tt printed of the .conf files beside them, without times, levels, notices and last lines.
func TestTheDumpIsThatOfPHPFPM(t *testing.T) {
	for _, name := range []string{"small", "pools"} {
		text, err := os.ReadFile("testdata/" + name + ".tt")
		if err != nil {
			t.Fatal(err)
		}
		loaded, _ := Load("testdata/"+name+".conf", Options{System: machine()})
		want := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
		got := loaded.Dump()
		for i := range max(len(got), len(want)) {
			g, w := "", ""
			if i < len(got) {
				g = got[i]
			}
			if i < len(want) {
				w = want[i]
			}
			if g != w {
				t.Errorf("%s, line %d: %q, want %q", name, i+1, g, w)
			}
		}
	}
}
