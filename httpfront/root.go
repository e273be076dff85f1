package httpfront

import (
	"errors"
	"io/fs"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// rootGrace is how long a root that is gone is still served from where it last was: `ln -sfn` removes a link before it makes
// the new one. It is also the longest that a removed site goes on.
const rootGrace = 2 * time.Second

// root is the document root by its name, which may be a symlink that a deployment moves. It is followed anew for each request.
//
// Concurrency: any number of requests at once.
type root struct {
	name   string
	follow []string // the directories that symlinks may lead to
	last   atomic.Pointer[sighting]
}

// sighting is where a root really was, and when.
type sighting struct {
	path string
	at   time.Time
}

// open opens the tree that the root's name stands for now.
func (r *root) open(now time.Time) (*tree, error) {
	t, err := openTree(r.name, r.follow)
	if err == nil {
		r.last.Store(&sighting{t.path, now})
		return t, nil
	}
	if seen := r.last.Load(); errors.Is(err, fs.ErrNotExist) && seen != nil && now.Sub(seen.at) < rootGrace {
		if t, err := openTree(seen.path, r.follow); err == nil {
			return t, nil
		}
	}
	return nil, err
}

func openTree(name string, follow []string) (*tree, error) {
	fd, err := open(unix.AT_FDCWD, name, unix.O_PATH|unix.O_DIRECTORY)
	if err != nil {
		return nil, err
	}
	path, err := realPath(fd)
	if err != nil {
		unix.Close(fd)
		return nil, err
	}
	return &tree{fd: fd, path: path, follow: follow}, nil
}
