package worker

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"howdah/internal/reactor"
)

const (
	// startTimeout is how long a zygote may take from exec to its first hello: a large preload takes seconds.
	startTimeout = 30 * time.Second
	// connectEvery is the time between attempts to connect to a zygote that does not listen yet.
	connectEvery = 2 * time.Millisecond
	// gatherTimeout is how long the forks of a new generation are waited for after the first has answered.
	gatherTimeout = time.Second
	// maxMissed is how many hellos in a row may come to nothing before the generation is given up (fact 12); at least as many
	// as it has workers, since on a busy machine those of a large pool are late together.
	maxMissed = 20
	// scarceRetry is how long an attempt to connect waits for descriptors or memory.
	scarceRetry = time.Second
)

type genState uint8

const (
	genStarting  genState = iota // exec'd; no fork has answered yet
	genPreparing                 // forks answer; the probe and the warm-up run
	genServing                   // takes jobs
	genParked                    // ondemand and idle: the zygote is stopped, its forks have ended
	genDraining                  // finishes what it has; its zygote is stopped
	genStopping                  // the zygote is told to end, nothing else is left
	genDead
)

// generation is one zygote, its workers, and one configuration.
type generation struct {
	pool    *Pool
	id      int
	opts    Options
	zygote  *Zygote
	state   genState
	started time.Duration

	workers   map[int]*Worker      // by pid: those that said hello and live
	fresh     map[*Worker]struct{} // connections that wait for a fork
	idle      idleStack
	busy      int
	missed    int // hellos in a row that came to nothing
	churn     churn
	stacks    stacks
	calling   bool // fd 1 may bring calls
	callsLeft bool // and was not read empty
	orphans   bool // the zygote has ended before its workers
	abandoned bool // and its workers end too, when they are not busy

	timer    *reactor.Timer // connecting, then gathering, then the drain's end
	rounds   [][]Job        // requests still to be made before serving; those of a round at once, each by another worker
	awaited  int            // of the round that runs
	complete bool           // its forks were waited for
	ending   sync.Once      // of end
	ended    error
}

// begin takes over a zygote that was just exec'd.
func (g *generation) begin(z *Zygote) {
	g.zygote, g.state, g.started = z, genStarting, g.pool.loop.Now()
	err := g.pool.loop.Add(z.Pidfd(), reactor.In, reactor.HandlerFunc(func(uint32) { g.zygoteExited() }))
	if err == nil && z.HostCalls() >= 0 {
		g.calling = true
		err = g.pool.loop.Add(z.HostCalls(), reactor.In, reactor.HandlerFunc(func(uint32) { g.hostCalls() }))
	}
	if err != nil {
		g.fail(err)
		return
	}
	g.timer = g.pool.loop.NewTimer(g.tryConnect)
	g.timer.Set(connectEvery)
}

// tryConnect opens the connections as soon as the zygote listens.
func (g *generation) tryConnect() {
	if g.state != genStarting {
		return
	}
	fd, err := dialZygote(g.zygote.Socket())
	if err != nil {
		if g.pool.loop.Now()-g.started > startTimeout {
			g.fail(fmt.Errorf("php-cgi does not listen %v after its start: %w", startTimeout, err))
			return
		}
		g.timer.Set(connectEvery)
		return
	}
	reactor.Close(fd) // a fork that accepts it sees its end and goes on
	for range g.opts.MaxChildren {
		g.connect()
	}
	g.timer = g.pool.loop.After(startTimeout-(g.pool.loop.Now()-g.started), func() {
		g.fail(fmt.Errorf("no worker of php-cgi has answered %v after its start", startTimeout))
	})
}

// answered is called when a fork has said hello on w.
func (g *generation) answered(w *Worker) {
	w.since = g.pool.loop.Now()
	switch g.state {
	case genStarting:
		g.state = genPreparing
		g.timer.Stop()
		g.idle.push(w)
		g.timer = g.pool.loop.After(gatherTimeout, g.gathered)
		g.maybeGathered()
	case genPreparing:
		g.idle.push(w)
		g.maybeGathered()
	case genDraining, genStopping:
		w.retire()
		g.awaitLingering()
		g.pool.settle(g)
		g.pool.pump() // one that lingered is back: one busy less
	case genServing:
		g.pool.freed(w)
	}
}

func (g *generation) maybeGathered() {
	if len(g.workers) >= g.opts.MaxChildren {
		g.timer.Stop()
		g.gathered()
	}
}

// lingering counts workers that will accept a connection when they are done.
func (g *generation) lingering() int {
	n := 0
	for _, w := range g.workers {
		if w.fd < 0 && (w.state == Lingering || w.state == Killing) {
			n++
		}
	}
	return n
}

// awaitLingering has a connection wait for each worker that will come back, in a generation that gets no new ones: a fork that
// was born in the last moment may have accepted what was meant for it.
func (g *generation) awaitLingering() {
	for g.state == genDraining && len(g.fresh) < g.lingering() {
		before := len(g.fresh)
		if g.connect(); len(g.fresh) == before {
			return
		}
	}
}

// lost is called when a worker's process has ended. The zygote makes a new fork at once, and the connection to it is opened
// now: it waits in the backlog for the few milliseconds that takes.
func (g *generation) lost(w *Worker) {
	if g.workers[w.pid] == w {
		delete(g.workers, w.pid)
	}
	if !w.replaced && !g.orphans && g.state < genParked {
		g.connect()
	}
	p := g.pool
	p.settle(g)
	p.refuseHopeless()
	p.pump() // one busy less
}

