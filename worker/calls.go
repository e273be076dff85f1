package worker

import (
	"fmt"
	"strings"

	"golang.org/x/sys/unix"
)

// maxCall is the largest message on PHP's fd 1: 150 kB pass (fact 25), and a little more is refused by the kernel.
const maxCall = 256 << 10

// callsAtOnce is how many messages are read before the loop turns to other things: a script may write without end.
const callsAtOnce = 256

// hostCalls reads PHP's fd 1 empty: calls of Howdah's own functions, and whatever scripts wrote to php://stdout. It must
// always be read, since a script waits once about a hundred messages lie unread.
func (g *generation) hostCalls() {
	p := g.pool
	if p.callBuf == nil {
		p.callBuf, p.callOOB = make([]byte, maxCall), make([]byte, unix.CmsgSpace(unix.SizeofUcred))
	}
	for range callsAtOnce {
		n, oobn, flags, _, err := unix.Recvmsg(g.zygote.HostCalls(), p.callBuf, p.callOOB, unix.MSG_DONTWAIT)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return
		}
		if n == 0 && oobn == 0 { // the last of its writers has gone; an empty message would have its writer's pid with it
			p.loop.Remove(g.zygote.HostCalls())
			return
		}
		pid := credentialPID(p.callOOB[:oobn])
		if flags&unix.MSG_TRUNC != 0 {
			p.log.Warn(fmt.Sprintf("child %d wrote more than %d bytes to stdout at once: the rest is lost", pid, maxCall))
		}
		g.called(pid, p.callBuf[:n])
	}
}

// called deals with one message from fd 1. The only calls so far are those of the probe: "ready" means nothing by itself, "stack"
// that its stack can be read.
func (g *generation) called(pid int, message []byte) {
	p := g.pool
	if call, err := ParseHostCall(message, g.zygote.Token()); err == nil {
		p.counters.HostCalls++
		if call.Kind == "stack" {
			g.prove(pid)
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
