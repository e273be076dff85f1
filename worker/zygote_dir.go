package worker

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"golang.org/x/sys/unix"

	"howdah/php"
)

// BuiltinPreload as ZygoteSpec.PreloadFile stands for the preload.php that Howdah carries.
const BuiltinPreload = "builtin"

// maxSocketPath is what struct sockaddr_un has room for, without the NUL that ends it.
const maxSocketPath = 107

// makeDir makes the directory of one zygote below Dir, with the files that PHP reads when it starts:
//
//	sock         the socket of the workers
//	preload.php  preload.php with the token
//	probe.php    see Zygote.Probe
//	ini/         the ini file of php_admin_value
//
// Only the pool's user can enter it. fillDir puts everything in place before it is the user's, so that no script can plant
// a link.
func (z *Zygote) makeDir() error {
	if err := os.MkdirAll(z.spec.Dir, 0o711); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(z.spec.Dir, "g"+strconv.Itoa(z.spec.Generation)+"-")
	if err != nil {
		return err
	}
	z.dir = dir
	if n := len(z.Socket()); n > maxSocketPath {
		return fmt.Errorf("the path of the workers' socket, %s, has %d bytes, at most %d are possible: use a shorter runtime_dir", z.Socket(), n, maxSocketPath)
	}
	return nil
}

// fillDir writes the files and then makes the directory the user's.
func (z *Zygote) fillDir(files map[string]string) error {
	var paths []string
	for name, text := range files {
		path := z.file(name)
		if parent := filepath.Dir(path); parent != z.dir {
			if err := os.Mkdir(parent, 0o700); err != nil {
				return err
			}
			paths = append(paths, parent)
		}
		if err := os.WriteFile(path, []byte(text), 0o400); err != nil {
			return err
		}
		paths = append(paths, path)
	}
	u := z.spec.User
	if u == nil {
		return nil
	}
	for _, path := range append(paths, z.dir) {
		if err := os.Chown(path, int(u.UID), int(u.GID)); err != nil {
			return err
		}
	}
	return searchable(z.spec.Dir, u)
}

// searchable finds the directory that keeps a user from reaching dir.
func searchable(dir string, u *User) error {
	for ; ; dir = filepath.Dir(dir) {
		var st unix.Stat_t
		if err := unix.Stat(dir, &st); err != nil {
			return fmt.Errorf("%s: %w", dir, err)
		}
		bit := uint32(0o001)
		if st.Uid == u.UID {
			bit = 0o100
		} else if st.Gid == u.GID || slices.Contains(u.Groups, st.Gid) {
			bit = 0o010
		}
		acl, _ := unix.Getxattr(dir, "system.posix_acl_access", nil)
		if st.Mode&bit == 0 && acl <= 0 && u.UID != 0 {
			return fmt.Errorf("user %s cannot enter %s (mode %04o): run chmod o+x %[2]s, or use another runtime_dir", u.Name, dir, st.Mode&0o7777)
		}
		if dir == "/" || dir == "." {
			return nil
		}
	}
}

// Seal takes the directory away from the pool's user once PHP has started and answered the probe: a script can then neither
// read the token nor connect to a worker. It does nothing without root, or where PHP reads preload.php at each request.
func (z *Zygote) Seal() error {
	if z.spec.User == nil || z.spec.User.UID == 0 || z.calling == byPrepend {
		return nil
	}
	return os.Chown(z.dir, 0, 0)
}

func readPreload(file string) (string, error) {
	if file == BuiltinPreload {
		return php.Template(), nil
	}
	b, err := os.ReadFile(file)
	return string(b), err
}
