package worker

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"time"

	"howdah/internal/fcgi"
	"howdah/internal/process"
	"howdah/internal/reactor"
)

// scratchLen is the read buffer that all workers of a pool share: one answer of a usual page, whole.
const scratchLen = 256 << 10

// retryAfterFull is what a client is told to wait when the queue is full or too slow.
const retryAfterFull = time.Second

// Pool lends workers to jobs. All its methods are called on its loop, except Wait.
type Pool struct {
	name string
	loop *reactor.Loop
	log  *slog.Logger
	opts Options // of the serving generation

	serving  *generation // takes jobs; nil before the first is ready, and when none is left
	starting *generation // its successor
	old      map[*generation]struct{}
	ids      int

	queue     queue
	limits    *reactor.Deadlines // request_terminate_timeout
	looks     *reactor.Deadlines // the first look at a long request
	started   time.Duration
	slow      *reactor.Deadlines // request_slowlog_timeout
	counters  *Counters          // of the whole family
	crowded   bool               // a request had to wait since all workers were busy, and there was no room since
	crowdSaid time.Duration      // when the log last said so
	refusals  refusals
	scratch   []byte
	callBuf   []byte // for hostCalls
	callOOB   []byte
	spare     []*Task

	spawning bool    // a zygote is being exec'd
	inHand   *reload // what starting is started for
	pending  *reload // the wish that came meanwhile
	restart  restart
	switched time.Duration // when serving began to serve
	crashes  []time.Duration
	stacksNo string // what was last said of why stacks can't be read
	scaling  *reactor.Timer
	budget   spawnBudget
	overlap  *reactor.Timer
	paused   PauseMode
	stopping bool
	stopped  func() // called when the last process has gone

	family    *family         // nil: there has not been a side
	key       []byte          // to look for a side with
	plain     map[string]bool // texts of PHP_VALUE and PHP_ADMIN_VALUE that set nothing
	overrides Overrides       // of a side
	held      bool            // a side that is not started yet
	used      time.Duration

	background sync.WaitGroup
}

// NewPool makes a pool that runs nothing yet; Reload starts its first generation. It must be called on the loop.
func NewPool(name string, loop *reactor.Loop, log *slog.Logger) *Pool {
	p := newPool(name, loop, log)
	p.scratch = make([]byte, scratchLen)
	p.counters = &Counters{Failed: map[Cause]uint64{}, Recycled: map[string]uint64{}, DeathCauses: map[string]uint64{}}
	return p
}

// newPool makes a pool without what the pools of a family share.
func newPool(name string, loop *reactor.Loop, log *slog.Logger) *Pool {
	p := &Pool{name: name, loop: loop, log: log, old: map[*generation]struct{}{}}
	p.queue.waits = loop.NewDeadlines(0)
	p.limits = loop.NewDeadlines(0)
	p.looks = loop.NewDeadlines(longRequest)
	p.started, p.crowdSaid = loop.Now(), -crowdEvery
	p.slow = loop.NewDeadlines(0)
	p.scaling = loop.NewTimer(p.scale)
	p.overlap = loop.NewTimer(p.pump)
	p.restart.timer = loop.NewTimer(p.startAgain)
	p.refusals.timer = loop.NewTimer(func() { p.refusals.report(p) })
	return p
}

// Submit takes a job: it runs at once, waits, or has failed before Submit returns, and then the task is of no use any more.
func (p *Pool) Submit(job Job) *Task {
	p.counters.Accepted++
	t := p.newTask(job)
	if p.queue.len == 0 {
		if w := p.takeIdle(); w != nil {
			p.noteRoom()
			p.assign(w, t)
			return t
		}
	}
	switch {
	case !p.mayComeUp():
		p.refused(CauseUnavailable)
		t.fail(503, p.restart.wait(p.loop.Now()), CauseUnavailable)
		p.recycleTask(t)
		return t
	case p.root().paused == PauseRefuse:
		p.refused(CausePaused)
		t.fail(503, retryAfterFull, CausePaused)
		p.recycleTask(t)
		return t
	case p.crowd() >= p.opts.QueueMax:
		p.refused(CauseQueueFull)
		t.fail(503, retryAfterFull, CauseQueueFull)
		p.recycleTask(t)
		return t
	}
	p.counters.Queued++
	p.noteCrowd()
	p.queue.push(t)
	if f := p.family; f != nil {
		f.peak = max(f.peak, f.waiting())
	}
	p.wake()
	return t
}

