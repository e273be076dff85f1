package process

import (
	"fmt"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// keeperScript reads "+ PID" and "- PID" lines until Howdah is gone, and then lets the processes that it still knows go on.
// It needs nothing but the shell's own commands.
const keeperScript = `trap '' HUP INT QUIT TERM
pids=' '
while read -r op pid; do
  case $op in
  +) pids="$pids$pid " ;;
  -) case $pids in *" $pid "*) pids="${pids%%" $pid "*} ${pids#*" $pid "}" ;; esac ;;
  esac
done
for pid in $pids; do kill -s CONT "$pid"; done
`

// A Keeper sees to it that no stopped process outlives Howdah. A process that is stopped keeps its parent-death signal
// pending and never ends; so a small shell, which outlives a Howdah that is killed by just as long as that takes, lets it go
// on. The shell is started with the first process that is stopped.
//
// Concurrency: any goroutine may call its methods. A process is let go before it is reaped, so no number is mistaken.
type Keeper struct {
	spawner *Spawner
	mu      sync.Mutex
	pipe    *os.File // its standard input; nil until it is needed
	process *Process
}

// NewKeeper makes a keeper that has started nothing yet.
func NewKeeper(s *Spawner) *Keeper { return &Keeper{spawner: s} }

// Hold says that the process is about to be stopped.
func (k *Keeper) Hold(pid int) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.pipe == nil {
		if err := k.start(); err != nil {
			return fmt.Errorf("cannot guard a stopped process against the death of howdah: %w", err)
		}
	}
	return k.say('+', pid)
}

// Release says that the process goes on, or has been killed.
func (k *Keeper) Release(pid int) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.pipe == nil {
		return nil
	}
	return k.say('-', pid)
}

func (k *Keeper) say(op byte, pid int) error {
	_, err := fmt.Fprintf(k.pipe, "%c %d\n", op, pid)
	return err
}

func (k *Keeper) start() error {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer null.Close()
	var fds [2]int
	if err := unix.Pipe2(fds[:], unix.O_CLOEXEC); err != nil {
		return os.NewSyscallError("pipe2", err)
	}
	read, write := os.NewFile(uintptr(fds[0]), "keeper"), os.NewFile(uintptr(fds[1]), "keeper")
	defer read.Close()
	k.process, err = k.spawner.Start(Spec{Path: "/bin/sh", Args: []string{"howdah: keeper", "-c", keeperScript},
		Dir: "/", Files: []*os.File{read, null, null}})
	if err != nil {
		write.Close()
		return err
	}
	k.pipe = write
	return nil
}

// PID is the shell's, 0 while there is none.
func (k *Keeper) PID() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.pipe == nil {
		return 0
	}
	return k.process.PID
}

// Close ends the shell, which lets go on what it still knows, and waits for it. It is idempotent.
func (k *Keeper) Close() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.pipe == nil {
		return
	}
	k.pipe.Close()
	<-k.process.Done()
	k.process.Close()
	k.pipe = nil
}
