package main

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"
)

// phpIni and phpIniScanDir are what both sides read: php-fpm by itself, Howdah because its configuration says so.
const (
	phpIni        = "/etc/php/8.2/fpm/php.ini"
	phpIniScanDir = "/etc/php/8.2/fpm/conf.d"
)

// poolSpec is what either server is asked for.
type poolSpec struct {
	PM       string        // static, dynamic or ondemand; dynamic starts with 5 processes and keeps 5 to 35 spare, as the www.conf of RHEL and its kin
	Children int           // pm.max_children
	Idle     time.Duration // pm.process_idle_timeout of ondemand
	Grace    time.Duration // process_control_timeout; 0 leaves each server's own default
	Class    class         // PHP's processes
	Observed bool          // Howdah with an access log, and asked for its metrics and status each second
}

// class is a scheduling class of the kernel.
type class string

const (
	ownClass   class = ""            // as the server leaves them: SCHED_OTHER for php-fpm, SCHED_BATCH for Howdah
	batchClass class = "SCHED_BATCH" // a process that is woken doesn't preempt one that runs
)

// staticPool is the pool of most rows.
func staticPool(children int) poolSpec { return poolSpec{PM: "static", Children: children} }

// server is one running FastCGI back end.
type server struct {
	child   *child
	socket  string
	logFile string
	reload  syscall.Signal
	// workers picks the processes that run PHP out of the server's tree.
	workers  func(tree []proc) []proc
	observer *observer // nil: nobody asks
}

// workerPIDs are the processes that run PHP now.
func (s *server) workerPIDs() []int {
	var pids []int
	for _, p := range s.workers(descendants(s.child.pid())) {
		pids = append(pids, p.PID)
	}
	return pids
}

// awaitSocket returns when the server listens, or with its last words if it ended or takes over 15 s.
func (s *server) awaitSocket() error {
	for end := time.Now().Add(15 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if fi, err := os.Stat(s.socket); err == nil && fi.Mode()&os.ModeSocket != 0 {
			return nil
		}
		if s.child.ended() {
			return fmt.Errorf("%s ended at its start; its log ends:\n%s", s.child.cmd.Path, tail(s.logFile))
		}
		if time.Now().After(end) {
			return fmt.Errorf("%s made no socket %s; its log ends:\n%s", s.child.cmd.Path, s.socket, tail(s.logFile))
		}
	}
}

// tail returns the last lines of a log for an error message.
func tail(file string) string {
	b, err := os.ReadFile(file)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	if len(lines) > 15 {
		lines = lines[len(lines)-15:]
	}
	return strings.Join(lines, "\n")
}
