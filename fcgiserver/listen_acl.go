package fcgiserver

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"
)

// The extended attribute that holds a POSIX access control list. Source: acl(5), linux/posix_acl_xattr.h.
const (
	aclAttribute = "system.posix_acl_access"
	aclVersion   = 2
	aclHeaderLen = 4
	aclEntryLen  = 8
	aclNoID      = 0xffffffff // the id of entries that name nobody
)

// Tags of entries. The kernel wants the entries in the order of the tags.
const (
	aclUserObj  uint16 = 0x01
	aclUser     uint16 = 0x02
	aclGroupObj uint16 = 0x04
	aclGroup    uint16 = 0x08
	aclMask     uint16 = 0x10
	aclOther    uint16 = 0x20
)

// aclEntry grants perm (r 4, w 2, x 1) to the one it names.
type aclEntry struct {
	tag, perm uint16
	id        uint32
}

// named tells whether the entry is for a certain user or group, which a mode can't express.
func (e aclEntry) named() bool { return e.tag == aclUser || e.tag == aclGroup }

// parseACL reads the value of the attribute.
func parseACL(b []byte) ([]aclEntry, error) {
	if len(b) < aclHeaderLen || (len(b)-aclHeaderLen)%aclEntryLen != 0 {
		return nil, fmt.Errorf("an ACL can't have %d bytes", len(b))
	}
	if v := binary.LittleEndian.Uint32(b); v != aclVersion {
		return nil, fmt.Errorf("ACL version %d is unknown", v)
	}
	var list []aclEntry
	for b = b[aclHeaderLen:]; len(b) > 0; b = b[aclEntryLen:] {
		list = append(list, aclEntry{
			tag:  binary.LittleEndian.Uint16(b),
			perm: binary.LittleEndian.Uint16(b[2:]),
			id:   binary.LittleEndian.Uint32(b[4:]),
		})
	}
	return list, nil
}

// appendACL writes the value of the attribute.
func appendACL(dst []byte, list []aclEntry) []byte {
	dst = binary.LittleEndian.AppendUint32(dst, aclVersion)
	for _, e := range list {
		dst = binary.LittleEndian.AppendUint16(dst, e.tag)
		dst = binary.LittleEndian.AppendUint16(dst, e.perm)
		dst = binary.LittleEndian.AppendUint32(dst, e.id)
	}
	return dst
}

// mergeACL is the list that gives a file the mode and the named entries wanted, on top of what the file inherited from its
// directory's default ACL (none, as a rule).
//
// As php-fpm does it (acl_calc_mask), the mask lets through whatever an entry wanted grants; without such an entry it is the
// mode's group part, as after chmod(2).
func mergeACL(mode uint32, inherited, wanted []aclEntry) []aclEntry {
	group := uint16(mode >> 3 & 7)
	list := []aclEntry{
		{aclUserObj, uint16(mode >> 6 & 7), aclNoID},
		{aclGroupObj, group, aclNoID},
		{aclOther, uint16(mode & 7), aclNoID},
	}
	for _, e := range inherited {
		if e.tag == aclGroupObj {
			list[1] = e
		}
	}
	mask := list[1].perm
	for _, named := range [][]aclEntry{wanted, inherited} {
		for _, e := range named {
			if e.named() && !slices.ContainsFunc(list, func(o aclEntry) bool { return o.tag == e.tag && o.id == e.id }) {
				list = append(list, e)
				mask |= e.perm
			}
		}
	}
	if len(list) > 3 {
		if len(wanted) == 0 {
			mask = group
		}
		list = append(list, aclEntry{aclMask, mask, aclNoID})
	}
	slices.SortFunc(list, func(a, b aclEntry) int {
		return cmp.Or(cmp.Compare(a.tag, b.tag), cmp.Compare(a.id, b.id))
	})
	return list
}
