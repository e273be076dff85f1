package worker

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"time"
)

// A family is a pool and its sides. A side is a pool of its own for the requests that bring the same settings along, PHP_VALUE and
// PHP_ADMIN_VALUE: it has its own php-cgi, so that no setting of one site ever reaches another. Reload, drain, recycling and back-off
// are those of any pool. What the family shares are the limits: no more than pm_max_children are busy in all of it, no more
// than queue_max wait.
//
// The number of sides is limited: another ends the one that was not used for the longest time, when its requests are done. Until
// one has gone the new side is held: its requests wait.
type family struct {
	main    *Pool
	byKey   map[string]*Pool // the sides that take jobs
	members []*Pool          // main, then the sides by age, those that end included
	peak    int              // the most that waited at once
}

// sideIdle is how long a side may be unused and yet be carried on by a reload, or be started again by itself.
const sideIdle = 10 * time.Minute

// maxPlain is how many texts that set nothing are remembered, so that each is complained of once.
const maxPlain = 64

// SubmitWith is Submit for a job that brings settings along, the text of PHP_VALUE and PHP_ADMIN_VALUE.
func (p *Pool) SubmitWith(job Job, values, admin []byte) *Task {
	s, cause := p.side(values, admin)
	if s == nil {
		t := p.newTask(job)
		p.counters.Accepted++
		if cause == CauseAdminValue {
			t.fail(500, 0, cause)
		} else {
			p.refused(cause)
			t.fail(503, retryAfterFull, cause)
		}
		p.recycleTask(t)
		return t
	}
	s.used = p.loop.Now()
	return s.Submit(job)
}

// side returns the pool for jobs with these settings: p itself if there is none among them; nil, and why, if there can't be one.
func (p *Pool) side(values, admin []byte) (*Pool, Cause) {
	p.key = binary.AppendUvarint(p.key[:0], uint64(len(values)))
	p.key = append(append(p.key, values...), admin...)
	if f := p.family; f != nil && f.byKey[string(p.key)] != nil {
		return f.byKey[string(p.key)], ""
	}
	switch {
	case p.plain[string(p.key)]:
		return p, ""
	case p.stopping || p.opts.StartWith == nil:
		return nil, CauseUnavailable
	case p.crowd() >= p.opts.QueueMax:
		return nil, CauseQueueFull
	}
	o, problems, refusals := parseOverrides(string(values), string(admin), p.opts.Environment)
	if len(refusals) > 0 {
		p.log.Error(fmt.Sprintf("a request gets 500 and no script runs, since its PHP_ADMIN_VALUE cannot be in force: %s", strings.Join(refusals, "; ")))
		return nil, CauseAdminValue
	}
	for _, text := range problems {
		p.log.Error(text)
	}
	if o.Empty() {
		if p.plain == nil || len(p.plain) >= maxPlain {
			p.plain = map[string]bool{}
		}
		p.plain[string(p.key)] = true
		return p, ""
	}
	if p.family == nil {
		p.family = &family{main: p, byKey: map[string]*Pool{}, members: []*Pool{p}}
	}
	return p.family.add(string(p.key), o), ""
}

// add makes a side, and starts it as soon as there is room.
func (f *family) add(key string, o Overrides) *Pool {
	for _, s := range slices.Clone(f.members) {
		if s.held && s.queue.len == 0 { // who waited for it has gone
			f.end(s)
		}
	}
	m := f.main
	s := newPool(m.name, m.loop, m.log)
	s.family, s.counters, s.scratch = f, m.counters, m.scratch
	s.overrides, s.held, s.used = o, true, m.loop.Now()
	s.opts = f.options(s)
	s.queue.waits.SetDuration(s.opts.QueueTimeout)
	f.byKey[key] = s
	f.members = append(f.members, s)
	f.admit()
	return s
}

// options are those of the main pool, with a php-cgi that has the side's settings.
func (f *family) options(s *Pool) Options {
	o := f.main.opts
	start, overrides := o.StartWith, s.overrides
	o.Start = func(generation int) (*Zygote, error) { return start(generation, overrides) }
	o.Serving = nil
	return o
}

