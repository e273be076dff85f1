package supervisor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"howdah/fcgiserver"
	"howdah/internal/reactor"
	"howdah/supervisor/config"
	"howdah/worker"
	"howdah/wsbridge"
)

// upstream joins the front of a pool to its workers.
type upstream struct{ pool *worker.Pool }

func (u upstream) Submit(r *fcgiserver.Request) fcgiserver.Ticket {
	if values, admin := r.Overrides(); len(values)+len(admin) > 0 {
		return u.pool.SubmitWith(r, values, admin)
	}
	return u.pool.Submit(r)
}

// pool is one pool at work: a loop, on it the front and the workers, and beside it perhaps an HTTP front. Its methods are
// called by one goroutine at a time.
type pool struct {
	service *service
	name    string
	log     *slog.Logger
	dir     string // private, in runtime_dir
	loop    *reactor.Loop
	front   *fcgiserver.Server
	workers *worker.Pool
	doors   doors
	queue   listenQueue
	http    *httpSide   // nil: none
	sockets *socketSide // nil: none
	access  *poolAccess // nil: none
	client  *clientSide
	conf    config.Pool
	asked   question[poolFigures]
	sampled sampler
	zygote  atomic.Pointer[worker.Zygote] // that serves, or served last
	slow    slowLog
	bridge  atomic.Pointer[wsbridge.Bridge] // of sockets; nil: none
	sharing atomic.Pointer[[]*wsbridge.Hub] // of other pools, to which PHP of this one may publish
	serving bool
	ended   bool
	stopped bool
}

// newPool takes a pool's addresses; nobody is answered before start.
func newPool(s *service, c config.Pool, g config.Global) (*pool, error) {
	loop, err := reactor.Start()
	if err != nil {
		return nil, fmt.Errorf("pool %s: %w", c.Name, err)
	}
	p := &pool{service: s, name: c.Name, log: s.log.With("pool", c.Name), dir: filepath.Join(g.RuntimeDir, c.Name), loop: loop, conf: c, slow: slowLog{pool: c.Name}}
	err = os.MkdirAll(p.dir, 0o711)
	if err == nil {
		p.doors, err = p.openDoors(doors{}, config.Pool{}, c)
	}
	if err == nil {
		p.access, err = p.newAccess(c, g)
	}
	if err == nil && c.HTTP != nil {
		p.http, err = newHTTPSide(p, c)
	}
	if err == nil && c.WebSocket != nil {
		var s *socketSide
		if s, err = newSocketSide(p, c); err == nil {
			p.setSockets(s)
		}
	}
	if err == nil {
		p.client, err = p.newClientSide(c)
	}
	if err == nil {
		var f *os.File
		if f, err = openSlowFile(c.Slowlog); err == nil {
			p.slow.take(c.Slowlog, f)
		}
	}
	if err != nil {
		p.end()
		return nil, fmt.Errorf("pool %s: %w", c.Name, err)
	}
	if p.doors.main != nil {
		for _, n := range listenSpec(c).Notices() {
			p.log.Log(context.Background(), s.ownLevel(), n)
		}
	}
	err = loop.Call(func() {
		p.workers = worker.NewPool(p.name, loop, p.log)
		p.front = fcgiserver.NewServer(p.name, loop, p.log, p.frontOptions(c, nil), upstream{p.workers})
		p.front.SetAccessLog(p.access.front(c))
	})
	return p, err
}

// start runs the first generation of PHP and then answers clients. It gives up when cancel is closed.
func (p *pool) start(cancel <-chan struct{}) error {
	ready := make(chan error, 1)
	if err := p.loop.Call(func() {
		p.workers.Reload(p.workerOptions(p.conf, p.service.conf.Global), func(err error) { ready <- err })
	}); err != nil {
		return fmt.Errorf("pool %s: %w", p.name, err)
	}
	select {
	case err := <-ready:
		if err != nil {
			return fmt.Errorf("pool %s: PHP does not start: %w", p.name, err)
		}
	case <-cancel:
		return fmt.Errorf("pool %s: the service stops", p.name)
	}
	if err := p.answer(doors{}); err != nil {
		return fmt.Errorf("pool %s: %w", p.name, err)
	}
	if p.http != nil {
		p.http.serve()
	}
	if err := p.sockets.serve(); err != nil {
		return fmt.Errorf("pool %s: %w", p.name, err)
	}
	if err := p.putClientSide(p.client, p.conf); err != nil {
		return fmt.Errorf("pool %s: %w", p.name, err)
	}
	p.serving = true
	return nil
}

