// Package process starts child processes, watches them by pidfd and reaps them.
//
// Spec: Linux clone(2), pidfd_open(2), waitid(2), prctl(2) PR_SET_PDEATHSIG and PR_SET_CHILD_SUBREAPER, proc_pid_stat(5).
// Goroutines: a Spawner has two. "run" owns an OS thread for as long as the Spawner lives, because a child's parent-death
// signal follows the thread that forked it, not the process; "reap" answers SIGCHLD. Lines adds one for each open pipe.
// Stop: Spawner.Close kills the process groups that are left, reaps them, and waits for its goroutines.
// Not here: what is started and why (worker), and any wait for all children at once: a process that another package started
// with os/exec is left to that package.
package process
