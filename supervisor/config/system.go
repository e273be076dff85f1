package config

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// System is the machine as the checks see it. Here is the real one; tests make their own.
type System struct {
	UID       int  // the effective user of Howdah; 0: root
	AllowRoot bool // workers may run as root (php-fpm's -R)

	LookupEnv   func(name string) (string, bool)
	User        func(nameOrID string) (Account, error) // an unknown number is an account without name and home
	Group       func(nameOrID string) (gid uint32, err error)
	Stat        func(path string) (File, error)
	FindProgram func(name string) (path string, err error)

	// Enter walks to the directory dir as the given account (nil: as we are) and opens it. It returns the first directory on the
	// way that does not let it pass, dir itself if that can't be listed, or "" if all is well.
	Enter func(dir string, as *Account) (blocked string)
}

// Account is a user of the machine, ready to become.
type Account struct {
	Name, Home string
	UID, GID   uint32
	Groups     []uint32 // supplementary
}

// File is what the checks ask about a path.
type File struct {
	Dir      bool
	Mode     fs.FileMode // permission bits
	UID, GID uint32
}

// Here is the machine that this process runs on.
func Here() System {
	return System{
		UID:         os.Geteuid(),
		LookupEnv:   os.LookupEnv,
		User:        lookupUser,
		Group:       lookupGroup,
		Stat:        stat,
		FindProgram: findProgram,
		Enter:       enter,
	}
}

func (s System) root() bool { return s.UID == 0 }

func (s System) knowsUser(name string) error {
	_, err := s.User(name)
	return err
}

func (s System) knowsGroup(name string) error {
	_, err := s.Group(name)
	return err
}

func lookupUser(nameOrID string) (Account, error) {
	u, err := user.Lookup(nameOrID)
	if id, e := strconv.ParseUint(nameOrID, 10, 32); e == nil {
		if u, err = user.LookupId(nameOrID); err != nil {
			return Account{UID: uint32(id)}, nil
		}
	}
	if err != nil {
		return Account{}, err
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return Account{}, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return Account{}, err
	}
	a := Account{Name: u.Username, Home: u.HomeDir, UID: uint32(uid), GID: uint32(gid)}
	ids, err := u.GroupIds()
	if err != nil {
		return Account{}, err
	}
	for _, text := range ids {
		if id, err := strconv.ParseUint(text, 10, 32); err == nil && uint32(id) != a.GID {
			a.Groups = append(a.Groups, uint32(id))
		}
	}
	return a, nil
}

func lookupGroup(nameOrID string) (uint32, error) {
	if id, err := strconv.ParseUint(nameOrID, 10, 32); err == nil {
		return uint32(id), nil
	}
	g, err := user.LookupGroup(nameOrID)
	if err != nil {
		return 0, err
	}
	id, err := strconv.ParseUint(g.Gid, 10, 32)
	return uint32(id), err
}

func stat(path string) (File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return File{}, err
	}
	f := File{Dir: info.IsDir(), Mode: info.Mode().Perm()}
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		f.UID, f.GID = st.Uid, st.Gid
	}
	return f, nil
}

func findProgram(name string) (string, error) {
	path, err := exec.LookPath(name)
	if err != nil {
		return "", err
	}
	return filepath.Abs(path)
}

// reason is the last word of err: "no such file or directory".
func reason(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return err.Error()
}
