package supervisor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"howdah/fcgiserver"
	"howdah/internal/process"
	"howdah/supervisor/config"
	"howdah/supervisor/control"
	"howdah/supervisor/metrics"
	"howdah/worker"
)

// service is the running Howdah. Serve's goroutine owns it. A reload works beside it, on a copy of what it changes.
type service struct {
	options   Options
	signals   *Signals
	conf      *config.Config
	logs      *Log
	log       *slog.Logger
	notify    *Notifier
	inherited *fcgiserver.Sockets
	runtime   *RuntimeDir
	door      *fcgiserver.Listener // of the control socket; nil: none
	window    *fcgiserver.Listener // of the metrics; nil: none
	metrics   *metrics.Server      // nil: none
	spawner   *process.Spawner
	keeper    *process.Keeper
	php       *phps
	pools     map[string]*pool
	pidFile   *PIDFile
	files     uint64 // descriptor limit
	begun     time.Time

	control  *control.Server // nil: none
	shown    atomic.Pointer[view]
	commands chan command
	finished chan struct{} // closed when all has been given back

	reloading  chan reloadResult       // brings the outcome of the reload that runs; nil if none does
	again      bool                    // a reload was asked for meanwhile
	waiting    []chan<- control.Reload // commands that wait for the reload that runs
	following  []chan<- control.Reload // and for the one after it
	reloads    reloadTally
	reopenNext bool           // the log files are to be opened again after the reload that runs
	cancel     chan struct{}  // closed when the service stops: starts that are under way are given up
	leaving    sync.WaitGroup // pools that a reload has removed
}

// start brings the service up, in the order in which what is likeliest to fail costs least.
func (s *service) start() (err error) {
	s.begun = time.Now()
	if s.inherited, err = fcgiserver.Inherited(); err != nil {
		return misconfigured(err)
	}
	if s.notify, err = NewNotifier(); err != nil {
		return misconfigured(err)
	}
	if s.conf, err = s.options.load(); err != nil {
		return err
	}
	if s.logs, err = OpenLog(s.logOptions(s.conf)); err != nil {
		return misconfigured(err)
	}
	s.log = s.logs.Logger()
	s.remark(s.conf)
	if err := s.claim(); err != nil {
		return err
	}
	s.php = newPHPs()
	lines, err := s.php.check(s.conf)
	for _, line := range lines {
		s.log.Warn(line)
	}
	if err != nil {
		return err
	}
	if s.spawner, err = process.NewSpawner(s.adopted); err != nil {
		return err
	}
	s.keeper = process.NewKeeper(s.spawner)
	if err := s.startPools(s.conf, s.conf.Pools, s.pools); err != nil {
		return err
	}
	if path := s.conf.Global.Pid; path != "" {
		if s.pidFile, err = WritePIDFile(path); err != nil {
			return misconfigured(err)
		}
	}
	s.launched()
	s.log.Info(fmt.Sprintf("%s is running, pid %d", s.called(), os.Getpid()))
	for _, p := range s.sorted() {
		p.log.Log(context.Background(), s.ownLevel(), p.listens())
	}
	for _, name := range s.inherited.Unclaimed() {
		s.log.Warn(fmt.Sprintf("systemd handed over the socket %s, which no pool listens on", name))
	}
	s.log.Info("ready to handle connections")
	s.told(s.notify.Ready())
	s.show()
	if err := errors.Join(s.answerCommands(), s.answerScrapes()); err != nil {
		return misconfigured(err)
	}
	s.nowReady()
	return nil
}

// remark logs what the configuration's reader had to say.
func (s *service) remark(c *config.Config) {
	for _, text := range c.Warnings {
		s.log.Warn(text)
	}
	for _, text := range c.Notices {
		s.log.Info(text)
	}
	for _, text := range c.Hints {
		s.log.Debug(text)
	}
}

// claim takes the machine's resources: the runtime directory, descriptors, priority.
func (s *service) claim() (err error) {
	g := &s.conf.Global
	if s.runtime, err = LockRuntimeDir(g.RuntimeDir); err != nil {
		return misconfigured(err)
	}
	entries, _ := os.ReadDir(s.runtime.Path())
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		pids, err := worker.CleanStale(filepath.Join(s.runtime.Path(), e.Name()))
		if len(pids) > 0 {
			s.log.Warn(fmt.Sprintf("ended %d processes that an earlier howdah, which was killed, had left: %v", len(pids), pids))
		}
		if err != nil {
			s.log.Warn(err.Error())
		}
	}
	if err := errors.Join(s.listenControl(g), s.listenMetrics(g)); err != nil {
		return misconfigured(err)
	}
	if s.files, err = RaiseFileLimit(g.RlimitFiles); err != nil {
		return misconfigured(err)
	}
	if g.RlimitCore != nil {
		if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{Cur: *g.RlimitCore, Max: *g.RlimitCore}); err != nil {
			return misconfigured(fmt.Errorf("rlimit_core: %w", err))
		}
	}
	if g.ProcessPriority != nil {
		if err := SetPriority(*g.ProcessPriority); err != nil {
			return misconfigured(err)
		}
	}
	if os.Geteuid() == 0 {
		if err := LowerOOMScore(); err != nil {
			s.log.Debug(err.Error())
		}
	}
	return nil
}

