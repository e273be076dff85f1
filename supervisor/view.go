package supervisor

import (
	"time"

	"howdah/supervisor/config"
	"howdah/supervisor/control"
)

// view is what others than Serve's goroutine may see of the service. It never changes: a new one takes its place.
type view struct {
	conf      *config.Config
	pools     []shownPool
	reloading bool
	reloads   reloadTally
}

// shownPool is a pool with the configuration that it works by.
type shownPool struct {
	*pool
	conf config.Pool
	http string // address of the embedded front
}

// reloadTally is how the reloads went so far.
type reloadTally struct {
	succeeded, failed uint64
	last              *control.Reload
	ended             time.Time // of the last
}

// show makes the service as it is now visible to commands and metrics.
func (s *service) show() {
	v := &view{conf: s.conf, reloading: s.reloading != nil, reloads: s.reloads}
	for _, p := range s.sorted() {
		sp := shownPool{pool: p, conf: p.conf}
		if p.http != nil {
			sp.http = p.http.address()
		}
		v.pools = append(v.pools, sp)
	}
	s.shown.Store(v)
}

// pool finds a pool by name.
func (v *view) pool(name string) (shownPool, bool) {
	for _, p := range v.pools {
		if p.name == name {
			return p, true
		}
	}
	return shownPool{}, false
}
