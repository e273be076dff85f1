package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// niceOf lists the nice values of a process's threads, each once.
func niceOf(t *testing.T, pid int) (values []int) {
	t.Helper()
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*", pid))
	if err != nil || len(threads) == 0 {
		t.Fatalf("no threads of process %d (%v)", pid, err)
	}
	for _, path := range threads {
		tid, err := strconv.Atoi(filepath.Base(path))
		if err != nil {
			t.Fatal(err)
		}
		nice, err := syscall.Getpriority(syscall.PRIO_PROCESS, tid)
		if err != nil {
			continue // it has ended
		}
		if n := 20 - nice; !slices.Contains(values, n) { // the system call returns 20 minus nice
			values = append(values, n)
		}
	}
	return values
}

func TestPriorityOfTheServiceIsThatOfPHPFPM(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("needs root: only root raises a priority")
	}
	for name, c := range map[string]struct {
		fpm, ours []string
	}{
		"workers inherit it":     {[]string{"[global]", "process.priority = -3"}, []string{"[global]", "process_priority = -3"}},
		"workers have their own": {[]string{"process.priority = 4", "[global]", "process.priority = -3"}, []string{"process_priority = 4", "[global]", "process_priority = -3"}},
	} {
		t.Run(name, func(t *testing.T) {
			sb := newSandbox(t)
			fpm, ours := startFPM(t, sb, c.fpm...), startHowdah(t, sb, c.ours...)
			sb.page(t, "pid.php", "<?php echo getmypid();")
			worker := func(socket string) int {
				_, body, _ := strings.Cut(askOnce(t, socket, sb.script("GET", "pid.php")...).stdout, "\r\n\r\n")
				pid, err := strconv.Atoi(body)
				if err != nil {
					t.Fatal(err)
				}
				return pid
			}
			if got, want := niceOf(t, ours.pid()), niceOf(t, fpm.pid()); !slices.Equal(got, want) {
				t.Errorf("the threads of Howdah have nice values %v, php-fpm's master %v", got, want)
			}
			if got, want := niceOf(t, worker(ours.socket)), niceOf(t, worker(fpm.socket)); !slices.Equal(got, want) {
				t.Errorf("a worker has %v, php-fpm's %v", got, want)
			}
		})
	}
}
