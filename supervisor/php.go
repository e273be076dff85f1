package supervisor

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"howdah/supervisor/config"
	"howdah/worker"
)

// phpFresh is how long what a php-cgi said of itself is believed. A check asks anew in any case: it may have been upgraded.
const phpFresh = 30 * time.Second

// phps remembers what the php-cgi of each pool says of itself. Pools that would get the same answer share it.
type phps struct {
	mu    sync.Mutex
	known map[string]*phpAnswer
}

type phpAnswer struct {
	once sync.Once
	at   time.Time
	info *worker.PHPInfo
	err  error
}

func newPHPs() *phps { return &phps{known: map[string]*phpAnswer{}} }

// inspect asks the php-cgi of spec, or someone who asked it lately.
func (p *phps) inspect(spec worker.ZygoteSpec) (*worker.PHPInfo, error) {
	key := spec.InspectKey()
	p.mu.Lock()
	a := p.known[key]
	if a == nil || time.Since(a.at) > phpFresh {
		a = &phpAnswer{at: time.Now()}
		p.known[key] = a
	}
	p.mu.Unlock()
	a.once.Do(func() { a.info, a.err = worker.InspectPHP(context.Background(), spec) })
	return a.info, a.err
}

// checkers is how many php-cgi are asked at a time.
const checkers = 4

// check looks at the PHP of every pool. lines are what an operator should know; the error joins what keeps a pool from
// starting.
func (p *phps) check(c *config.Config) (lines []string, err error) {
	type result struct {
		name     string
		problems []worker.Problem
	}
	p.mu.Lock()
	clear(p.known)
	p.mu.Unlock()
	results := make([]result, len(c.Pools))
	asked := map[string]bool{}
	slots := make(chan struct{}, checkers)
	var all sync.WaitGroup
	for i := range c.Pools {
		spec := zygoteSpec(&c.Pools[i], "", 0, nil)
		spec.User = nil
		key := fmt.Sprint(spec.InspectKey(), spec.Values, spec.AdminValues)
		if asked[key] {
			continue
		}
		asked[key] = true
		all.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			spec := zygoteSpec(&c.Pools[i], "", 0, nil)
			results[i] = result{name: c.Pools[i].Name, problems: worker.Preflight(context.Background(), spec)}
		})
	}
	all.Wait()
	var fatal []error
	for _, r := range results {
		for _, problem := range r.problems {
			line := fmt.Sprintf("[pool %s] %s", r.name, problem)
			if problem.Fatal {
				fatal = append(fatal, errors.New(line))
			} else {
				lines = append(lines, line)
			}
		}
	}
	return lines, misconfigured(errors.Join(fatal...))
}
