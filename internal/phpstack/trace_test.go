package phpstack

import (
	"slices"
	"testing"
)

func TestAScriptInNoFunctionHasALineOfItsOwn(t *testing.T) {
	main := Frame{Address: 0x10, File: "/srv/x.php", Line: 7}
	wait := Frame{Address: 0x7f06a7e15430, Function: "wait", Class: "Shop", File: "/srv/shop.php", Line: 3}
	for _, c := range []struct {
		stack Trace
		want  []string
	}{
		{Trace{main}, []string{"[0x0000000000000010] [INCLUDE_OR_EVAL]() /srv/x.php:7"}},
		{Trace{wait, main}, []string{"[0x00007f06a7e15430] Shop::wait() /srv/x.php:7"}},
		{Trace{}, nil},
	} {
		if got := c.stack.Lines(20); !slices.Equal(got, c.want) {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
