package phpfpm

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Call is how this process was called.
type Call struct {
	Name string   // php-fpm's, with the path that was typed
	Args []string // without the name
	// Second is set in the second run of the program, which has php-fpm's title and runs the service. Ready is the descriptor
	// on which its parent waits, if it is in the background.
	Second bool
	Ready  int
}

// secondRun is the variable that hands a Call to the second run.
const secondRun = "HOWDAH_FPM_CALL"

// Called takes php-fpm's call apart; ok is false if this process was not called by that name. It takes the second run's
// variable out of the environment.
func Called(argv []string) (c Call, ok bool) {
	if text, found := os.LookupEnv(secondRun); found {
		os.Unsetenv(secondRun)
		if json.Unmarshal([]byte(text), &c) == nil && c.Second {
			return c, true
		}
	}
	if len(argv) > 0 && Named(argv[0]) {
		return Call{Name: argv[0], Args: argv[1:]}, true
	}
	return Call{}, false
}

// launch runs the service. A process can't change its title, but exec gives it one: so the program runs a second time, as the
// same process in the foreground, as a child in the background.
func (p *Program) launch(a *arguments) int {
	if p.Second {
		return p.serve(a)
	}
	background := a.daemonize != nil && *a.daemonize
	if a.daemonize == nil || background {
		loaded, err := p.load(a)
		if err != nil {
			return p.refuse(err.(*refusal))
		}
		background = loaded.Daemonize
	}
	if background {
		return p.background(a)
	}
	signal.Ignore(unix.SIGUSR1, unix.SIGUSR2) // until the second run hears them: they would be the end
	argv, env := p.second(a, 0)
	err := syscall.Exec(self(p.Name), argv, env)
	p.say(func(l *lines) { l.Warn(fmt.Sprintf("cannot take php-fpm's process title: %v", err)) })
	return p.serve(a)
}

// second is the command line and the environment of the second run.
func (p *Program) second(a *arguments, ready int) (argv, env []string) {
	text, err := json.Marshal(Call{Name: p.Name, Args: p.Args, Second: true, Ready: ready})
	if err != nil {
		panic(err) // strings and numbers
	}
	return []string{fmt.Sprintf("php-fpm: master process (%s)", p.file(a))}, append(os.Environ(), secondRun+"="+string(text))
}

// self is a path of this program, that by which it was called if there is one, because its last part is what killall and
// pidof look for.
func self(name string) string {
	const here = "/proc/self/exe"
	path, err := exec.LookPath(name)
	if err != nil {
		return here
	}
	ours, err := os.Stat(here)
	if err != nil {
		return here
	}
	if other, err := os.Stat(path); err != nil || !os.SameFile(ours, other) {
		return here
	}
	return path
}

// patience is how long the parent waits for the service in the background. It includes the start of PHP and the warm-up.
const patience = time.Minute

// background starts the service as a child and waits until it is ready.
func (p *Program) background(a *arguments) int {
	r, w, err := os.Pipe()
	if err != nil {
		return p.notDaemonized(err)
	}
	defer r.Close()
	argv, env := p.second(a, 3)
	cmd := exec.Cmd{Path: self(p.Name), Args: argv, Env: env, Stderr: os.Stderr, ExtraFiles: []*os.File{w},
		SysProcAttr: &syscall.SysProcAttr{Setsid: true}}
	err = cmd.Start()
	w.Close()
	if err != nil {
		return p.notDaemonized(err)
	}
	defer func() { _ = cmd.Process.Release() }()
	if err := r.SetReadDeadline(time.Now().Add(patience)); err != nil {
		return p.notDaemonized(err)
	}
	word := make([]byte, 1)
	switch n, err := r.Read(word); {
	case n == 1 && word[0] == '1':
		return exitOK
	case n == 1: // it has said why
	case err == io.EOF:
		p.say(func(l *lines) { l.Error("no data have been read from pipe") })
	default:
		p.say(func(l *lines) {
			l.Error("the master process didn't send back its status (via the pipe to the calling process)")
		})
	}
	return exitSoftware
}

func (p *Program) notDaemonized(err error) int {
	p.say(func(l *lines) { l.Error(fmt.Sprintf("failed to daemonize: %v", err)); l.Error(failed) })
	return exitConfig
}

// tell gives the parent its word.
func (p *Program) tell(ready bool) {
	if p.Ready == 0 {
		return
	}
	word := "0"
	if ready {
		word = "1"
	}
	pipe := os.NewFile(uintptr(p.Ready), "pipe")
	p.Ready = 0
	_, _ = pipe.WriteString(word) // a parent that has given up is no reason to stop
	pipe.Close()
}

// settle makes this process what php-fpm's master is: in a session of its own, without input and output, and with its name.
func (p *Program) settle() error {
	_, _ = unix.Setsid() // it fails in a process that a shell runs as a job, as php-fpm's does
	if err := turn(os.DevNull, unix.O_RDWR, unix.Stdin, unix.Stdout); err != nil {
		return fmt.Errorf("failed to init stdio: %w", err)
	}
	_ = os.WriteFile("/proc/self/comm", []byte(filepath.Base(p.Name)), 0) // for killall and pidof, should the path not have said it
	return nil
}

// turn makes descriptors stand for a file.
func turn(path string, flags int, descriptors ...int) error {
	fd, err := unix.Open(path, flags|unix.O_CLOEXEC|unix.O_NOCTTY, 0o600)
	if err != nil {
		return &os.PathError{Op: "open", Path: path, Err: err}
	}
	defer unix.Close(fd)
	for _, d := range descriptors {
		if err := unix.Dup3(fd, d, 0); err != nil {
			return os.NewSyscallError("dup3", err)
		}
	}
	return nil
}
