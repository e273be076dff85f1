package supervisor

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"howdah/fcgiserver"
	"howdah/internal/process"
	"howdah/internal/reactor"
	"howdah/supervisor/config"
	"howdah/worker"
)

// upstream joins the front of a pool to its workers.
type upstream struct{ pool *worker.Pool }

func (u upstream) Submit(r *fcgiserver.Request) fcgiserver.Ticket { return u.pool.Submit(r) }

// pool is one pool at work: a loop, and on it the front and the workers.
type pool struct {
	name    string
	log     *slog.Logger
	spawner *process.Spawner
	dir     string // private, in runtime_dir

	loop     *reactor.Loop
	front    *fcgiserver.Server
	workers  *worker.Pool
	listener *fcgiserver.Listener

	// Owned by the loop:
	conf   config.Pool
	global config.Global
}

// startPool brings a pool up, listening last. It returns when the first generation of PHP is ready, or has failed.
func startPool(c config.Pool, global config.Global, dir string, sp *process.Spawner, log *slog.Logger) (*pool, error) {
	loop, err := reactor.Start()
	if err != nil {
		return nil, fmt.Errorf("pool %s: %w", c.Name, err)
	}
	p := &pool{name: c.Name, log: log, spawner: sp, dir: filepath.Join(dir, c.Name), loop: loop, conf: c, global: global}
	if err := p.start(); err != nil {
		p.stop(0)
		return nil, fmt.Errorf("pool %s: %w", c.Name, err)
	}
	return p, nil
}

func (p *pool) start() error {
	if err := os.MkdirAll(p.dir, 0o711); err != nil {
		return err
	}
	ready := make(chan error, 1)
	err := p.loop.Call(func() {
		p.workers = worker.NewPool(p.name, p.loop, p.log)
		p.front = fcgiserver.NewServer(p.name, p.loop, p.log, p.frontOptions(nil), upstream{p.workers})
		p.workers.Reload(p.workerOptions(p.conf, p.global), func(err error) { ready <- err })
	})
	if err != nil {
		return err
	}
	if err := <-ready; err != nil {
		return err
	}
	return p.listen()
}

func (p *pool) listen() error {
	if p.conf.Listen == "" {
		return nil
	}
	l, err := fcgiserver.Listen(listenSpec(p.conf))
	if err != nil {
		return err
	}
	p.listener = l
	var listenErr error
	return errors.Join(p.loop.Call(func() { listenErr = p.front.Listen(l) }), listenErr)
}

func listenSpec(c config.Pool) fcgiserver.ListenSpec {
	return fcgiserver.ListenSpec{Address: c.Listen, Backlog: c.ListenBacklog, Owner: c.ListenOwner, Group: c.ListenGroup,
		Mode: c.ListenMode, ACLUsers: c.ListenACLUsers, ACLGroups: c.ListenACLGroups, AllowedClients: c.ListenAllowedClients}
}

// reservedFDs are the descriptors that max_connections = 0 leaves for everything else.
const reservedFDs = 256

func (p *pool) frontOptions(z *worker.Zygote) fcgiserver.Options {
	c := p.conf
	o := fcgiserver.Options{
		ReceiveTimeout: c.ReceiveTimeout, KeepAliveTimeout: c.KeepaliveTimeout, MaxConnections: c.MaxConnections,
		ResponseBuffer: int(c.ResponseBuffer), BodyBuffer: int(c.BodyBuffer), BodyDir: p.dir, LimitExtensions: c.SecurityLimitExtensions,
	}
	if z != nil && len(c.PHPAdminValue)+len(c.PHPAdminFlag) > 0 {
		o.Guarded = z.Guarded
	}
	if o.MaxConnections == 0 {
		o.MaxConnections = 20000 - reservedFDs
	}
	return o
}

func (p *pool) workerOptions(c config.Pool, g config.Global) worker.Options {
	return worker.Options{
		Mode: worker.Mode(c.PM), MaxChildren: c.PMMaxChildren, MinSpare: c.PMMinSpareServers, MaxSpare: c.PMMaxSpareServers,
		MaxSpawn: c.PMMaxSpawnRate, IdleTimeout: c.PMProcessIdleTimeout, MaxRequests: c.PMMaxRequests,
		RecycleMemory: uint64(c.RecycleMemory), RecycleAge: c.RecycleAge, RecycleIdle: c.RecycleIdle,
		QueueMax: c.QueueMax, QueueTimeout: c.QueueTimeout,
		TerminateTimeout: c.RequestTerminateTimeout, TrackFinished: c.RequestTerminateTimeoutTrackFinished,
		ReloadOverlap: c.ReloadOverlap, DrainTimeout: g.ProcessControlTimeout,
		CrashThreshold: g.EmergencyRestartThreshold, CrashInterval: g.EmergencyRestartInterval,
		Start: func(generation int) (*worker.Zygote, error) {
			return worker.StartZygote(p.spawner, p.zygoteSpec(c, generation))
		},
		Prepare: func(z *worker.Zygote) []worker.Job {
			return preparation(z, "/", c.Warmup, p.log, p.name, func(err error) {
				if err != nil {
					p.log.Warn(fmt.Sprintf("[pool %s] host calls off: %v", p.name, err))
				}
			})
		},
	}
}

func (p *pool) zygoteSpec(c config.Pool, generation int) worker.ZygoteSpec {
	spec := worker.ZygoteSpec{
		Pool: c.Name, Generation: generation, Binary: c.PHPBinary, PHPIni: c.PHPIni, PHPIniScanDir: c.PHPIniScanDir,
		Children: c.PMMaxChildren, ClearEnv: c.ClearEnv, Chdir: c.Chdir, Dir: p.dir, PreloadFile: worker.BuiltinPreload,
		RlimitFiles: c.RlimitFiles, RlimitCore: c.RlimitCore, Priority: c.ProcessPriority,
		Env: settings(c.Env), Values: settings(c.PHPValue, c.PHPFlag), AdminValues: settings(c.PHPAdminValue, c.PHPAdminFlag),
		Log: func(line string) { p.log.Warn(fmt.Sprintf("[pool %s] php-cgi said: %s", c.Name, line)) },
	}
	if a := c.RunAs; a != nil {
		spec.User = &worker.User{Name: a.Name, Home: a.Home, UID: a.UID, GID: a.GID, Groups: a.Groups}
	}
	return spec
}

func settings(lists ...[]config.Setting) []worker.Setting {
	var out []worker.Setting
	for _, list := range lists {
		for _, s := range list {
			out = append(out, worker.Setting(s))
		}
	}
	return out
}

// stop ends the pool within limit and waits for it; 0 ends it at once.
func (p *pool) stop(limit time.Duration) {
	gone := make(chan struct{})
	_ = p.loop.Call(func() {
		if limit > 0 {
			p.front.Drain(func() {})
		} else {
			p.front.Close()
		}
		p.workers.Stop(limit, func() { close(gone) })
	})
	<-gone
	_ = p.loop.Call(p.front.Close)
	p.workers.Wait()
	p.front.Wait()
	p.loop.Stop()
	p.loop.Wait()
	if p.listener != nil {
		p.listener.Close()
	}
}
