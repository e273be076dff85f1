package worker

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"howdah/internal/process"
)

// A record outlives a Howdah that was killed: it names the process group of a zygote, so that the next start can end what is
// left of it. It stands beside the private directory, not in it, where a script could make it name another group.
type record struct {
	group  int    // also the zygote's pid
	start  uint64 // of the zygote, in clock ticks since boot
	bootID string // start means nothing after another boot
}

const recordSuffix = ".group"

func (r record) String() string { return fmt.Sprintf("%d %d %s\n", r.group, r.start, r.bootID) }

func parseRecord(s string) (r record, err error) {
	if _, err = fmt.Sscanf(s, "%d %d %s", &r.group, &r.start, &r.bootID); err == nil && r.group < 2 {
		err = fmt.Errorf("process group %d", r.group)
	}
	return r, err
}

func bootID() string {
	b, _ := os.ReadFile("/proc/sys/kernel/random/boot_id")
	return strings.TrimSpace(string(b)) + "-"
}

func (z *Zygote) writeRecord() error {
	st, err := process.ReadStat(z.process.PID)
	if err != nil {
		return err
	}
	r := record{group: z.process.PID, start: st.StartTime, bootID: bootID()}
	return os.WriteFile(z.dir+recordSuffix, []byte(r.String()), 0o600)
}

var zygoteDir = regexp.MustCompile(`^g[0-9]+-[0-9]+(\.group)?$`)

// staleTimeout bounds the wait for killed processes. One in an uninterruptible read of a dead disk may outlast it.
const staleTimeout = 2 * time.Second

// CleanStale ends what a Howdah that was killed has left running for a pool, and removes its files: dir is ZygoteSpec.Dir.
// It returns the pids that it ended. Nobody else may be running zygotes in dir.
func CleanStale(dir string) (ended []int, err error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("cannot look for what an earlier start left in %s: %w", dir, err)
	}
	var problems []error
	for _, e := range entries {
		if !zygoteDir.MatchString(e.Name()) {
			continue
		}
		path := filepath.Join(dir, e.Name())
		if strings.HasSuffix(path, recordSuffix) {
			if b, err := os.ReadFile(path); err == nil {
				if r, err := parseRecord(string(b)); err == nil {
					ended = append(ended, r.end()...)
				}
			}
		}
		if err := os.RemoveAll(path); err != nil {
			problems = append(problems, err)
		}
	}
	return ended, errors.Join(problems...)
}

// end kills the members of the group if it is the one that was recorded.
func (r record) end() (pids []int) {
	if r.bootID != bootID() {
		return nil
	}
	if leader, err := process.ReadStat(r.group); err == nil && leader.StartTime != r.start {
		return nil // the pid is another's now
	}
	var pidfds []unix.PollFd
	for _, pid := range allPIDs() {
		// php-cgi leads a session of its own. No other process can be of a session that bears this number: it stays taken
		// while the session has a member, and a later one would have a member that is its leader.
		st, err := process.ReadStat(pid)
		if err != nil || st.PGID != r.group || st.Session != r.group || st.StartTime < r.start || st.State == 'Z' {
			continue
		}
		fd, err := process.OpenPidfd(pid)
		if err != nil {
			continue
		}
		defer unix.Close(fd)
		if again, err := process.ReadStat(pid); err != nil || again.StartTime != st.StartTime {
			continue
		}
		if process.Signal(fd, unix.SIGKILL) == nil {
			pids = append(pids, pid)
			pidfds = append(pidfds, unix.PollFd{Fd: int32(fd), Events: unix.POLLIN})
		}
	}
	waitAll(pidfds, staleTimeout)
	return pids
}

func waitAll(fds []unix.PollFd, timeout time.Duration) {
	deadline := time.Now().Add(timeout)
	for i := range fds {
		for {
			left := time.Until(deadline)
			if left <= 0 {
				return
			}
			if _, err := unix.Poll(fds[i:i+1], int(left.Milliseconds())+1); err != unix.EINTR {
				break
			}
		}
	}
}

func allPIDs() []int {
	d, err := os.Open("/proc")
	if err != nil {
		return nil
	}
	defer d.Close()
	names, _ := d.Readdirnames(-1)
	var pids []int
	for _, n := range names {
		if pid, err := strconv.Atoi(n); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}
