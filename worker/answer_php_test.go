package worker

import (
	"bytes"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"howdah/internal/fcgi"
	"howdah/internal/reactor"
)

// A bench is a pool with one generation whose workers the test plays. Everything happens on the loop, in onBench's function.
type bench struct {
	t    testing.TB
	pool *Pool
	gen  *generation
	log  *logBuffer
	phps []*playedPHP
}

const benchToken = "TOKENTOKENTOKENTOKENTOKENT"

// onBench runs test on a loop. What the package says can't happen is a failure.
func onBench(t testing.TB, opts Options, test func(b *bench)) {
	t.Helper()
	loop, err := reactor.Start()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	listener, err := net.Listen("unix", filepath.Join(dir, "sock")) // for connections in the place of those that are closed; nobody accepts
	if err != nil {
		t.Fatal(err)
	}
	if opts.MaxChildren == 0 {
		opts.MaxChildren = 4
	}
	if opts.QueueMax == 0 {
		opts.QueueMax = 100
	}
	done := make(chan struct{})
	loop.Post(func() {
		defer close(done) // also if the test is given up, which ends the loop's goroutine
		b := newBench(t, loop, dir, opts)
		defer b.close()
		test(b)
	})
	<-done
	loop.Stop()
	loop.Wait()
	listener.Close()
}

func newBench(t testing.TB, loop *reactor.Loop, dir string, opts Options) *bench {
	log := &logBuffer{}
	b := &bench{t: t, log: log, pool: NewPool("www", loop, slog.New(slog.NewTextHandler(log, nil)))}
	b.gen = &generation{pool: b.pool, id: 1, opts: opts, state: genServing, workers: map[int]*Worker{}, fresh: map[*Worker]struct{}{}}
	b.gen.zygote = &Zygote{dir: dir, token: benchToken, calls: -1}
	b.pool.serving, b.pool.opts, b.pool.ids = b.gen, opts, 1
	b.pool.limits.SetDuration(opts.TerminateTimeout)
	return b
}

func (b *bench) close() {
	b.gen.state = genDead
	for w := range b.gen.fresh {
		w.discard()
	}
	for _, php := range b.phps {
		php.w.disconnect()
		php.hangUp()
		if php.w.watch != nil {
			php.w.watch.Stop()
		}
	}
	if text := b.log.String(); strings.Contains(text, "cannot happen") {
		b.t.Errorf("what can't happen did:\n%s", text)
	}
}

// A logBuffer keeps a log. It may be written to and read at once.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// A playedPHP is the other end of a worker's connection.
type playedPHP struct {
	b  *bench
	w  *Worker
	fd int
}

// php adds an idle worker.
func (b *bench) php() *playedPHP {
	b.t.Helper()
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		b.t.Fatal(err)
	}
	w := &Worker{gen: b.gen, fd: pair[0], pid: 1000000000 + len(b.phps), pidfd: -1, state: Idle}
	w.wait(reactor.In)
	b.gen.workers[w.pid] = w
	b.gen.idle.push(w)
	php := &playedPHP{b: b, w: w, fd: pair[1]}
	b.phps = append(b.phps, php)
	return php
}

// heard is what the worker has been sent since last asked.
func (php *playedPHP) heard() []byte {
	all, buf := []byte(nil), make([]byte, 64<<10)
	for {
		n, errno := reactor.Read(php.fd, buf)
		if errno != 0 || n <= 0 {
			return all
		}
		all = append(all, buf[:n]...)
	}
}

// says has the worker write b, and the pool read it if it watches the connection. It reports whether it does.
func (php *playedPHP) says(b []byte) bool {
	php.b.t.Helper()
	if n, errno := reactor.Write(php.fd, b); errno != 0 || n < len(b) {
		if php.w.fd < 0 {
			return false
		}
		php.b.t.Fatalf("wrote %d of %d bytes: %v", n, len(b), errno)
	}
	if php.w.fd < 0 || php.w.interest&reactor.In == 0 {
		return false
	}
	php.w.Ready(reactor.In)
	return true
}

func (php *playedPHP) hangUp() {
	if php.fd >= 0 {
		reactor.Close(php.fd)
		php.fd = -1
	}
}

// exits has the pool see that the worker's process has ended.
func (php *playedPHP) exits() {
	php.hangUp()
	php.w.exited()
}

// submit gives the pool a job, which goes to the worker that is idle.
func (b *bench) submit(j *recorder) *Task {
	b.t.Helper()
	if j.wire == nil {
		j.wire = []byte("request")
	}
	return b.pool.Submit(j)
}

// The records of php-cgi, with padding up to a multiple of eight.
func stdout(content string) []byte { return phpRecord(fcgi.TypeStdout, content) }
func stderr(content string) []byte { return phpRecord(fcgi.TypeStderr, content) }
func endRequest() []byte           { return fcgi.AppendEndRequest(nil, 1, 0, fcgi.StatusRequestComplete) }

func phpRecord(typ uint8, content string) []byte {
	padding := (8 - len(content)%8) % 8
	b := fcgi.AppendHeader(nil, typ, 1, len(content), padding)
	return append(append(b, content...), make([]byte, padding)...)
}

func mark(nul int) string { return fmt.Sprintf("<howdah:finish:%s:%d>\n", benchToken, nul) }

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