func (p *Pool) newTask(job Job) *Task {
	var t *Task
	if n := len(p.spare); n > 0 {
		t, p.spare = p.spare[n-1], p.spare[:n-1]
	} else {
		t = &Task{pool: p}
		t.limit.Expired = t.expired
		t.slow.Expired = t.tooSlow
	}
	t.job, t.entered = job, p.loop.Now()
	return t
}

// recycleTask takes back a task that nobody refers to any more.
func (p *Pool) recycleTask(t *Task) {
	t.unlimit()
	t.slow.Leave()
	t.job, t.worker, t.sent = nil, nil, false
	p.spare = append(p.spare, t)
}

// release is recycleTask for a task that was with a worker.
func (t *Task) release() { t.pool.recycleTask(t) }

// describe names the task in a log line, also when its client has gone.
func (t *Task) describe() (script, request string) {
	if t.job == nil {
		return "-", "client gone"
	}
	return t.job.Describe()
}

// takeIdle takes a worker for the next job, nil if none may work now.
func (p *Pool) takeIdle() *Worker {
	g := p.serving
	if g == nil || g.idle.len == 0 || g.busy >= p.allowance() {
		return nil
	}
	return g.idle.pop()
}

// allowance is how many workers of the serving generation may be busy: all, less what older generations still run once the
// overlap of a reload is over, so that a database does not see twice the connections, and less those of the rest of the family; none
// in a pause.
func (p *Pool) allowance() int {
	if p.root().paused != NotPaused {
		return 0
	}
	n := p.opts.MaxChildren
	if len(p.old) > 0 && !p.overlaps() {
		n = max(n-p.olderBusy(), 1)
	}
	return n - p.othersBusy()
}

// assign gives an idle worker, already out of the idle stack, its next job.
func (p *Pool) assign(w *Worker, t *Task) {
	w.step(Assigned)
	w.task, t.worker, t.begun, t.sent, w.called = t, w, p.loop.Now(), false, false
	p.limits.Enter(&t.limit)
	p.slow.Enter(&t.slow)
	if w.send(t.job) {
		w.noteBegin(t)
		t.limitOwn()
		t.job.Begun(w.pid)
		return
	}
	// The worker has gone and took nothing: its end is told by its pidfd, and the job is as new.
	w.task, t.worker = nil, nil
	t.limit.Leave()
	t.slow.Leave()
	w.abandon()
	if w.gen.state == genPreparing { // not one of the queue's
		t.fail(502, 0, CauseDied)
		p.recycleTask(t)
		return
	}
	p.queue.pushFront(t)
	p.pump()
}

// completed is called with the last records of an answer. The next job goes out before the answer: PHP works while we write.
func (w *Worker) completed(records []byte) {
	p, g, t := w.gen.pool, w.gen, w.task
	if t == nil {
		w.broken("END_REQUEST without a request")
		return
	}
	g.callsBefore(w)
	w.task, w.called = nil, false
	w.noteEnd()
	if w.served > 0 {
		p.counters.Reused++
	}
	w.served++
	w.step(Completed)
	if w.watch != nil {
		w.watch.Stop()
	}
	var said []byte
	if w.answer.stderr.scanner != nil {
		said = w.endStderr()
	}
	paused := w.answer.paused
	w.answer = answer{kept: w.answer.kept}
	job := t.job
	p.recycleTask(t)
	if g.state != genPreparing {
		p.counters.Completed++
	}
	if len(w.unsent) > 0 || w.spill.pending() {
		// PHP answered without reading the body: what is left of it would be taken for the next request.
		w.doomed = "unread_body"
	}
	w.dropBody()
	if paused { // the end came with what made the job ask for a pause
		w.wait(w.sendInterest())
	}
	if w.doomed == "" {
		w.doomed = p.doom(w)
	}
	p.freed(w)
	if job != nil {
		if len(said) > 0 {
			records = append(fcgi.AppendStream(nil, fcgi.TypeStderr, job.RequestID(), said), records...)
		}
		job.End(records)
	}
	p.settle(g)
}

