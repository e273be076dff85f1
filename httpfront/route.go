package httpfront

import (
	"errors"
	"io/fs"
	"strings"
)

// A route is what to do with a path.
type route struct {
	action action
	entry  *entry // of runScript and sendFile; whoever gets the route closes it
	name   string // its path below the root, starting with a slash; a script's SCRIPT_NAME
	info   string // PATH_INFO of a script, "" without one
}

type action int

const (
	refuse    action = iota // 404, and the fallback is not asked
	absent                  // nothing there: the fallback, else 404
	addSlash                // a directory that was asked for without its slash
	runScript               // by PHP
	sendFile                // as it is
)

func (r route) close() {
	if r.entry != nil {
		r.entry.close()
	}
}

// find decides what a path means in a tree.
//
// The first segment that is a script ends the search and the rest is its PATH_INFO, in which a dot means nothing. Up to
// there no segment may be hidden. A name that may be source is refused where there is such a file, and otherwise absent as
// any other: a front controller can have /browse/old.inc among its pages.
//
// Errors: what the system or the tree has against a file that is there (fs.ErrPermission, errOutside …).
func find(t *tree, p urlPath, index []string) (route, error) {
	for i, segment := range p.segments {
		if !isNameable(segment) {
			return route{action: absent}, nil
		}
		if isHidden(segment) && !(i == 0 && segment == wellKnown) {
			return route{action: refuse}, nil
		}
		if !isScript(segment) {
			continue
		}
		name := p.until(i + 1)
		e, err := t.lookup(name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return route{action: absent}, nil
		case err != nil:
			return route{action: refuse}, err
		case e.isRegular():
			return route{runScript, e, name, p.after(i + 1)}, nil
		}
		e.close() // a directory with a script's name
	}

	name := p.until(len(p.segments))
	e, err := t.lookup(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return route{action: absent}, nil
	case err != nil:
		return route{action: refuse}, err
	case e.isDirectory():
		e.close()
		return findIndex(t, p, index)
	case p.slash && e.isRegular():
		e.close()
		return route{action: absent}, nil
	}
	return file(e, name), nil
}

// findIndex decides what a directory means. One without an index is absent: there are no listings.
func findIndex(t *tree, p urlPath, index []string) (route, error) {
	for _, base := range index {
		name := strings.TrimSuffix(p.until(len(p.segments)), "/") + "/" + base
		e, err := t.lookup(name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return route{action: refuse}, err
		case !e.isRegular():
			e.close()
			continue
		case !p.slash:
			e.close()
			return route{action: addSlash}, nil
		case isScript(base):
			return route{action: runScript, entry: e, name: name}, nil
		}
		return file(e, name), nil
	}
	return route{action: absent}, nil
}

// file is the route to a file that is not run, if it may be shown: by the name it was asked for and by its real one.
func file(e *entry, name string) route {
	if !mayShow(e, name) {
		e.close()
		return route{action: refuse}
	}
	return route{action: sendFile, entry: e, name: name}
}

// mayShow tells whether an entry is a file whose content may be sent.
func mayShow(e *entry, name string) bool {
	if !e.isRegular() || isSource(name[strings.LastIndexByte(name, '/')+1:]) {
		return false
	}
	segments := strings.Split(e.inner, "/")
	for i, segment := range segments {
		if isHidden(segment) && !(i == 0 && segment == wellKnown) {
			return false
		}
	}
	return !isSource(segments[len(segments)-1])
}