func (s *service) logOptions(c *config.Config) LogOptions {
	level, _ := ParseLogLevel(c.Global.LogLevel) // checked with the configuration
	return LogOptions{File: c.Global.ErrorLog, Ident: c.Global.SyslogIdent, Facility: c.Global.SyslogFacility, Level: level,
		JSON: c.Global.LogFormat == "json", Limit: c.Global.LogLimit, Stderr: s.options.Stderr, Echo: s.echoes(c)}
}

// adopted logs what a script left behind and has now ended.
func (s *service) adopted(stray process.Stray) {
	s.log.Debug(fmt.Sprintf("process %d (%s), which a script had left behind, %s", stray.PID, stray.Name, stray.Cause))
}

// starters is how many pools are brought up at a time.
const starters = 8

// startPools brings pools up, several at a time, and adds them to pools, also those that failed.
func (s *service) startPools(c *config.Config, confs []config.Pool, pools map[string]*pool) error {
	var mu sync.Mutex
	var problems []error
	slots := make(chan struct{}, starters)
	var all sync.WaitGroup
	// Listeners first and one by one: an address in use is found before any PHP is started.
	var fresh []*pool
	for i := range confs {
		p, err := newPool(s, confs[i], c.Global)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		pools[p.name] = p
		fresh = append(fresh, p)
	}
	if len(problems) > 0 {
		return misconfigured(errors.Join(problems...))
	}
	for _, p := range fresh {
		all.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			if err := p.start(s.cancel); err != nil {
				mu.Lock()
				problems = append(problems, err)
				mu.Unlock()
			}
		})
	}
	all.Wait()
	shareSockets(pools)
	return errors.Join(problems...)
}

// sorted returns the pools by name.
func (s *service) sorted() []*pool {
	var all []*pool
	for _, p := range s.pools {
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b *pool) int {
		if a.name < b.name {
			return -1
		}
		return 1
	})
	return all
}

// run obeys signals until one has ended the service.
func (s *service) run() error {
	watchdog, status := ticker(s.notify.WatchdogInterval()), ticker(s.conf.Global.SystemdInterval)
	defer watchdog.Stop()
	defer status.Stop()
	for {
		select {
		case sig := <-s.signals.C:
			switch event := s.signals.Event(sig); event {
			case SignalReload:
				s.reload()
			case SignalReopen:
				s.reopen()
			case SignalStop, SignalKill:
				return s.stop(sig, event == SignalKill)
			}
		case c := <-s.commands:
			switch c.event {
			case SignalReload:
				s.reloadFor(c.done)
			case SignalStop, SignalKill:
				return s.stop(syscall.SIGQUIT, c.event == SignalKill)
			}
		case r := <-s.reloading:
			s.reloaded(r)
		case <-watchdog.C:
			s.feedWatchdog(s.notify.WatchdogInterval())
		case <-status.C:
			s.told(s.notify.Status(s.statusLine()))
		}
	}
}

// ticker ticks every d, or never if d is 0.
func ticker(d time.Duration) *time.Ticker {
	if d > 0 {
		return time.NewTicker(d)
	}
	t := time.NewTicker(time.Hour)
	t.Stop()
	return t
}

// reopen opens the log files again, after logrotate has moved them. A reload that runs has the pools: they follow it.
func (s *service) reopen() {
	if s.reloading != nil {
		s.reopenNext = true
		return
	}
	if err := s.logs.Reopen(); err != nil {
		s.log.Error(err.Error())
	}
	access, failed := false, false
	for _, p := range s.sorted() {
		if err := p.reopen(); err != nil {
			s.log.Error(err.Error())
			failed = true
		}
		access = access || p.access != nil
	}
	s.launched()
	s.log.Info("error log file re-opened")
	if access && !failed { // once for all pools, as php-fpm does
		s.log.Info("access log file re-opened")
	}
	s.logTotals()
}

// told logs what could not be said to systemd.
func (s *service) told(err error) {
	if err != nil {
		s.log.Warn(err.Error())
	}
}

// release gives back what start has taken, in reverse.
func (s *service) release() {
	s.unlistenControl()
	s.closeMetrics()
	s.leaving.Wait()
	for _, p := range s.pools {
		p.end()
	}
	if s.spawner != nil {
		if s.keeper != nil {
			s.keeper.Close()
		}
		s.spawner.Close()
	}
	s.inherited.Close()
	if s.pidFile != nil {
		s.warn(s.pidFile.Remove())
	}
	if s.runtime != nil {
		s.warn(s.runtime.Close())
	}
	s.closeControl()
	if s.logs != nil {
		_ = s.logs.Close()
	}
}

func (s *service) warn(err error) {
	if err != nil {
		s.log.Warn(err.Error())
	}
}