// freed puts a worker that has just become idle to its next use.
func (p *Pool) freed(w *Worker) {
	g := w.gen
	if !w.gone {
		p.measure(w)
	}
	switch {
	case w.gone:
		p.pump()
	case w.doomed != "" || g.state == genDraining || g.abandoned:
		w.retire()
		p.pump()
	case g == p.serving && p.queue.head != nil && g.busy < p.allowance() && p.turn():
		p.assign(w, p.queue.pop())
	default:
		w.since = p.loop.Now()
		g.idle.push(w)
		p.pump()
		p.scheduleScaling()
	}
}

// pump gives jobs that wait to workers that are idle, in the whole family.
func (p *Pool) pump() {
	for m := p.next(); m != nil; m = p.next() {
		m.assign(m.serving.idle.pop(), m.queue.pop())
	}
}

// died logs the end of a worker that nobody asked for, with what it was doing.
func (p *Pool) died(w *Worker, t *Task, cause process.ExitCause) {
	p.counters.Deaths++
	p.counters.DeathCauses[cause.Word()]++
	level, doing := slog.LevelWarn, ""
	if t != nil {
		script, request := t.describe()
		doing = fmt.Sprintf(", in script '%s' (request: %q) after %f sec", script, request, (p.loop.Now() - t.begun).Seconds())
	} else if cause.Known && cause.Signal == 0 && cause.Code == 0 {
		level = slog.LevelInfo
	}
	p.log.Log(context.Background(), level, fmt.Sprintf("child %d %s after %f seconds from start%s", w.pid, cause, (p.loop.Now()-w.born).Seconds(), doing), w.attrs()...)
	p.crashed(cause)
}

// Stats returns a copy of the figures.
func (p *Pool) Stats() Stats {
	s := Stats{Counters: *p.counters, Started: p.wallTime(p.started, time.Now()), Waiting: p.queue.len, WaitingMax: p.queue.peak, WaitingLimit: p.opts.QueueMax,
		Mode: p.opts.Mode, MaxChildren: p.opts.MaxChildren}
	s.Failed, s.Recycled, s.DeathCauses = maps.Clone(s.Failed), maps.Clone(s.Recycled), maps.Clone(s.DeathCauses)
	s.Paused, s.Draining = p.paused, len(p.old)
	if g := p.serving; g != nil {
		s.Generation, s.Workers, s.Busy, s.Idle, s.Used, s.Parked = g.id, len(g.workers), g.busy, g.idle.len, g.idle.used, g.state == genParked
	}
	s.Busy += p.olderBusy()
	if f := p.family; f != nil {
		s.WaitingMax, s.Sides = max(s.WaitingMax, f.peak), len(f.members)-1
		for _, m := range f.members[1:] {
			s.Busy, s.Waiting = s.Busy+m.busyNow(), s.Waiting+m.queue.len
			if g := m.serving; g != nil {
				s.Workers, s.Idle, s.Used = s.Workers+len(g.workers), s.Idle+g.idle.len, s.Used+g.idle.used
			}
		}
	}
	return s
}

// Wait returns when everything that the pool did off the loop is done. It is called off the loop, after Stop has reported.
func (p *Pool) Wait() { p.background.Wait() }

// off runs f in a goroutine that Wait waits for.
func (p *Pool) off(f func()) {
	p.root().background.Go(f)
}
