package fcgiserver

import (
	"fmt"
	"os/user"
	"strconv"
)

// access is who may connect to a Unix socket, with the names looked up.
type access struct {
	uid, gid int // -1: as the file was made
	mode     uint32
	acl      []aclEntry // named entries only
}

// resolveAccess looks up the names of spec. As in php-fpm an owner given by name brings its own group, and an ACL makes
// owner and group ignored.
func resolveAccess(spec ListenSpec) (access, error) {
	a := access{uid: -1, gid: -1, mode: uint32(spec.Mode.Perm())}
	if a.mode == 0 {
		a.mode = defaultMode
	}
	const readWrite = 4 | 2
	for _, name := range spec.ACLUsers {
		uid, _, err := lookupUser(name)
		if err != nil {
			return a, fmt.Errorf("listen_acl_users: %w", err)
		}
		a.acl = append(a.acl, aclEntry{aclUser, readWrite, uint32(uid)})
	}
	for _, name := range spec.ACLGroups {
		gid, err := lookupGroup(name)
		if err != nil {
			return a, fmt.Errorf("listen_acl_groups: %w", err)
		}
		a.acl = append(a.acl, aclEntry{aclGroup, readWrite, uint32(gid)})
	}
	if len(a.acl) > 0 {
		return a, nil
	}
	var err error
	if spec.Owner != "" {
		if a.uid, a.gid, err = lookupUser(spec.Owner); err != nil {
			return a, fmt.Errorf("listen_owner: %w", err)
		}
	}
	if spec.Group != "" {
		if a.gid, err = lookupGroup(spec.Group); err != nil {
			return a, fmt.Errorf("listen_group: %w", err)
		}
	}
	return a, nil
}

// lookupUser finds a user by name, or takes a number as it is; a number has no group (-1).
func lookupUser(name string) (uid, gid int, err error) {
	if id, ok := number(name); ok {
		return id, -1, nil
	}
	u, err := user.Lookup(name)
	if err != nil {
		return -1, -1, fmt.Errorf("there is no user %q: create it or correct the name", name)
	}
	uid, ok1 := number(u.Uid)
	gid, ok2 := number(u.Gid)
	if !ok1 || !ok2 {
		return -1, -1, fmt.Errorf("the user database gives %q the ids %q and %q", name, u.Uid, u.Gid)
	}
	return uid, gid, nil
}

func lookupGroup(name string) (gid int, err error) {
	if id, ok := number(name); ok {
		return id, nil
	}
	g, err := user.LookupGroup(name)
	if err != nil {
		return -1, fmt.Errorf("there is no group %q: create it or correct the name", name)
	}
	gid, ok := number(g.Gid)
	if !ok {
		return -1, fmt.Errorf("the group database gives %q the id %q", name, g.Gid)
	}
	return gid, nil
}

// number reads an id. The largest 32-bit number means "no id" to the kernel and is none.
func number(s string) (int, bool) {
	id, err := strconv.ParseUint(s, 10, 32)
	return int(id), err == nil && id != aclNoID
}
