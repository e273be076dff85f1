package supervisor

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"howdah/fcgiserver"
	"howdah/internal/fsuser"
	"howdah/supervisor/config"
	"howdah/worker"
)

// reservedFDs are the descriptors that max_connections = 0 leaves for everything else.
const reservedFDs = 256

// frontOptions are the values that the front works by, in front of the PHP of z, which may be nil.
func (p *pool) frontOptions(c config.Pool, z *worker.Zygote) fcgiserver.Options {
	o := fcgiserver.Options{
		ReceiveTimeout: c.ReceiveTimeout, KeepAliveTimeout: c.KeepaliveTimeout, MaxConnections: c.MaxConnections,
		ResponseBuffer: int(c.ResponseBuffer), BodyBuffer: int(c.BodyBuffer), BodyDir: p.dir, LimitExtensions: c.SecurityLimitExtensions,
		Pages: p.pages(c, z),
	}
	if o.MaxConnections == 0 {
		o.MaxConnections = max(int(p.service.files)-reservedFDs, 16)
	}
	if a := c.RunAs; a != nil {
		o.LookAs = &fsuser.User{UID: a.UID, GID: a.GID, Groups: a.Groups}
	}
	if z != nil {
		o.Guarded, o.Guardable = z.Guarded, z.Guardable
		o.PoweredBy = z.PoweredBy()
	}
	return o
}

func (p *pool) workerOptions(c config.Pool, g config.Global) worker.Options {
	o := worker.Options{
		Mode: worker.Mode(c.PM), MaxChildren: c.PMMaxChildren, MinSpare: c.PMMinSpareServers, MaxSpare: c.PMMaxSpareServers,
		MaxSpawn: c.PMMaxSpawnRate, IdleTimeout: c.PMProcessIdleTimeout, MaxRequests: c.PMMaxRequests,
		RecycleMemory: uint64(c.RecycleMemory), RecycleAge: c.RecycleAge, RecycleIdle: c.RecycleIdle,
		QueueMax: c.QueueMax, QueueTimeout: c.QueueTimeout,
		TerminateTimeout: c.RequestTerminateTimeout, TrackFinished: c.RequestTerminateTimeoutTrackFinished,
		SlowTimeout: c.RequestSlowlogTimeout, SlowDepth: c.RequestSlowlogTraceDepth,
		ReloadOverlap: c.ReloadOverlap, DrainTimeout: g.ProcessControlTimeout,
		CrashThreshold: g.EmergencyRestartThreshold, CrashInterval: g.EmergencyRestartInterval,
		Output: p.output(c), Call: p.called,
	}
	o.Slow = func(seen worker.Stacked) {
		if err := p.slow.write(time.Now(), seen, c.RequestSlowlogTraceDepth); err != nil {
			p.log.Error(err.Error())
		}
	}
	o.Sides = c.PHPValueSets
	spec := zygoteSpec(&c, p.dir, 0, nil)
	o.Environment = spec.Environment()
	o.Start = func(generation int) (*worker.Zygote, error) { return o.StartWith(generation, worker.Overrides{}) }
	o.StartWith = func(generation int, overrides worker.Overrides) (*worker.Zygote, error) {
		spec := zygoteSpec(&c, p.dir, generation, o.Output)
		if !overrides.Empty() {
			spec.Override(overrides)
		}
		info, err := p.service.php.inspect(spec)
		if err != nil {
			return nil, err
		}
		spec.PHP, spec.Keeper = info, p.service.keeper
		return worker.StartZygote(p.service.spawner, spec)
	}
	o.Prepare = func(z *worker.Zygote) [][]worker.Job { return p.preparation(c, z) }
	o.Serving = func(z *worker.Zygote) {
		p.zygote.Store(z)
		p.front.SetOptions(p.frontOptions(c, z))
	}
	return o
}

// output returns what is done with what workers write to stdout and stderr: nil drops it. Source: php-fpm key
// catch_workers_output.
func (p *pool) output(c config.Pool) func(pid int, stream worker.Stream, line string) {
	if !c.CatchWorkersOutput {
		return nil
	}
	s := &said{log: p.service.logs, logger: p.log, pool: p.name, decorate: c.DecorateWorkersOutput}
	return s.line
}

func zygoteSpec(c *config.Pool, dir string, generation int, output func(int, worker.Stream, string)) worker.ZygoteSpec {
	spec := worker.ZygoteSpec{
		Pool: c.Name, Generation: generation, Binary: c.PHPBinary, PHPIni: c.PHPIni, PHPIniScanDir: c.PHPIniScanDir,
		NoIni: c.PHPNoIni, Defines: c.PHPDefines,
		Children: c.PMMaxChildren, Batch: true, ProveStack: true, ClearEnv: c.ClearEnv, Chdir: c.Chdir, Dir: dir, PreloadFile: worker.BuiltinPreload, ClientSocket: c.ClientListen,
		RlimitFiles: c.RlimitFiles, RlimitCore: c.RlimitCore, Priority: c.ProcessPriority,
		Env: settings(c.Env), Values: settings(c.PHPValue, c.PHPFlag), AdminValues: settings(c.PHPAdminValue, c.PHPAdminFlag),
	}
	if output != nil {
		spec.Log = func(line string) { output(0, worker.StreamStderr, line) }
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

// preparation returns the requests that a new generation answers before it serves: the probe of the host calls, and each URI
// of the warm-up, at once in as many workers as pm_start_servers says.
func (p *pool) preparation(c config.Pool, z *worker.Zygote) [][]worker.Job {
	var rounds [][]worker.Job
	if probe := z.Probe(); probe != "" {
		rounds = append(rounds, []worker.Job{newProbeJob(probe, "", "/probe.php", func(body []byte, err error) {
			if err == nil {
				err = worker.ParseProbe(body)
			}
			if err != nil {
				p.log.Warn(fmt.Sprintf("host calls off: %v", err))
			}
			if err := z.Seal(); err != nil {
				p.log.Error(fmt.Sprintf("cannot seal the private directory of php-cgi: %v", err))
			}
		})})
	} else {
		level := LevelWarning
		if c.PHPNoIni { // asked for
			level = LevelDebug
		}
		p.log.Log(context.Background(), level, fmt.Sprintf("host calls off: %s", z.CallsOff()))
	}
	if z.Side() { // for some site's requests: not those of the warm-up
		return rounds
	}
	for _, uri := range c.Warmup {
		script, root := warmupScript(c, uri)
		var round []worker.Job
		for range max(c.PMStartServers, 1) {
			round = append(round, newProbeJob(script, root, uri, func(_ []byte, err error) {
				if err != nil {
					p.log.Warn(fmt.Sprintf("warmup of %s: %v", uri, err))
				}
			}))
		}
		rounds = append(rounds, round)
	}
	return rounds
}

// warmupScript finds the script of a URI of the warm-up: below the root of the embedded front, or, where there is none, the
// URI's path is the script's.
func warmupScript(c config.Pool, uri string) (script, root string) {
	path := uriPath(uri)
	if c.HTTP != nil {
		if script := filepath.Join(c.HTTP.Root, path); exists(script) || !exists(path) {
			return script, c.HTTP.Root
		}
	}
	return path, filepath.Dir(path)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
