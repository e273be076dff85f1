package supervisor

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"

	"howdah/supervisor/config"
)

// reloadResult is what a reload leaves: what is in force from now on, and what went wrong.
type reloadResult struct {
	conf  *config.Config
	pools map[string]*pool
	err   error
	took  time.Duration
}

// reload reads the configuration again and puts it in force, while the signals are still obeyed. One that is asked for while
// another runs follows it, with the file as it is then.
func (s *service) reload() {
	if s.reloading != nil {
		s.again = true
		return
	}
	s.log.Info("Reloading in progress ...")
	s.sayReloading()
	s.told(s.notify.Reloading())
	result := make(chan reloadResult, 1)
	s.reloading = result
	s.show()
	before, pools := s.conf, maps.Clone(s.pools)
	go func() {
		begun := time.Now()
		conf, err := s.reconfigure(before, pools)
		result <- reloadResult{conf: conf, pools: pools, err: err, took: time.Since(begun)}
	}()
}

// reloaded is called when a reload is over.
func (s *service) reloaded(r reloadResult) {
	s.reloading, s.conf, s.pools = nil, r.conf, r.pools
	s.tally(r)
	if r.err != nil {
		s.log.Error(fmt.Sprintf("reload failed, what it concerns goes on as before: %v", r.err))
	} else {
		s.log.Log(context.Background(), s.ownLevel(), fmt.Sprintf("reloaded in %v", r.took.Round(time.Millisecond)))
	}
	if s.reopenNext {
		s.reopenNext = false
		s.reopen()
	}
	if s.again {
		s.again = false
		s.waiting, s.following = s.following, nil
		s.reload()
		return
	}
	s.sayReloaded(r)
	s.log.Info("ready to handle connections")
	s.told(s.notify.Ready())
	s.sayInterval()
}

// reconfigure does the work of a reload on pools and returns the configuration that is in force after it. A configuration
// with a problem, or a PHP that fails the checks, changes nothing. A pool whose new PHP does not come up, or that can't listen
// on its new address, stays as it is.
func (s *service) reconfigure(before *config.Config, pools map[string]*pool) (*config.Config, error) {
	c, err := s.options.load()
	if err != nil {
		return before, err
	}
	s.remark(c)
	lines, err := s.php.check(c)
	for _, line := range lines {
		s.log.Warn(line)
	}
	if err != nil {
		return before, err
	}
	for _, key := range config.AtBoot(before, c) {
		s.log.Warn(fmt.Sprintf("%s: a change takes a restart", key))
	}
	keep, g := &before.Global, &c.Global
	g.RuntimeDir, g.Pid, g.ControlListen, g.ControlGroup, g.MetricsListen = keep.RuntimeDir, keep.Pid, keep.ControlListen, keep.ControlGroup, keep.MetricsListen
	problems := []error{s.logs.Apply(s.logOptions(c))}

	s.remove(c, pools)
	added, errs := s.reloadPools(c, pools)
	problems = append(problems, errs...)
	if err := s.startPools(c, added, pools); err != nil {
		problems = append(problems, err)
		for _, pc := range added {
			if p := pools[pc.Name]; p != nil && !p.serving {
				delete(pools, pc.Name)
				p.end()
			}
		}
	}
	return c, errors.Join(problems...)
}

// remove ends the pools that c does not have any more, without waiting for them.
func (s *service) remove(c *config.Config, pools map[string]*pool) {
	wanted := map[string]bool{}
	for _, pc := range c.Pools {
		wanted[pc.Name] = true
	}
	for name, p := range pools {
		if wanted[name] {
			continue
		}
		p.log.Info("it is not in the configuration any more: it ends")
		delete(pools, name)
		p.unlisten() // another pool may take its address now
		s.leaving.Go(func() {
			p.stop(c.Global.ProcessControlTimeout)
			p.end()
		})
	}
}

// reloadPools puts c in force in the pools that are there, several at a time, and returns those that are not.
func (s *service) reloadPools(c *config.Config, pools map[string]*pool) (added []config.Pool, problems []error) {
	var mu sync.Mutex
	slots := make(chan struct{}, starters)
	var all sync.WaitGroup
	for _, pc := range c.Pools {
		p, ok := pools[pc.Name]
		if !ok {
			added = append(added, pc)
			continue
		}
		all.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			if err := p.reload(pc, c.Global); err != nil {
				mu.Lock()
				problems = append(problems, err)
				mu.Unlock()
			}
		})
	}
	all.Wait()
	return added, problems
}
