package config

import "fmt"

// rootWorkers is php-fpm's refusal (fpm_unix.c), which operators know.
const rootWorkers = "please specify user and group other than root"

// checkIdentity finds out who the workers of p are. As in php-fpm user and group count for root only, and root needs them.
func (r *reader) checkIdentity(at []string, p *Pool) {
	if !r.sys.root() {
		p.User, p.Group = "", ""
		if p.ProcessPriority != nil {
			r.notice("[pool %s] process_priority is ignored when Howdah is not running as root", p.Name)
			p.ProcessPriority = nil
		}
		return
	}
	if !r.sound(at, "user") || !r.sound(at, "group") {
		return
	}
	if p.User == "" {
		if !r.sys.AllowRoot {
			r.fail(below(at, "user"), rootWorkers, `write user = "www-data"`)
		}
		return
	}
	account, err := r.sys.User(p.User)
	if err != nil {
		r.fail(below(at, "user"), fmt.Sprintf("there is no user %q", p.User), noUser)
	}
	if p.Group != "" {
		gid, e := r.sys.Group(p.Group)
		if e != nil {
			r.fail(below(at, "group"), fmt.Sprintf("there is no group %q", p.Group), noGroup)
			return
		}
		account.GID = gid
	}
	if err != nil {
		return
	}
	if !r.sys.AllowRoot && account.UID == 0 {
		r.fail(below(at, "user"), rootWorkers, "")
		return
	}
	if !r.sys.AllowRoot && account.GID == 0 {
		r.fail(below(at, "group"), rootWorkers, "")
		return
	}
	account.Groups = append(account.Groups[:len(account.Groups):len(account.Groups)], account.GID) // initgroups(3)
	p.RunAs = &account
}