// reload puts c in force. Whatever fails leaves the pool as it was.
func (p *pool) reload(c config.Pool, g config.Global) error {
	fail := func(err error) error { return fmt.Errorf("pool %s: %w", p.name, err) }
	opened, err := p.openDoors(p.doors, p.conf, c)
	if err != nil {
		return fail(err)
	}
	access, err := p.newAccess(c, g)
	http := p.http
	if err == nil {
		http, err = p.newHTTP(c)
	}
	var sockets *socketSide
	if err == nil {
		sockets, err = p.newSockets(c)
	}
	asked := p.client
	if err == nil {
		asked, err = p.newClientSide(c)
	}
	var slow *os.File
	if err == nil {
		slow, err = openSlowFile(c.Slowlog)
	}
	if err == nil {
		ready := make(chan error, 1)
		err = p.loop.Call(func() {
			p.workers.Reload(p.workerOptions(c, g), func(err error) { ready <- err })
		})
		if err == nil {
			err = <-ready
		}
	}
	if err != nil {
		p.closeNew(p.doors, opened)
		if http != p.http && http != nil {
			http.close()
		}
		if sockets != p.sockets {
			sockets.close()
		}
		if asked != p.client {
			asked.close()
		}
		if slow != nil {
			_ = slow.Close()
		}
		if access != p.access && access != nil {
			_ = access.close()
		}
		return fail(err)
	}
	p.slow.take(c.Slowlog, slow)
	if err := p.putSockets(sockets, c); err != nil {
		return fail(err)
	}
	p.conf = c
	if err := p.putClientSide(asked, c); err != nil {
		return fail(err)
	}
	if err := p.putAccess(access, c); err != nil {
		return fail(err)
	}
	if err := p.putDoors(opened, c); err != nil {
		return fail(err)
	}
	return p.putHTTP(http, c)
}

func (p *pool) reopen() error {
	err := errors.Join(p.slow.reopen(), p.access.reopen(p))
	if p.http != nil {
		err = errors.Join(err, p.http.reopen())
	}
	return err
}

// abandonReload makes a reload that waits for a new generation fail.
func (p *pool) abandonReload() {
	p.loop.Post(func() { p.workers.CancelReload() })
}

// stop lets requests finish within limit, ends the others, and returns when no process is left. 0 ends all at once.
func (p *pool) stop(limit time.Duration) {
	if p.stopped {
		return
	}
	p.stopped = true
	begun := time.Now()
	if s := p.sockets; s != nil && p.serving {
		s.shutdown(min(limit, p.conf.WebSocket.DrainTimeout), limit > 0)
	}
	if p.http != nil {
		p.http.shutdown(max(limit-time.Since(begun), 0))
	}
	if limit > 0 && p.serving {
		p.drainFront(limit - time.Since(begun))
	}
	gone := make(chan struct{})
	if p.loop.Call(func() {
		p.workers.Stop(max(limit-time.Since(begun), 0), func() { close(gone) })
	}) == nil {
		<-gone
	}
	_ = p.loop.Call(p.front.Close)
}

// drainFront returns when the front has answered what it has, or limit is over, or the workers are killed.
func (p *pool) drainFront(limit time.Duration) {
	drained := make(chan struct{})
	if p.loop.Call(func() {
		if p.workers.Stats().Paused == worker.PauseQueue {
			p.workers.Resume() // what waits is not lost
		}
		p.front.Drain(func() { close(drained) })
	}) != nil {
		return
	}
	t := time.NewTimer(limit)
	defer t.Stop()
	select {
	case <-drained:
	case <-t.C:
	}
}

// kill ends what stop still waits for. Any goroutine may call it.
func (p *pool) kill() {
	p.sockets.kill()
	if p.http != nil {
		p.http.kill()
	}
	p.loop.Post(func() {
		p.front.Close()
		p.workers.Stop(0, nil)
	})
}

// end gives back everything the pool has, after stop or without it. It may be called twice.
func (p *pool) end() {
	if p.ended {
		return
	}
	p.ended = true
	if p.workers != nil {
		p.stop(0)
		p.workers.Wait()
		p.front.Wait()
	}
	if p.http != nil {
		p.http.close()
	}
	p.client.close()
	p.sockets.close()
	p.slow.take("", nil)
	p.unlisten()
	p.loop.Stop()
	p.loop.Wait()
	p.service.warn(p.access.close())
	_ = os.Remove(p.dir)
}
