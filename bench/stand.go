package main

import (
	"cmp"
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

//go:embed site
var site embed.FS

// rig is what all rows share.
type rig struct {
	dir          string // everything is made below it
	user         string // who PHP and nginx run as; "" when bench is not root
	howdah       string // the binary
	nginxWorkers string
	progress     func(format string, a ...any)
	stands       int
}

// stand is one row's test stand: its sides' servers, started afresh, and one nginx before them all.
type stand struct {
	dir     string
	servers []*server // one per side
	routes  []route   // one per side
	nginx   *child
}

// newStand starts a server for each side, and nginx, and returns when each side has answered a page. close it also after an error
// of a later step; after an error of newStand itself nothing is left to close.
func (r *rig) newStand(ctx context.Context, s style, sides ...side) (*stand, error) {
	r.stands++
	st := &stand{dir: filepath.Join(r.dir, strconv.Itoa(r.stands))}
	if err := st.start(ctx, r, s, sides); err != nil {
		return nil, errors.Join(err, st.close())
	}
	return st, nil
}

func (st *stand) start(ctx context.Context, r *rig, s style, sides []side) error {
	if err := os.CopyFS(st.dir, site); err != nil {
		return err
	}
	for i, side := range sides {
		dir := filepath.Join(st.dir, strconv.Itoa(i))
		if err := os.Mkdir(dir, 0o755); err != nil {
			return err
		}
		var sv *server
		var err error
		switch side.Kind {
		case phpFPM:
			sv, err = startFPM(dir, r.user, side.Pool)
		case howdah:
			sv, err = startHowdah(cmp.Or(side.Binary, r.howdah), dir, r.user, side.Pool)
		}
		if sv != nil {
			st.servers = append(st.servers, sv)
		}
		if err != nil {
			return err
		}
		port, err := freePort()
		if err != nil {
			return err
		}
		st.routes = append(st.routes, route{Port: port, Socket: sv.socket, Style: s, Keepalive: side.Keepalive})
	}
	for _, sv := range st.servers {
		if err := sv.awaitSocket(); err != nil {
			return err
		}
	}
	var err error
	if st.nginx, err = startNginx(st.dir, r.user, r.nginxWorkers, st.routes); err != nil {
		return err
	}
	for i, side := range sides {
		if side.Pool.Observed {
			st.servers[i].observer = observe(filepath.Join(st.dir, strconv.Itoa(i)), st.servers[i].socket)
		}
	}
	for i, sv := range st.servers {
		if err := st.awaitPage(ctx, st.routes[i].url("hello.php")); err != nil {
			return fmt.Errorf("%s: %w; its log ends:\n%s", sides[i].Name, err, tail(sv.logFile))
		}
	}
	return nil
}

// awaitPage returns when the hello page is answered as it must be, or with the last wrong answer after 15 s.
func (st *stand) awaitPage(ctx context.Context, url string) error {
	for end := time.Now().Add(15 * time.Second); ; {
		body, err := get(ctx, url)
		if err == nil && body != "hello\n" {
			err = fmt.Errorf("%s answers %q", url, body)
		}
		if err == nil || time.Now().After(end) {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-st.nginx.done:
			return fmt.Errorf("nginx ended: %s", tail(filepath.Join(st.dir, "nginx.log")))
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// close ends nginx, then the servers, and removes the stand's files.
func (st *stand) close() error {
	var errs []error
	if st.nginx != nil {
		errs = append(errs, st.nginx.stop(syscall.SIGTERM))
	}
	for _, sv := range st.servers {
		if sv.observer != nil {
			errs = append(errs, sv.observer.stop())
		}
		if sv.child != nil {
			errs = append(errs, sv.child.stop(syscall.SIGTERM))
		}
	}
	return errors.Join(append(errs, os.RemoveAll(st.dir))...)
}

// get fetches a page whose answer is short; anything but 200 is an error.
func get(ctx context.Context, url string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, "GET", url, nil)
	if err != nil {
		return "", err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return "", err
	}
	if resp.StatusCode != 200 {
		return "", fmt.Errorf("%s answers %s", url, resp.Status)
	}
	return string(body), nil
}
