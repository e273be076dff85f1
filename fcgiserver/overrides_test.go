package fcgiserver

import (
	"net/netip"
	"testing"
)

// overridden is what the upstream finds of a request's settings.
type overridden struct{ values, admin string }

func TestOverridesCountOverTCPOnlyFromANamedClient(t *testing.T) {
	here := netip.MustParsePrefix("127.0.0.1/32")
	for _, c := range []struct {
		name    string
		clients []netip.Prefix
		want    overridden
		logged  string
	}{
		{"everybody may connect", nil, overridden{}, "listen_allowed_clients does not name"},
		{"the client is named", []netip.Prefix{here}, overridden{"a=1", "b=2"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := startFront(t, nil)
			got := make(chan overridden, 1)
			f.submit = func(r *Request) Ticket {
				values, admin := r.Overrides()
				got <- overridden{string(values), string(admin)}
				r.End(answered(r.RequestID(), ""))
				return nil
			}
			l := f.listen("127.0.0.1:0")
			spec := l.spec
			spec.AllowedClients = c.clients
			if err := l.Apply(spec); err != nil {
				t.Fatal(err)
			}
			cl := f.dial(l)
			cl.send(records{}.get(1, 1, f.script(), "PHP_VALUE", "a=1", "PHP_ADMIN_VALUE", "b=2"))
			cl.wantAnswer(1, "")
			if o := <-got; o != c.want {
				t.Errorf("%q, want %q", o, c.want)
			}
			if c.logged != "" {
				f.wantLog(c.logged)
			}
		})
	}
}

func TestAnAdminValueNeedsAScriptWhereItHolds(t *testing.T) {
	f := startFront(t, func(o *Options) { o.Guardable = func(string) bool { return false } })
	c := f.client()
	c.send(records{}.get(1, 1, f.script(), "PHP_VALUE", "a=1"))
	f.wantJob().end("page")
	c.wantAnswer(1, "page")
	c.send(records{}.get(1, 1, f.script(), "PHP_ADMIN_VALUE", "a=1"))
	if a := c.answer(); a.stderr == "" {
		t.Errorf("not refused: %+v", a)
	}
	f.wantNoJob()
}
