package fcgiserver

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"

	"golang.org/x/sys/unix"
)

// socketFile is the file of a Unix socket that we made. Everything is done to the inode, not to the name: the directory
// may belong to a user who swaps the name for a link to something of root's.
type socketFile struct {
	path      string
	dev, ino  uint64
	uid, gid  int        // as it was made
	inherited []aclEntry // from the directory's default ACL
}

// openSocketFile takes note of the file that bind(2) has just made with mode 0.
func openSocketFile(path string) (*socketFile, error) {
	f := &socketFile{path: path}
	err := f.open(func(st *unix.Stat_t, self string) error {
		if int(st.Uid) != os.Geteuid() || st.Mode&0o777 != 0 {
			return fmt.Errorf("%w: its file has just been replaced", ErrInUse)
		}
		f.dev, f.ino, f.uid, f.gid = uint64(st.Dev), st.Ino, int(st.Uid), int(st.Gid)
		var err error
		f.inherited, err = readACL(self)
		return err
	})
	if err != nil {
		if f.ino != 0 {
			f.remove()
		}
		return nil, err
	}
	return f, nil
}

// open calls do with the state of the file and a name that leads to its inode only, if it is a socket still.
func (f *socketFile) open(do func(st *unix.Stat_t, self string) error) error {
	fd, err := unix.Open(f.path, unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return &os.PathError{Op: "open", Path: f.path, Err: err}
	}
	defer unix.Close(fd)
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return os.NewSyscallError("fstat", err)
	}
	if st.Mode&unix.S_IFMT != unix.S_IFSOCK {
		return fmt.Errorf("%w: its file has been replaced", ErrInUse)
	}
	return do(&st, "/proc/self/fd/"+strconv.Itoa(fd))
}

// apply gives the file owner, mode and ACL. It is at no moment more open than before or after, and what is right already is
// left alone.
func (f *socketFile) apply(a access) error {
	return f.open(func(st *unix.Stat_t, self string) error {
		if uint64(st.Dev) != f.dev || st.Ino != f.ino {
			return errors.New("its file has been replaced by somebody else's: restart Howdah to get it back")
		}
		uid, gid := a.uid, a.gid
		if uid < 0 {
			uid = f.uid
		}
		if gid < 0 {
			gid = f.gid
		}
		if uid != int(st.Uid) || gid != int(st.Gid) {
			if both := st.Mode & a.mode & 0o777; both != st.Mode&0o777 {
				if err := unix.Chmod(self, both); err != nil { // neither owner ever has the other's rights
					return os.NewSyscallError("chmod", err)
				}
			}
			if err := unix.Chown(self, uid, gid); err != nil {
				return fmt.Errorf("cannot give it to user %d, group %d: %w (only root can give files away: leave listen_owner and listen_group out)",
					uid, gid, err)
			}
		}
		return setAccess(self, mergeACL(a.mode, f.inherited, a.acl), a.mode)
	})
}

// setAccess sets mode and ACL in one step: writing the attribute sets the mode too, and a list without named entries
// removes it.
func setAccess(self string, list []aclEntry, mode uint32) error {
	old, err := readACL(self)
	if err != nil {
		return err
	}
	if len(list) == 3 && len(old) == 0 {
		if err := unix.Chmod(self, mode); err != nil {
			return os.NewSyscallError("chmod", err)
		}
		return nil
	}
	if slices.Equal(old, list) {
		return nil
	}
	err = unix.Setxattr(self, aclAttribute, appendACL(nil, list), 0)
	if errors.Is(err, unix.ENOTSUP) {
		return errors.New("this file system has no ACLs: use listen_group and listen_mode, or another directory")
	}
	if err != nil {
		return fmt.Errorf("cannot set its ACL: %w", err)
	}
	return nil
}

// readACL reads the ACL of a file; it is empty if the mode says it all.
func readACL(self string) ([]aclEntry, error) {
	buf := make([]byte, 64<<10) // XATTR_SIZE_MAX
	n, err := unix.Getxattr(self, aclAttribute, buf)
	switch {
	case errors.Is(err, unix.ENODATA), errors.Is(err, unix.ENOTSUP):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("cannot read its ACL: %w", err)
	}
	return parseACL(buf[:n])
}

// inPlace tells whether the path still leads to our file.
func (f *socketFile) inPlace() bool {
	var st unix.Stat_t
	return unix.Lstat(f.path, &st) == nil && uint64(st.Dev) == f.dev && st.Ino == f.ino
}

// remove removes the file unless somebody has put another in its place.
func (f *socketFile) remove() error {
	if !f.inPlace() {
		return nil
	}
	if err := os.Remove(f.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
