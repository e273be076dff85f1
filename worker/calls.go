package worker

import (
	"fmt"
	"strings"

	"golang.org/x/sys/unix"
)

// maxCall is the largest message on PHP's fd 1: 150 kB pass (fact 25), and a little more is refused by the kernel.
const maxCall = 256 << 10

// callsAtOnce is how many messages are read before the loop turns to other things: a script may write without end. The socket holds
// fewer (net.core.wmem_default by the kernel's cost of a message), so that all which were there at the beginning are read.
const callsAtOnce = 512

// hostCalls reads PHP's fd 1 empty: calls of Howdah's own functions, and whatever scripts wrote to php://stdout. It must
// always be read, since a script waits once about a hundred messages lie unread.
func (g *generation) hostCalls() {
	p := g.pool.root()
	if p.callBuf == nil {
		p.callBuf, p.callOOB = make([]byte, maxCall), make([]byte, unix.CmsgSpace(unix.SizeofUcred))
	}
	g.callsLeft = false
	for range callsAtOnce {
		n, oobn, flags, _, err := unix.Recvmsg(g.zygote.HostCalls(), p.callBuf, p.callOOB, unix.MSG_DONTWAIT)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return
		}
		if n == 0 && oobn == 0 { // the last of its writers has gone; an empty message would have its writer's pid with it
			g.calling = false
			p.loop.Remove(g.zygote.HostCalls())
			return
		}
		pid := credentialPID(p.callOOB[:oobn])
		if flags&unix.MSG_TRUNC != 0 {
			p.log.Warn(fmt.Sprintf("child %d wrote more than %d bytes to stdout at once: the rest is lost", pid, maxCall))
		}
		g.called(pid, p.callBuf[:n])
	}
	g.callsLeft = true
}

// callsBefore reads the calls that were made before the request of w ends, which is now. Where the whole answer came in one piece
// there can be none left: fd 1 was ready before the answer was, and the loop takes what is ready in that order.
func (g *generation) callsBefore(w *Worker) {
	if g.calling && (w.answer.reads > 1 || g.callsLeft) {
		g.hostCalls()
	}
}

// finishAlone lets a script whose client has gone come to its end, if it has called one of Howdah's functions. What it prints is
// thrown away.
func (w *Worker) finishAlone() bool {
	if w.gen.calling {
		w.gen.hostCalls()
	}
	if !w.called || w.fd < 0 {
		return false
	}
	w.keepBody()
	w.answer.paused = false
	w.wait(w.sendInterest())
	return true
}

// called deals with one message from fd 1. Of the calls of the probe, "ready" means nothing by itself, and "stack"
// that its stack can be read; all others are somebody else's.
func (g *generation) called(pid int, message []byte) {
	p := g.pool
	if call, err := ParseHostCall(message, g.zygote.Token()); err == nil {
		p.counters.HostCalls++
		if w := g.workers[pid]; w != nil {
			w.called = true
		}
		if call.Kind == "stack" {
			g.prove(pid)
		} else if g.opts.Call != nil {
			g.opts.Call(pid, call.Kind, call.Payload)
		}
		return
	}
	if g.opts.Output == nil {
		return
	}
	for line := range strings.Lines(string(message)) {
		if line = strings.TrimRight(line, "\r\n"); line != "" {
			g.opts.Output(pid, StreamStdout, line)
		}
	}
}
