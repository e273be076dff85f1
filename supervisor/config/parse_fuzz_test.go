package config

import (
	"errors"
	"testing"
)

// FuzzParse reads anything: it may not panic, each problem has a line, and what is accepted is complete and can be written out
// and read back.
func FuzzParse(f *testing.F) {
	f.Add(minimal)
	f.Add(string(MarshalExample()))
	f.Add(minimal + "pm.max_children = 5\nenv = { A = \"$PATH\" }\n[pool.www.http]\nlisten = \":8080\"\nroot = \"/srv\"\n")
	f.Add("[pool.www]\npm = dynamic\n")
	f.Add("pool = 1\nglobal = []\n[[x]]\n")
	f.Fuzz(func(t *testing.T, text string) {
		s := machine()
		c, err := s.Parse("pool.toml", []byte(text))
		var problems Problems
		if err != nil && !errors.As(err, &problems) {
			t.Fatalf("error is %T", err)
		}
		if err != nil && len(problems) == 0 {
			t.Fatal("an error without a problem")
		}
		for _, p := range problems {
			if p.Line < 1 || p.Text == "" {
				t.Errorf("problem without line or text: %+v", p)
			}
		}
		if err != nil {
			return
		}
		for _, p := range c.Pools {
			if p.PMMaxChildren < 1 || p.ClientListen == "" || p.RunAs == nil || p.Listen == "" && p.HTTP == nil && p.WebSocket == nil {
				t.Errorf("incomplete pool: %+v", p)
			}
		}
		again, err := s.Parse("effective", []byte(c.Effective()))
		if err != nil {
			t.Fatalf("%v\nin:\n%s", err, c.Effective())
		}
		if again.Effective() != c.Effective() {
			t.Errorf("got:\n%s\nwant:\n%s", again.Effective(), c.Effective())
		}
	})
}
