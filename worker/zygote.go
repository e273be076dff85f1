package worker

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"howdah/internal/process"
	"howdah/php"
)

// A Zygote is one php-cgi that forks the workers of a generation. Its forks share one opcache.
//
// Concurrency: all methods may be called from any goroutine, Release once all others are over.
type Zygote struct {
	spec    ZygoteSpec
	dir     string // private; holds the socket
	token   string
	calling calling
	callsNo string          // why there will be no host calls
	tops    map[string]bool // the directories in / that have a [PATH=] section
	guards  bool            // there is something in those sections
	info    *PHPInfo
	files   phpFiles

	process *process.Process
	stderr  *process.Lines
	calls   int // our end of the pair whose other end is PHP's fd 1

	mu   sync.Mutex
	said string // the last line on stderr that begins a message

	held atomic.Pointer[os.File] // probe.php, locked

	release sync.Once
}

// inspectTimeout bounds the run of php-cgi -i.
const inspectTimeout = 10 * time.Second

// StartZygote starts the php-cgi of a generation. It returns when exec has succeeded; whether PHP comes up shows when the
// socket can be connected to, or when Pidfd becomes readable. It takes some 50 ms more if spec.PHP is nil.
func StartZygote(sp *process.Spawner, spec ZygoteSpec) (*Zygote, error) {
	z := &Zygote{spec: spec, token: rand.Text(), calls: -1}
	if err := z.start(sp); err != nil {
		z.Release()
		return nil, fmt.Errorf("cannot start php-cgi of pool %s: %w", spec.Pool, err)
	}
	return z, nil
}

func (z *Zygote) start(sp *process.Spawner) error {
	spec := &z.spec
	if err := checkSettings(spec.Values, spec.AdminValues); err != nil {
		return err
	}
	if _, err := os.Stat(cmp.Or(spec.Chdir, "/")); err != nil {
		return fmt.Errorf("chdir: %w", err)
	}
	info := spec.PHP
	if info == nil {
		ctx, cancel := context.WithTimeout(context.Background(), inspectTimeout)
		defer cancel()
		var err error
		if info, err = InspectPHP(ctx, *spec); err != nil {
			return err
		}
	}
	z.info = info
	args, iniDir, err := z.prepare(info)
	if err != nil {
		return err
	}
	files, err := z.openFiles(sp)
	if err != nil {
		return err
	}
	defer closeAll(files)
	z.files.noteFiles(spec.Binary, info)
	z.process, err = sp.Start(process.Spec{
		Path:       spec.Binary,
		Args:       args,
		Env:        slices.Concat(spec.Environment(), spec.iniEnv(iniDir), spec.fcgiEnv()),
		Dir:        cmp.Or(spec.Chdir, "/"),
		Files:      files,
		Credential: spec.credential(),
		Limits:     spec.limits(),
		Nice:       spec.Priority,
		Batch:      spec.Batch,
	})
	if err != nil {
		return err
	}
	if err := z.writeRecord(); err != nil && !errors.Is(err, fs.ErrNotExist) { // not there: dead already, as Pidfd will say
		z.process.KillGroup()
		z.process.Cause()
		return err
	}
	return nil
}

// prepare makes the private directory and returns php-cgi's arguments, and the directory of our ini file if there is one.
func (z *Zygote) prepare(info *PHPInfo) (args []string, iniDir string, err error) {
	spec := &z.spec
	if err := z.makeDir(); err != nil {
		return nil, "", err
	}
	files := make(map[string]string)
	admin := spec.AdminValues
	var last []Setting
	ourDir := ""
	if z.calling, z.callsNo = spec.howToCall(info); z.calling != notAtAll {
		if files["preload.php"], last, err = z.preload(info); err != nil {
			return nil, "", err
		}
		files["probe.php"] = php.Probe
		ourDir = z.dir
	}
	if z.calling == byPrepend {
		admin = slices.DeleteFunc(slices.Clone(admin), func(s Setting) bool { return s.Name == "auto_prepend_file" })
		admin = append(admin, last...)
	}
	top, err := topDirectories()
	if err != nil {
		return nil, "", err
	}
	z.tops = make(map[string]bool)
	for _, dir := range top {
		z.tops[dir[1:]] = true
	}
	if text := adminINI(admin, top); text != "" {
		z.guards = true
		files["ini/howdah.ini"] = text
	}
	if ourDir != "" {
		files["ini/howdah.ini"] += probeINI(ourDir, z.calling, func(name string) string { return spec.effective(info, name) })
	}
	if files["ini/howdah.ini"] != "" {
		iniDir = z.file("ini")
	} else {
		delete(files, "ini/howdah.ini")
	}
	if err := z.fillDir(files); err != nil {
		return nil, "", err
	}
	if spec.ProveStack && z.calling != notAtAll {
		if err := z.holdProbe(); err != nil {
			return nil, "", err
		}
	}
	iniFile := spec.iniFileArgs(info)
	if spec.NoIni && iniDir != "" { // -n would keep PHP from our file too: it stands in for php.ini
		iniFile = []string{"-c", iniDir + "/howdah.ini"}
	}
	args = append([]string{spec.Binary, "-b", z.Socket()}, iniFile...)
	return append(args, spec.defines(info, last...)...), iniDir, nil
}