// admit starts the sides that are held, as far as there is room, and has others end for the rest.
func (f *family) admit() {
	running, leaving := 0, 0
	for _, s := range f.members[1:] {
		if s.stopping {
			leaving++
		}
		if !s.held {
			running++
		}
	}
	limit := max(f.main.opts.Sides, 1)
	for _, s := range slices.Clone(f.members[1:]) {
		switch {
		case !s.held || s.stopping:
		case running < limit:
			s.held = false
			running++
			f.main.log.Info(fmt.Sprintf("starting a php-cgi for requests that set %v (%d of at most %d at once)", s.overrides, running, limit))
			s.begin(&reload{opts: s.opts})
		case leaving > 0:
			leaving--
		default:
			f.evict()
		}
	}
}

// evict ends the side that was not used for the longest time, if possible one with nothing to do.
func (f *family) evict() {
	var oldest *Pool
	for _, s := range f.members[1:] {
		if s.held || s.stopping {
			continue
		}
		if oldest == nil || s.occupied() == oldest.occupied() && s.used < oldest.used || !s.occupied() && oldest.occupied() {
			oldest = s
		}
	}
	if oldest != nil {
		f.main.log.Info(fmt.Sprintf("ending the php-cgi for requests that set %v: php_value_sets allows no more at once", oldest.overrides))
		f.end(oldest)
	}
}

func (p *Pool) occupied() bool { return p.queue.len > 0 || p.busyNow() > 0 }

// end lets a side finish what it has.
func (f *family) end(s *Pool) { f.endWithin(s, f.main.opts.DrainTimeout) }

// endWithin is end with another limit. A second one may shorten that of the first.
func (f *family) endWithin(s *Pool, limit time.Duration) {
	if s.stopping {
		s.Stop(limit, nil)
		return
	}
	for key, other := range f.byKey {
		if other == s {
			delete(f.byKey, key)
		}
	}
	s.held = false
	s.Stop(limit, func() {
		s.refusals.timer.Stop()
		f.members = slices.DeleteFunc(f.members, func(m *Pool) bool { return m == s })
		if !f.main.stopping {
			f.admit()
		}
		f.main.pump()
		f.main.settleStop()
	})
}

// reload follows a reload of the main pool: each side gets the new options. One that does not come up with them ends, since the
// old ones are not in force any more; its next request finds out why.
func (f *family) reload() {
	for _, s := range slices.Clone(f.members[1:]) {
		switch {
		case s.stopping:
		case !f.reread(s):
			f.end(s)
		case s.held:
			s.opts = f.options(s)
		case f.main.loop.Now()-s.used >= sideIdle && !s.occupied():
			f.end(s)
		default:
			s.Reload(f.options(s), func(err error) {
				if err != nil && !s.stopping {
					f.main.log.Error(fmt.Sprintf("the php-cgi for requests that set %v did not come up with the new configuration, and ends: %v", s.overrides, err))
					f.end(s)
				}
			})
		}
	}
	for excess := len(f.byKey) - max(f.main.opts.Sides, 1); excess > 0; excess-- {
		f.evict()
	}
}

// reread reads the settings of a side again with the environment that is now in force, and reports whether requests that bring
// them along may still run.
func (f *family) reread(s *Pool) bool {
	for key, other := range f.byKey {
		if other != s || !strings.Contains(key, "${") {
			continue
		}
		n, head := binary.Uvarint([]byte(key))
		texts := key[head:]
		o, problems, refusals := parseOverrides(texts[:n], texts[n:], f.main.opts.Environment)
		for _, text := range slices.Concat(problems, refusals) {
			f.main.log.Error(text)
		}
		s.overrides = o
		return len(refusals) == 0
	}
	return true
}

// stop ends all sides; the main pool's Stop goes on when they have gone.
func (f *family) stop(limit time.Duration) {
	for _, s := range slices.Clone(f.members[1:]) {
		f.endWithin(s, limit)
	}
}
