package wsbridge

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"howdah/internal/repeat"
)

// Dial opens a connection into the pool: something that speaks FastCGI, keeps the connection, and believes the HOWDAH_ variables.
type Dial func(ctx context.Context) (net.Conn, error)

// Counters are totals since the bridge was made.
type Counters struct {
	Handshakes atomic.Uint64 // requests for a WebSocket, good and bad
	Opened     atomic.Uint64
	MessagesIn atomic.Uint64
	ReplyBlank atomic.Uint64 // replies of white space only
	ReplyBad   atomic.Uint64 // replies that were not sent: not UTF-8, not JSON
	Failed     atomic.Uint64 // events that PHP failed on
	Closed     [len(reasonTable)]atomic.Uint64
	Refused    [len(refusalTable)]atomic.Uint64
}

// Bridge holds the WebSockets of a pool.
//
// Concurrency: its methods may be called by any goroutine; Apply, Shutdown and Close by one at a time.
type Bridge struct {
	pool      string
	log       *slog.Logger
	began     time.Time
	options   atomic.Pointer[Options]
	routes    atomic.Pointer[[]*route]
	hub       *Hub
	events    *executors
	admission admission
	counters  Counters
	quiet     quiet

	done       chan struct{} // closed by Close
	closing    sync.Once
	background sync.WaitGroup
}

// route is where a path leads. What it is made of changes with a reload; who it is does not.
type route struct {
	path    string
	conf    atomic.Pointer[Route]
	handler handler
}

// handler has PHP answer the events of sessions.
type handler interface {
	// ready says that the session has an event to take: it is called once, and then again after Session.done has said that there is
	// no other. It may not wait.
	ready(s *Session)
}

// New makes a bridge for a pool; Apply may change its options.
func New(pool string, log *slog.Logger, dial Dial, o Options) *Bridge {
	b := &Bridge{pool: pool, log: log, began: time.Now(), done: make(chan struct{})}
	b.quiet.log = log
	b.hub = newHub(b)
	b.events = newExecutors(b, dial)
	b.Apply(o)
	b.background.Go(func() { b.hub.run(b.done) })
	b.background.Go(func() { b.tend(b.done) })
	return b
}

// Apply puts options in force, also for the sessions there are. Those of a route that is no more are closed.
func (b *Bridge) Apply(o Options) {
	b.options.Store(&o)
	var before []*route
	if r := b.routes.Load(); r != nil {
		before = *r
	}
	var after []*route
	kept := map[*route]bool{}
	for i := range o.Routes {
		r := find(before, o.Routes[i].Path)
		if r == nil {
			r = &route{path: o.Routes[i].Path, handler: b.events}
		}
		r.conf.Store(&o.Routes[i])
		kept[r] = true
		after = append(after, r)
	}
	b.routes.Store(&after)
	b.events.resize(o.EventWorkers)
	for _, s := range b.hub.all() {
		if !kept[s.route] {
			s.fail(stopping)
		}
	}
}

func find(routes []*route, path string) *route {
	for _, r := range routes {
		if r.path == path {
			return r
		}
	}
	return nil
}

// match finds the route of a decoded path: the one that is equal, else the longest that ends in "/*". The path is not cleaned, and no
// name of a file is made of it.
func (b *Bridge) match(path string) *route {
	var best *route
	for _, r := range *b.routes.Load() {
		if r.path == path {
			return r
		}
		if prefix, wild := strings.CutSuffix(r.path, "*"); wild && strings.HasPrefix(path, prefix) && (best == nil || len(r.path) > len(best.path)) {
			best = r
		}
	}
	return best
}

// Hub is the bridge's: what PHP calls goes there.
func (b *Bridge) Hub() *Hub { return b.hub }

// Stats are the bridge's counters, still counting.
func (b *Bridge) Stats() *Counters { return &b.counters }

func (b *Bridge) opts() *Options { return b.options.Load() }

// now is the time since the bridge was made. It is never 0, which stands for no time.
func (b *Bridge) now() time.Duration { return time.Since(b.began) + 1 }

// closeTime is how long the closing handshake may take.
func (b *Bridge) closeTime() time.Duration { return 5 * time.Second }

// ended is called by a session's reader when the connection has gone.
func (b *Bridge) ended(s *Session) {
	b.hub.remove(s)
	b.admission.leave(s.from)
	s.mu.Lock()
	e := event{kind: closeEvent, code: s.closeCode, text: s.closeText}
	why, ours := s.why, s.ours
	s.mu.Unlock()
	if ours {
		b.counters.Closed[why].Add(1)
		if why > restarting || why == protocolError || why == badUTF8 || why == tooBig || why == failed {
			b.note("closed "+why.String(), "connection %s of %s (%s) closed with %d: %s", s.ID(), s.route.path, s.address, e.code, why)
		}
	} else {
		b.counters.Closed[normal].Add(1)
	}
	s.push(e)
}

// Shutdown lets nobody in any more, says goodbye to the clients and returns when they have gone and PHP has been told, or when ctx
// ends. restart says that Howdah will be back: clients may hope.
func (b *Bridge) Shutdown(ctx context.Context, restart bool) {
	b.admission.shut()
	why := stopping
	if restart {
		why = restarting
	}
	all := b.hub.all()
	// Clients that obey the hint come back over as long a time as it takes to let them all in.
	spread := time.Second
	if rate := b.opts().OpensPerSecond; rate > 0 {
		spread = max(spread, time.Duration(len(all))*time.Second/time.Duration(rate))
	}
	for _, s := range all {
		s.close(why, why.code(), fmt.Sprintf("%s; come back in %d s", why, 1+int(jitter(spread)/time.Second)))
	}
	b.events.hurry()
	poll := time.NewTicker(10 * time.Millisecond)
	defer poll.Stop()
	for b.hub.Len() > 0 || b.events.busy() {
		select {
		case <-poll.C:
		case <-ctx.Done():
			return
		}
	}
}

// Close cuts what is left and returns when nothing of the bridge runs any more.
func (b *Bridge) Close() {
	b.admission.shut()
	b.closing.Do(func() { close(b.done) })
	b.events.stop()
	for _, s := range b.hub.all() {
		s.cut()
	}
	b.background.Wait()
}

// warn writes a line once a second for each kind of trouble, since clients and scripts can bring it about at will.
func (b *Bridge) warn(kind, format string, a ...any) {
	b.quiet.write(slog.LevelWarn, kind, format, a...)
}

// note is warn at the level of a notice.
func (b *Bridge) note(kind, format string, a ...any) {
	b.quiet.write(slog.LevelInfo, kind, format, a...)
}

// quiet writes lines that would come in floods once a second.
type quiet struct {
	log   *slog.Logger
	mu    sync.Mutex
	began time.Time
	kinds map[string]*repeat.Limit
}

func (q *quiet) write(level slog.Level, kind, format string, a ...any) {
	q.mu.Lock()
	if q.kinds == nil {
		q.kinds, q.began = map[string]*repeat.Limit{}, time.Now()
	}
	limit := q.kinds[kind]
	if limit == nil {
		limit = &repeat.Limit{Every: time.Second}
		q.kinds[kind] = limit
	}
	n := limit.Add(time.Since(q.began))
	q.mu.Unlock()
	if n == 0 {
		return
	}
	text := fmt.Sprintf(format, a...)
	if n > 1 {
		text += fmt.Sprintf(" (and %d more like it)", n-1)
	}
	q.log.Log(context.Background(), level, text)
}
