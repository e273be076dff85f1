package worker

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"howdah/internal/phpstack"
	"howdah/php"
)

// holdProbe has the probe wait, in a frame that we know, until letProbeGo: probe.php wants a shared lock on itself.
func (z *Zygote) holdProbe() error {
	f, err := os.Open(z.file("probe.php"))
	if err != nil {
		return err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		return fmt.Errorf("flock of %s: %w", f.Name(), err)
	}
	z.held.Store(f)
	return nil
}

// letProbeGo lets the probe go on. It is idempotent.
func (z *Zygote) letProbeGo() {
	if f := z.held.Swap(nil); f != nil {
		f.Close()
	}
}

// proveStack reads the stack of the worker that runs the probe and looks for the frame that it waits in: function, class, file
// and line. It reads files and another process: call it off the loop.
func (z *Zygote) proveStack(pid int) (*phpstack.Image, error) {
	image, err := phpstack.Open(pid)
	if err != nil {
		return nil, explain(err)
	}
	stack, err := image.Read(pid, 8)
	if err != nil {
		return nil, explain(err)
	}
	probe := z.file("probe.php")
	if real, err := filepath.EvalSymlinks(probe); err == nil {
		probe = real
	}
	first, last := php.KnownLines()
	for i, f := range stack {
		if f.Class == php.KnownClass && f.Function == php.KnownFunction && f.File == probe && f.Line >= first && f.Line <= last &&
			i+1 < len(stack) && stack[i+1].File == probe && stack[i+1].Line > last {
			return image, nil
		}
	}
	return nil, fmt.Errorf("of PHP %s the stack of the probe was read as\n%s", image.Version(), stack)
}

// explain says what to do about a kernel that does not let us look.
func explain(err error) error {
	if errors.Is(err, unix.EPERM) || errors.Is(err, unix.EACCES) {
		return fmt.Errorf("%w (run PHP as a user of its own, or give Howdah CAP_SYS_PTRACE; /proc/sys/kernel/yama/ptrace_scope must be 0 or 1 without it)", err)
	}
	if errors.Is(err, unix.ENOSYS) {
		return fmt.Errorf("%w (a seccomp filter forbids it)", err)
	}
	return err
}
