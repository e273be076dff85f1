package worker

import (
	"bufio"
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"sync"

	"golang.org/x/sys/unix"

	"howdah/internal/process"
)

// A Zygote is one php-cgi that forks the workers of a generation. Its forks share one opcache.
type Zygote struct {
	spec    ZygoteSpec
	process *process.Process
	dir     string // private, holds the socket
	token   string
	calls   int // our end of the pair whose other end is PHP's fd 1; -1 when released

	stderr   io.Closer
	drained  chan struct{} // closed when the stderr goroutine is done
	mu       sync.Mutex
	lastLine string
	released bool
}

// StartZygote starts the php-cgi of a generation. It returns when exec has succeeded; whether PHP comes up shows when the
// socket can be connected to, or when Pidfd becomes readable.
func StartZygote(sp *process.Spawner, spec ZygoteSpec) (*Zygote, error) {
	z := &Zygote{spec: spec, token: rand.Text(), calls: -1, drained: make(chan struct{})}
	if err := z.start(sp); err != nil {
		z.Release()
		return nil, fmt.Errorf("cannot start php-cgi of pool %s: %w", spec.Pool, err)
	}
	return z, nil
}

func (z *Zygote) start(sp *process.Spawner) error {
	spec := &z.spec
	if err := os.MkdirAll(spec.Dir, 0o711); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(spec.Dir, "g"+strconv.Itoa(spec.Generation)+"-")
	if err != nil {
		return err
	}
	z.dir = dir
	if spec.User != nil {
		if err := os.Chown(dir, int(spec.User.UID), int(spec.User.GID)); err != nil {
			return err
		}
	}
	null, err := os.Open(os.DevNull)
	if err != nil {
		return err
	}
	defer null.Close()
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return os.NewSyscallError("socketpair", err)
	}
	z.calls = pair[0]
	fd1 := os.NewFile(uintptr(pair[1]), "host calls")
	defer fd1.Close()
	if err := unix.SetNonblock(z.calls, true); err != nil {
		return err
	}
	if err := unix.SetsockoptInt(z.calls, unix.SOL_SOCKET, unix.SO_PASSCRED, 1); err != nil {
		return os.NewSyscallError("setsockopt SO_PASSCRED", err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	defer w.Close()
	z.stderr = r
	chdir := spec.Chdir
	if chdir == "" {
		chdir = "/"
	}
	var limits []process.Limit
	if spec.RlimitFiles != nil {
		limits = append(limits, process.Limit{Resource: unix.RLIMIT_NOFILE, Value: *spec.RlimitFiles})
	}
	if spec.RlimitCore != nil {
		limits = append(limits, process.Limit{Resource: unix.RLIMIT_CORE, Value: *spec.RlimitCore})
	}
	go z.drain(r)
	z.process, err = sp.Start(process.Spec{
		Path:       spec.Binary,
		Args:       z.args(),
		Env:        z.env(),
		Dir:        chdir,
		Files:      []*os.File{null, fd1, w},
		Credential: spec.credential(),
		Limits:     limits,
		Nice:       spec.Priority,
		Batch:      spec.Batch,
	})
	return err
}

func (z *Zygote) args() []string {
	a := []string{z.spec.Binary, "-b", z.Socket(), "-d", "fastcgi.logging=1", "-d", "cgi.fix_pathinfo=1"}
	if z.spec.PHPIni != "" {
		a = append(a, "-c", z.spec.PHPIni)
	}
	for _, v := range z.spec.Values {
		a = append(a, "-d", v.Name+"="+v.Value)
	}
	for _, d := range z.spec.Defines {
		a = append(a, "-d", d)
	}
	return a
}

func (z *Zygote) env() []string {
	var e []string
	if !z.spec.ClearEnv {
		e = os.Environ()
	}
	for _, s := range z.spec.Env {
		e = append(e, s.Name+"="+s.Value)
	}
	if u := z.spec.User; u != nil {
		e = append(e, "USER="+u.Name, "HOME="+u.Home)
	}
	return append(e, "PHP_FCGI_CHILDREN="+strconv.Itoa(z.spec.Children), "PHP_FCGI_MAX_REQUESTS=0", "PHP_FCGI_BACKLOG=4096")
}

// drain passes stderr on, line by line, until every process that holds it is gone or Release closes it.
func (z *Zygote) drain(r *os.File) {
	defer close(z.drained)
	s := bufio.NewScanner(r)
	for s.Scan() {
		line := s.Text()
		if line == "" {
			continue
		}
		z.mu.Lock()
		z.lastLine = line
		z.mu.Unlock()
		if z.spec.Log != nil {
			z.spec.Log(line)
		}
	}
}

// PID is the zygote's pid, and the number of its process group.
func (z *Zygote) PID() int { return z.process.PID }

// Pidfd is readable once the zygote has exited. It belongs to the Zygote, and Release closes it.
func (z *Zygote) Pidfd() int { return z.process.Pidfd }

// Exit returns how the zygote ended, once Pidfd is readable. It waits for the moment that reaping takes.
func (z *Zygote) Exit() process.ExitCause { return z.process.Cause() }

// Socket is the path that the workers listen on. Each connection reaches one worker.
func (z *Zygote) Socket() string { return filepath.Join(z.dir, "sock") }

// HostCalls is our end of PHP's fd 1: SOCK_SEQPACKET, nonblocking, with SO_PASSCRED. It belongs to the Zygote. -1: none.
func (z *Zygote) HostCalls() int { return z.calls }

// Token proves that a message on HostCalls or a finish mark was made by our preload.php.
func (z *Zygote) Token() string { return z.token }

// LastLine is the last line on stderr that was not empty.
func (z *Zygote) LastLine() string {
	z.mu.Lock()
	defer z.mu.Unlock()
	return z.lastLine
}

// Freeze stops the zygote: workers that exit are not replaced.
func (z *Zygote) Freeze() error { return z.process.Signal(unix.SIGSTOP) }

// Thaw lets the zygote go on: it forks until it has all its children.
func (z *Zygote) Thaw() error { return z.process.Signal(unix.SIGCONT) }

// Kill ends the zygote alone; its workers go on.
func (z *Zygote) Kill() error { return z.process.Signal(unix.SIGKILL) }

// KillGroup ends the zygote, its workers and what their scripts started in its process group.
func (z *Zygote) KillGroup() { z.process.KillGroup() }

// Children lists the pids of the zygote's forks.
func (z *Zygote) Children() ([]int, error) { return process.Children(z.process.PID) }

// CPUTicks is the processor time of the zygote and of its reaped forks in 1/100 s. It grows fast when forks die at birth.
func (z *Zygote) CPUTicks() (uint64, error) {
	st, err := process.ReadStat(z.process.PID)
	return st.Ticks + st.ChildTicks, err
}

// Release closes the Zygote's descriptors and removes its directory. It is idempotent. It does not end the process.
func (z *Zygote) Release() {
	z.mu.Lock()
	first := !z.released
	z.released = true
	z.mu.Unlock()
	if !first {
		return
	}
	if z.stderr != nil {
		z.stderr.Close()
		<-z.drained
	}
	if z.calls >= 0 {
		unix.Close(z.calls)
		z.calls = -1
	}
	if z.process != nil {
		z.process.Close()
	}
	if z.dir != "" {
		os.RemoveAll(z.dir)
	}
}