// helloMissed deals with a connection that came to nothing: its fork has ended before hello, or does not answer.
func (g *generation) helloMissed() {
	g.missed++
	switch {
	case g.state == genDraining:
		g.pool.loop.After(time.Duration(g.missed)*connectEvery, g.awaitLingering)
	case g.state == genStopping || g.state == genDead || g.state == genParked:
		g.pool.settle(g)
	case g.missed > g.mayMiss():
		g.giveUp(errors.New("its workers end before they answer"))
	case g.orphans:
	default: // not at once: forks that die at birth are re-forked without pause
		g.pool.loop.After(time.Duration(g.missed)*connectEvery, g.connect)
	}
}

func (g *generation) mayMiss() int { return max(maxMissed, g.opts.MaxChildren) }

// connectFailed deals with a socket that can't be connected to, or a descriptor that can't be had.
func (g *generation) connectFailed(err error) {
	if g.orphans || g.state >= genParked {
		return
	}
	if scarce(err) {
		g.pool.log.Warn(fmt.Sprintf("cannot connect to a worker, trying again in %v: %v", scarceRetry, err), g.attrs()...)
		g.pool.loop.After(scarceRetry, g.connect)
		return
	}
	g.missed++
	if g.missed > g.mayMiss() {
		g.giveUp(fmt.Errorf("its socket cannot be connected to: %w", err))
		return
	}
	g.pool.loop.After(time.Duration(g.missed)*5*connectEvery, g.connect)
}

// scarce tells errors that are not the zygote's fault, and pass.
func scarce(err error) bool {
	for _, errno := range []unix.Errno{unix.EMFILE, unix.ENFILE, unix.ENOMEM, unix.ENOBUFS, unix.EAGAIN} {
		if errors.Is(err, errno) {
			return true
		}
	}
	return false
}

// giveUp ends a generation that gets no new workers. One that has some goes on with them until the next serves.
func (g *generation) giveUp(why error) {
	if g.state != genServing || len(g.workers) == 0 {
		g.fail(why)
		return
	}
	if g.missed == g.mayMiss()+1 {
		g.pool.log.Error(fmt.Sprintf("%v: starting another php-cgi", why), g.attrs()...)
	}
	g.pool.loop.After(time.Second, g.connect)
	g.pool.replace(g)
}

// zygoteExited is called when the php-cgi that forks the workers has ended. Its workers may go on (fact 11).
func (g *generation) zygoteExited() {
	p := g.pool
	p.loop.Remove(g.zygote.Pidfd())
	g.orphans = true
	switch g.state {
	case genStarting, genPreparing:
		g.fail(errors.New("php-cgi has ended"))
	case genServing:
		if cause := g.zygote.Exit(); cause.Known && cause.Signal == 0 && cause.Code == 0 {
			// Somebody sent it SIGTERM, and its handler has sent that on to the whole group: its forks end at their next request.
			// (1 is its code when it cannot fork any more.)
			g.abandoned = true
			for w := g.idle.pop(); w != nil; w = g.idle.pop() {
				w.doomed = "abandoned"
				w.retire()
			}
		}
		p.log.Warn(fmt.Sprintf("php-cgi %d, which forks the workers, %s: starting another", g.zygote.PID(), g.zygote.Exit()), g.attrs()...)
		p.replace(g)
	case genParked:
		p.log.Warn(fmt.Sprintf("php-cgi %d %s while its pool was parked", g.zygote.PID(), g.zygote.Exit()), g.attrs()...)
		g.abolish()
	default:
		p.settle(g)
	}
}

// fail gives the generation up: everything of it is killed.
func (g *generation) fail(why error) {
	if g.state == genDead {
		return
	}
	if said := g.zygote.LastLine(); said != "" {
		why = fmt.Errorf("%w; it said: %s", why, strings.TrimSpace(said))
	}
	if g.ended == nil {
		g.ended = why
	}
	was := g.state
	g.zygote.KillGroup()
	g.abolish()
	if was == genServing {
		g.pool.log.Error(fmt.Sprintf("generation %d is given up: %v", g.id, why), g.attrs()...)
	}
}

// abolish kills the workers and the zygote, and fails what they work on. What their scripts detached lives on.
func (g *generation) abolish() {
	if g.state == genDead {
		return
	}
	g.state = genStopping // whoever is told of a failure may have more requests: not for these workers
	g.idle = idleStack{}
	_ = g.zygote.Freeze()
	var tasks []*Task
	for _, w := range g.workers {
		if w.task != nil {
			tasks = append(tasks, w.task)
			w.task = nil
		}
		w.signal(unix.SIGKILL)
		w.disconnect()
		w.detach()
		w.state = Dead
	}
	clear(g.workers)
	g.busy = 0
	for _, t := range tasks {
		t.fail(502, 0, CauseStopped)
		t.release()
	}
	g.dead()
}

// dead ends what the loop knows of the generation.
func (g *generation) dead() {
	if g.state == genDead {
		return
	}
	g.state = genDead
	if g.timer != nil {
		g.timer.Stop()
	}
	for w := range g.fresh {
		w.discard()
	}
	z := g.zygote
	if !g.orphans {
		g.pool.loop.Remove(z.Pidfd())
	}
	if z.HostCalls() >= 0 {
		g.hostCalls()
		g.pool.loop.Remove(z.HostCalls())
	}
	g.pool.off(func() {
		g.end()
		z.Release()
	})
	g.pool.gone(g)
}

func (g *generation) attrs() []any {
	return []any{slog.Int("generation", g.id)}
}