// openFiles opens what PHP gets as descriptors 0, 1 and 2, and keeps our ends of 1 and 2.
func (z *Zygote) openFiles(sp *process.Spawner) (files []*os.File, err error) {
	defer func() {
		if err != nil {
			closeAll(files)
		}
	}()
	null, err := os.Open(os.DevNull) // php-cgi would take a socket here for its listener
	if err != nil {
		return nil, err
	}
	files = append(files, null)
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return files, os.NewSyscallError("socketpair", err)
	}
	z.calls = pair[0]
	files = append(files, os.NewFile(uintptr(pair[1]), "host calls"))
	if err := unix.SetNonblock(z.calls, true); err != nil {
		return files, os.NewSyscallError("fcntl O_NONBLOCK", err)
	}
	if err := unix.SetsockoptInt(z.calls, unix.SOL_SOCKET, unix.SO_PASSCRED, 1); err != nil {
		return files, os.NewSyscallError("setsockopt SO_PASSCRED", err)
	}
	if unix.SetsockoptInt(pair[1], unix.SOL_SOCKET, unix.SO_SNDBUFFORCE, callBuffer) != nil {
		unix.SetsockoptInt(pair[1], unix.SOL_SOCKET, unix.SO_SNDBUF, callBuffer) // as much as the system allows
	}
	r, w, err := os.Pipe()
	if err != nil {
		return files, err
	}
	files = append(files, w)
	if z.stderr, err = sp.Lines(r, z.hear); err != nil {
		r.Close()
	}
	return files, err
}

// callBuffer is how much may wait on fd 1 to be read, by the kernel's count of some 1 kB of overhead for each message.
const callBuffer = 1 << 20

func closeAll(files []*os.File) {
	for _, f := range files {
		f.Close()
	}
}

// PID is the zygote's pid, and the number of its process group.
func (z *Zygote) PID() int { return z.process.PID }

// Pidfd is readable once the zygote has exited. It belongs to the Zygote, and Release closes it.
func (z *Zygote) Pidfd() int { return z.process.Pidfd }

// Exit returns how the zygote ended, once Pidfd is readable. It waits for the moment that reaping takes.
func (z *Zygote) Exit() process.ExitCause { return z.process.Cause() }

// Socket is the path that the workers listen on. Each connection reaches one worker.
func (z *Zygote) Socket() string { return z.file("sock") }

func (z *Zygote) file(name string) string { return filepath.Join(z.dir, name) }

// HostCalls is our end of PHP's fd 1: SOCK_SEQPACKET, nonblocking, with SO_PASSCRED. It belongs to the Zygote. It is always
// there, because a script's output may come here too.
func (z *Zygote) HostCalls() int { return z.calls }

// Token proves that a message on HostCalls or a finish mark was made by our preload.php.
func (z *Zygote) Token() string { return z.token }

// CallsOff says why there will be no host calls, and is empty if there should be; Probe proves it.
func (z *Zygote) CallsOff() string { return z.callsNo }

// LastLine is the last thing that PHP said on stderr, of all that it had written by now: one line, without the stack trace
// that may follow it.
func (z *Zygote) LastLine() string {
	last := z.stderr.Last()
	z.mu.Lock()
	defer z.mu.Unlock()
	if z.said != "" && isTrace(last) {
		return z.said
	}
	return last
}

// hear gets the lines of stderr.
func (z *Zygote) hear(line string) {
	if !isTrace(line) {
		z.mu.Lock()
		z.said = line
		z.mu.Unlock()
	}
	if z.spec.Log != nil {
		z.spec.Log(line)
	}
}

// isTrace reports whether a line goes on with a message that an earlier one began.
func isTrace(line string) bool {
	return line == "Stack trace:" || strings.HasPrefix(line, "#") || strings.HasPrefix(line, "  thrown in ")
}

// Freeze stops the zygote: workers that exit are not replaced. Should Howdah be killed meanwhile, the keeper lets it go on, to
// meet its end.
func (z *Zygote) Freeze() error {
	if k := z.spec.Keeper; k != nil {
		if err := k.Hold(z.process.PID); err != nil {
			return err
		}
	}
	return z.process.Signal(unix.SIGSTOP)
}

// Thaw lets the zygote go on: it forks until it has all its children.
func (z *Zygote) Thaw() error {
	err := z.process.Signal(unix.SIGCONT)
	z.letGo()
	return err
}

// Kill ends the zygote alone; its workers go on.
func (z *Zygote) Kill() error {
	z.letGo()
	return z.process.Signal(unix.SIGKILL)
}

// letGo has the keeper forget the zygote, which is not stopped any more, or about to end.
func (z *Zygote) letGo() {
	if k := z.spec.Keeper; k != nil {
		_ = k.Release(z.process.PID)
	}
}

// KillGroup ends the zygote, its workers and what their scripts started in its process group.
func (z *Zygote) KillGroup() { z.process.KillGroup() }

// Children lists the pids of the zygote's forks.
func (z *Zygote) Children() ([]int, error) { return process.Children(z.process.PID) }

// CPUTicks is the processor time of the zygote and of its reaped forks in 1/100 s. It grows fast when forks die at birth.
func (z *Zygote) CPUTicks() (uint64, error) {
	st, err := process.ReadStat(z.process.PID)
	return st.Ticks + st.ChildTicks, err
}

// Release closes the Zygote's descriptors and removes its files. It is idempotent. It does not end the process. Lines on
// stderr still reach Log while a script's background job holds the pipe.
func (z *Zygote) Release() {
	z.release.Do(func() {
		z.letProbeGo()
		if z.calls >= 0 {
			unix.Close(z.calls)
		}
		if z.process != nil {
			z.process.Close()
		}
		if z.dir != "" {
			os.RemoveAll(z.dir)
			os.Remove(z.dir + recordSuffix)
		}
	})
}
