package fcgiserver

import (
	"bytes"
	"slices"
	"testing"
)

func TestACLIsWrittenAsTheKernelReadsIt(t *testing.T) {
	list := []aclEntry{{aclUserObj, 6, aclNoID}, {aclUser, 6, 33}, {aclGroupObj, 6, aclNoID}, {aclMask, 6, aclNoID}, {aclOther, 0, aclNoID}}
	want := []byte{2, 0, 0, 0,
		0x01, 0, 6, 0, 255, 255, 255, 255,
		0x02, 0, 6, 0, 33, 0, 0, 0,
		0x04, 0, 6, 0, 255, 255, 255, 255,
		0x10, 0, 6, 0, 255, 255, 255, 255,
		0x20, 0, 0, 0, 255, 255, 255, 255}
	if got := appendACL(nil, list); !bytes.Equal(got, want) {
		t.Errorf("wrote %v", got)
	}
	if got, err := parseACL(want); err != nil || !slices.Equal(got, list) {
		t.Errorf("read %v, %v", got, err)
	}
}

func TestNonsenseIsNoACL(t *testing.T) {
	for _, b := range [][]byte{nil, {2, 0, 0}, {1, 0, 0, 0}, {2, 0, 0, 0, 1}, make([]byte, 12)} {
		if list, err := parseACL(b); err == nil {
			t.Errorf("%v is %v", b, list)
		}
	}
}

func TestMergedACL(t *testing.T) {
	u, g := func(id uint32, perm uint16) aclEntry { return aclEntry{aclUser, perm, id} }, func(id uint32, perm uint16) aclEntry { return aclEntry{aclGroup, perm, id} }
	three := func(u, g, o uint16) []aclEntry {
		return []aclEntry{{aclUserObj, u, aclNoID}, {aclGroupObj, g, aclNoID}, {aclOther, o, aclNoID}}
	}
	extended := func(u, g, mask, o uint16, named ...aclEntry) []aclEntry {
		list := append(three(u, g, o), named...)
		list = append(list, aclEntry{aclMask, mask, aclNoID})
		slices.SortStableFunc(list, func(a, b aclEntry) int { return int(a.tag) - int(b.tag) })
		return list
	}
	for _, c := range []struct {
		story             string
		mode              uint32
		inherited, wanted []aclEntry
		want              []aclEntry
	}{
		{"a mode is three entries", 0o640, nil, nil, three(6, 4, 0)},
		{"the mask lets through what an entry grants", 0o600, nil, []aclEntry{u(33, 6)}, extended(6, 0, 6, 0, u(33, 6))},
		{"entries are sorted and said once", 0o660, nil, []aclEntry{g(5, 6), u(9, 6), u(3, 6), u(9, 6)}, extended(6, 6, 6, 0, u(3, 6), u(9, 6), g(5, 6))},
		{"what was inherited is masked by the mode", 0o640, extended(0, 7, 0, 0, u(9, 7)), nil, extended(6, 7, 4, 0, u(9, 7))},
		{"what is wanted wins over what was inherited", 0o600, extended(0, 0, 0, 0, u(9, 4)), []aclEntry{u(9, 6)}, extended(6, 0, 6, 0, u(9, 6))},
	} {
		if got := mergeACL(c.mode, c.inherited, c.wanted); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.story, got, c.want)
		}
	}
}

func FuzzACL(f *testing.F) {
	f.Add([]byte{2, 0, 0, 0})
	f.Add(appendACL(nil, []aclEntry{{aclUserObj, 6, aclNoID}, {aclUser, 6, 33}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		list, err := parseACL(b)
		if err == nil && !bytes.Equal(appendACL(nil, list), b) {
			t.Errorf("%v was read as %v", b, list)
		}
	})
}
