package config

import (
	"fmt"
	"path/filepath"
)

func (r *reader) checkHTTP(at []string, p *Pool, g *Global) {
	if p.HTTP.Listen == "" && r.sound(at, "listen") {
		r.fail(below(at, "listen"), "is missing", `write listen = "127.0.0.1:8080"`)
	}
	r.checkSocketDir(below(at, "listen"), p.HTTP.Listen, g)
	if !r.sound(at, "root") {
		return
	}
	if p.HTTP.Root == "" {
		r.fail(below(at, "root"), "is missing", `write root = "/var/www/html"`)
		return
	}
	if f := r.sys.blocked(p.HTTP.Root, p.RunAs); f != nil {
		r.failWith(below(at, "root"), f)
	}
}

// blocked says what keeps an account (nil: us) from a site's directory, and what helps. nil: nothing does.
func (s System) blocked(dir string, as *Account) *fault {
	where := s.Enter(dir, as)
	if where == "" {
		return nil
	}
	who := "Howdah"
	if as != nil {
		who = as.Name
		if who == "" {
			who = fmt.Sprintf("user %d", as.UID)
		}
	}
	mode := ""
	if f, err := s.Stat(where); err == nil {
		mode = fmt.Sprintf(" (mode %04o, owner %d)", uint32(f.Mode), f.UID)
	}
	if where == filepath.Clean(dir) {
		return &fault{fmt.Sprintf("%s cannot read %s%s", who, where, mode), "chmod o+rx " + where}
	}
	text := fmt.Sprintf("%s cannot enter %s%s, which is on the way to %s", who, where, mode, dir)
	if as == nil {
		return &fault{text, "chmod o+x " + where + ", or move the site, for example to /var/www"}
	}
	hint := fmt.Sprintf("setfacl -m u:%d:x %s, or chmod o+x %s, or move the site, for example to /var/www", as.UID, where, where)
	return &fault{text, hint}
}
