package fcgiserver

import (
	"time"

	"howdah/internal/fsuser"
)

const (
	// scriptFresh is how long a script that was found is taken for there; half of it, and one that is in use is looked at again
	// in the background, so that no request waits for the disk.
	scriptFresh = 2 * time.Second
	// scriptEntries bounds the memory: names are up to the client.
	scriptEntries = 4096
	scriptNameLen = 4096
	// scriptLooks bounds the threads that a disk which does not answer can hold; further searches wait.
	scriptLooks = 256
)

// scripts remembers where scripts are. A script that was not found is looked for each time: it may be uploaded any moment.
type scripts struct {
	srv     *Server
	entries map[string]*scriptEntry
	looks   chan struct{} // holds one for each search on disk
}

type scriptEntry struct {
	script  script
	at      time.Duration // when it was found
	looking bool
	waiting []func(script)
}

// lookup returns what is known of name, or has then called on the loop when it is known.
func (s *scripts) lookup(name []byte, then func(script)) (sc script, now bool) {
	e := s.entries[string(name)]
	clock := s.srv.loop.Now()
	if e != nil && e.at > 0 && clock-e.at < scriptFresh {
		if clock-e.at > scriptFresh/2 && !e.looking {
			s.look(string(name), e)
		}
		return e.script, true
	}
	if e == nil {
		if len(s.entries) >= scriptEntries {
			s.forgetSome(clock)
		}
		e = &scriptEntry{}
		s.entries[string(name)] = e
	}
	e.waiting = append(e.waiting, then)
	if !e.looking {
		s.look(string(name), e)
	}
	return script{}, false
}

// look goes to the disk, off the loop.
func (s *scripts) look(name string, e *scriptEntry) {
	e.looking = true
	suffixes, user := s.srv.opts.LimitExtensions, s.srv.opts.LookAs
	s.srv.background.Go(func() {
		var sc script
		s.looks <- struct{}{}
		fsuser.Do(user, func() { sc = findScript(name, suffixes) })
		<-s.looks
		s.srv.loop.Post(func() {
			e.looking = false
			waiting := e.waiting
			e.waiting = nil
			if sc.verdict == found && len(name) <= scriptNameLen {
				e.script, e.at = sc, max(s.srv.loop.Now(), 1)
			} else if s.entries[name] == e {
				delete(s.entries, name)
			}
			for _, then := range waiting {
				then(sc)
			}
		})
	})
}

// forgetSome makes room: what is stale goes, else everything that nobody waits for.
func (s *scripts) forgetSome(clock time.Duration) {
	for name, e := range s.entries {
		if !e.looking && clock-e.at >= scriptFresh {
			delete(s.entries, name)
		}
	}
	if len(s.entries) < scriptEntries {
		return
	}
	for name, e := range s.entries {
		if !e.looking {
			delete(s.entries, name)
		}
	}
}
