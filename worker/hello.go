package worker

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"howdah/internal/fcgi"
	"howdah/internal/process"
	"howdah/internal/reactor"
)

// helloTimeout is how long a connection waits for a fork to answer. A stopped fork accepts and never answers; while a worker
// lingers, its connection rightly waits for it, without limit.
const helloTimeout = 2 * time.Second

var helloBytes = fcgi.AppendGetValues(nil, fcgi.MaxConns)

// connect opens one connection to the zygote's socket and says hello on it. Whichever fork is free accepts it. It must be
// called only when a fork without connection exists or will: one connection too many waits as long as a request (fact 3).
func (g *generation) connect() {
	if g.state == genDead || g.state == genParked || g.state == genStopping {
		return
	}
	w := &Worker{gen: g, fd: -1, pidfd: -1, born: g.pool.loop.Now()}
	fd, err := dialZygote(g.zygote.Socket())
	if err != nil {
		g.connectFailed(err)
		return
	}
	w.fd = fd
	if _, errno := reactor.Write(fd, helloBytes); errno != 0 {
		reactor.Close(fd)
		g.connectFailed(errno)
		return
	}
	w.interest = reactor.In
	if err := g.pool.loop.Add(fd, reactor.In, reactor.HandlerFunc(func(uint32) { w.hello() })); err != nil {
		reactor.Close(fd)
		g.connectFailed(err)
		return
	}
	g.fresh[w] = struct{}{}
	w.setWatch(helloTimeout, w.silent)
}

// dialZygote returns a connection whose peer's identity will come with its first answer (fact 5).
func dialZygote(path string) (int, error) {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, fmt.Errorf("socket: %w", err)
	}
	if err = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_PASSCRED, 1); err == nil {
		err = unix.Connect(fd, &unix.SockaddrUnix{Name: path})
	}
	if err != nil {
		reactor.Close(fd)
		return -1, fmt.Errorf("connect: %w", err)
	}
	return fd, nil
}

// hello reads the answer: which process it is comes from the kernel.
func (w *Worker) hello() {
	g := w.gen
	buf := make([]byte, 512)
	oob := make([]byte, unix.CmsgSpace(unix.SizeofUcred))
	n, oobn, _, _, err := unix.Recvmsg(w.fd, buf, oob, 0)
	if err == unix.EAGAIN {
		return
	}
	pid := 0
	if err == nil {
		pid = credentialPID(oob[:oobn])
	}
	if err != nil || n < fcgi.HeaderLen || buf[1] != fcgi.TypeGetValuesResult || pid <= 0 {
		g.pool.log.Debug(fmt.Sprintf("a connection was closed before hello (%d bytes, %v)", n, err))
		w.discard()
		g.helloMissed()
		return
	}
	_ = unix.SetsockoptInt(w.fd, unix.SOL_SOCKET, unix.SO_PASSCRED, 0) // it would cost at every read
	if before := g.workers[pid]; before != nil && !w.succeeds(before) {
		return
	}
	pidfd, err := process.OpenPidfd(pid)
	if err != nil { // it has ended since
		delete(g.workers, pid)
		w.discard()
		g.helloMissed()
		return
	}
	delete(g.fresh, w)
	w.watch.Stop()
	g.pool.loop.Remove(w.fd)
	w.interest = 0
	w.wait(reactor.In)
	g.workers[pid] = w
	if err := w.attach(pid, pidfd); err != nil {
		g.pool.log.Error("cannot watch a worker: "+err.Error(), w.attrs()...)
	}
	w.step(Answered)
	g.missed = 0
	g.answered(w)
}

// succeeds makes w the connection of a process that we know already: it lingered and is back. It reports whether w is of use.
func (w *Worker) succeeds(before *Worker) bool {
	g := w.gen
	if before.state == Draining { // it accepted this one, which is meant for another, before it was told to end
		w.discard()
		g.connect()
		return false
	}
	if before.fd >= 0 { // it closed its connection
		before.closedAlive()
	}
	if before.pidfd >= 0 && process.Exited(before.pidfd) { // it is another process, with the same pid
		before.exited()
		return true
	}
	w.served, w.born, w.doomed, w.measured = before.served, before.born, before.doomed, before.measured
	w.tally.inherit(before, g.pool.loop.Now())
	if t := before.task; t != nil {
		before.task = nil
		t.release()
	}
	before.step(Returned)
	before.detach()
	if w.served++; before.doomed == "" {
		w.doomed = g.pool.doom(w)
	}
	return true
}

func credentialPID(oob []byte) int {
	messages, err := unix.ParseSocketControlMessage(oob)
	if err != nil {
		return 0
	}
	for i := range messages {
		if cred, err := unix.ParseUnixCredentials(&messages[i]); err == nil {
			return int(cred.Pid)
		}
	}
	return 0
}

// silent deals with a hello that got no answer in time.
func (w *Worker) silent() {
	g := w.gen
	g.lookForChurn()
	if g.state == genDead {
		return
	}
	if g.lingering() > 0 || g.state == genStarting {
		w.setWatch(helloTimeout, w.silent)
		return
	}
	g.pool.log.Debug(fmt.Sprintf("no fork has answered on a connection for %v: trying another", helloTimeout), g.attrs()...)
	w.discard()
	g.helloMissed()
}

// discard closes a connection that never got to a worker.
func (w *Worker) discard() {
	if w.watch != nil {
		w.watch.Stop()
	}
	delete(w.gen.fresh, w)
	w.step(Silent)
	w.disconnect()
}
