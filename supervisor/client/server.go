package client

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"howdah/internal/slots"
)

const (
	// MaxQuestion is the longest question, in bytes: a message of 128 KiB with room around it.
	MaxQuestion = 192 << 10
	// maxConnections is how many clients are served at once; others wait in the kernel's backlog.
	maxConnections = 64
	// idleTimeout is how long a client may say nothing, or take no answer.
	idleTimeout = 10 * time.Second
	// acceptPause is how long accepting rests after an error.
	acceptPause = 100 * time.Millisecond
)

// A Call answers one kind of question with JSON. Its error is told to the client.
type Call func(args json.RawMessage) (json.RawMessage, error)

// Options say for whom a Server works.
type Options struct {
	Listener net.Listener // of Unix connections
	UID      int          // of the pool's workers
	Calls    map[string]Call
	Log      *slog.Logger
}

// Server answers the clients of one pool.
type Server struct {
	o        Options
	listener *slots.Listener
	served   sync.WaitGroup
	over     chan struct{} // closed by Close

	uid    atomic.Int64
	mu     sync.Mutex
	conns  map[net.Conn]struct{}
	closed bool
}

// Serve begins to answer.
func Serve(o Options) *Server {
	s := &Server{o: o, listener: slots.New(o.Listener, maxConnections), conns: map[net.Conn]struct{}{}, over: make(chan struct{})}
	s.SetUID(o.UID)
	s.served.Go(s.accept)
	return s
}

// SetUID changes whose workers may ask besides root and Howdah's own user.
func (s *Server) SetUID(uid int) { s.uid.Store(int64(uid)) }

// Close ends every connection and waits for the goroutines.
func (s *Server) Close() {
	s.mu.Lock()
	if !s.closed {
		close(s.over)
	}
	s.closed = true
	for c := range s.conns {
		_ = c.Close()
	}
	s.mu.Unlock()
	_ = s.listener.Close()
	s.served.Wait()
}

func (s *Server) accept() {
	for {
		c, err := s.listener.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil: // no descriptor is left, say
			s.o.Log.Warn(fmt.Sprintf("client socket: cannot accept: %v; trying again in %v", err, acceptPause))
			select {
			case <-time.After(acceptPause):
			case <-s.over:
				return
			}
			continue
		case !s.keep(c):
			_ = c.Close()
			return
		}
		s.served.Go(func() {
			defer s.drop(c)
			s.serve(c)
		})
	}
}

// keep notes an open connection. It reports false after Close.
func (s *Server) keep(c net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.conns[c] = struct{}{}
	}
	return !s.closed
}

func (s *Server) drop(c net.Conn) {
	s.mu.Lock()
	delete(s.conns, c)
	s.mu.Unlock()
	_ = c.Close()
}

// question is what a client sends; see the package comment.
type question struct {
	V    int             `json:"v"`
	Call string          `json:"call"`
	Args json.RawMessage `json:"args"`
}

type answer struct {
	V      int             `json:"v"`
	Result json.RawMessage `json:"result,omitempty"`
	Error  string          `json:"error,omitempty"`
}

// serve answers one client until it has gone.
func (s *Server) serve(c net.Conn) {
	peer, err := peerOf(c.(*slots.Conn).Conn)
	if err != nil || !s.allowed(peer) {
		s.o.Log.Warn(fmt.Sprintf("client socket: uid %d, pid %d refused: only root, howdah's user and user %d may ask (%v)", peer.Uid, peer.Pid, s.uid.Load(), err))
		_ = s.tell(c, answer{Error: "not allowed"})
		return
	}
	s.o.Log.Debug(fmt.Sprintf("client socket: uid %d, pid %d connected", peer.Uid, peer.Pid))
	lines := bufio.NewScanner(c)
	lines.Buffer(nil, MaxQuestion)
	for {
		if err := c.SetDeadline(time.Now().Add(idleTimeout)); err != nil || !lines.Scan() {
			if errors.Is(lines.Err(), bufio.ErrTooLong) {
				_ = s.tell(c, answer{Error: fmt.Sprintf("a question has at most %d bytes", MaxQuestion)})
			}
			return
		}
		if s.tell(c, s.reply(lines.Bytes())) != nil {
			return
		}
	}
}

// reply carries out one question.
func (s *Server) reply(line []byte) answer {
	var q question
	if err := json.Unmarshal(line, &q); err != nil {
		return answer{Error: "not a question in JSON: " + err.Error()}
	}
	call, ok := s.o.Calls[q.Call]
	switch {
	case q.V != 1:
		return answer{Error: fmt.Sprintf("version %d of the protocol is not known here, 1 is", q.V)}
	case !ok:
		return answer{Error: "there is no call " + q.Call}
	}
	result, err := call(q.Args)
	if err != nil {
		return answer{Error: err.Error()}
	}
	return answer{Result: result}
}

func (s *Server) tell(c net.Conn, a answer) error {
	a.V = 1
	line, err := json.Marshal(a)
	if err != nil {
		return err
	}
	_, err = c.Write(append(line, '\n'))
	return err
}

func (s *Server) allowed(peer unix.Ucred) bool {
	return peer.Uid == 0 || int(peer.Uid) == os.Geteuid() || int64(peer.Uid) == s.uid.Load()
}

// peerOf asks the kernel who is at the other end.
func peerOf(c net.Conn) (unix.Ucred, error) {
	raw, err := c.(*net.UnixConn).SyscallConn()
	if err != nil {
		return unix.Ucred{}, err
	}
	var cred *unix.Ucred
	if e := raw.Control(func(fd uintptr) { cred, err = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED) }); e != nil || err != nil {
		return unix.Ucred{}, errors.Join(e, err)
	}
	return *cred, nil
}
