package supervisor

import (
	"errors"
	"strings"

	"howdah/fcgiserver"
	"howdah/supervisor/config"
)

func listenSpec(c config.Pool) fcgiserver.ListenSpec {
	return fcgiserver.ListenSpec{Address: c.Listen, Backlog: c.ListenBacklog, Owner: c.ListenOwner, Group: c.ListenGroup,
		Mode: c.ListenMode, ACLUsers: c.ListenACLUsers, ACLGroups: c.ListenACLGroups, AllowedClients: c.ListenAllowedClients}
}

// statusSpec is for the address of status and ping. Like php-fpm's it takes after the pool's own.
func statusSpec(c config.Pool) fcgiserver.ListenSpec {
	spec := listenSpec(c)
	spec.Address = c.PMStatusListen
	return spec
}

// doors are the FastCGI addresses of a pool.
type doors struct {
	main   *fcgiserver.Listener // nil: only HTTP
	status *fcgiserver.Listener // nil: none
}

// openDoors takes the addresses that c asks for, and keeps those of before that stay. before's configuration is was.
//
// Errors: an address cannot be had; then nothing new is held.
func (p *pool) openDoors(before doors, was, c config.Pool) (doors, error) {
	open := func(have *fcgiserver.Listener, address string, spec fcgiserver.ListenSpec) (*fcgiserver.Listener, error) {
		switch {
		case have != nil && address == spec.Address:
			return have, nil
		case spec.Address == "":
			return nil, nil
		}
		return p.service.inherited.Listen(spec)
	}
	var d doors
	var err error
	if d.main, err = open(before.main, was.Listen, listenSpec(c)); err != nil {
		return before, err
	}
	if d.status, err = open(before.status, was.PMStatusListen, statusSpec(c)); err != nil {
		p.closeNew(before, d)
		return before, err
	}
	return d, nil
}

// closeNew gives back what openDoors took and is not needed after all.
func (p *pool) closeNew(before, d doors) {
	if d.main != before.main && d.main != nil {
		_ = d.main.Close()
	}
	if d.status != before.status && d.status != nil {
		_ = d.status.Close()
	}
}

// putDoors puts d in the place of the doors that there are, with the settings of c.
func (p *pool) putDoors(d doors, c config.Pool) error {
	before := p.doors
	p.doors = d
	apply := func(before, now *fcgiserver.Listener, spec fcgiserver.ListenSpec) error {
		if now != nil && now == before {
			return now.Apply(spec)
		}
		p.shut(before)
		return nil
	}
	return errors.Join(apply(before.main, d.main, listenSpec(c)), apply(before.status, d.status, statusSpec(c)), p.answer(before))
}

// answer begins to accept at the doors that are not among those of before.
func (p *pool) answer(before doors) error {
	d := p.doors
	var main, status error
	err := p.loop.Call(func() {
		p.queue.counted = d.main
		if d.main != nil && d.main != before.main {
			main = p.front.Listen(d.main)
		}
		if d.status != nil && d.status != before.status {
			status = p.front.ListenForPages(d.status)
		}
	})
	return errors.Join(err, main, status)
}

// unlisten gives up the pool's FastCGI addresses.
func (p *pool) unlisten() {
	d := p.doors
	p.doors = doors{}
	p.shut(d.main)
	p.shut(d.status)
}

// shut gives up one address; nothing happens if l is nil.
func (p *pool) shut(l *fcgiserver.Listener) {
	if l == nil {
		return
	}
	if p.front != nil {
		_ = p.loop.Call(func() {
			p.front.Unlisten(l)
			if p.queue.counted == l {
				p.queue.counted = nil
			}
		})
	}
	p.service.warn(l.Close())
}

// listens names the pool's addresses for a log line.
func (p *pool) listens() string {
	var all []string
	if l := p.doors.main; l != nil {
		all = append(all, "listens on "+l.Address())
	}
	if p.http != nil {
		all = append(all, "serves http://"+p.http.address())
	}
	if a := p.sockets.address(); a != "" {
		all = append(all, "takes WebSockets on "+a)
	}
	if l := p.doors.status; l != nil {
		all = append(all, "tells its status on "+l.Address())
	}
	return strings.Join(all, ", ")
}
