// Command bench compares Howdah with php-fpm: both behind the same nginx, in the same minutes, on the same machine.
//
//	go run ./bench              every row, about 20 minutes
//	go run ./bench -quick       every row, short and rough
//	go run ./bench -control     php-fpm against php-fpm: how far from 1.00 chance alone takes a row here
//	go run ./bench -base FILE   Howdah against another build of Howdah, to see what a change is worth
//	go run ./bench -observed    measures what an access log, metrics and status cost
//	go run ./bench -classes     adds php-fpm in SCHED_BATCH, as Howdah's workers are
//	go run ./bench -rows 'c=32' only the rows whose name matches
//	go run ./bench -syscalls    no comparison: system calls per request of Howdah's loop and of each side's workers
//
// # Method
//
// A row is a page, an nginx configuration and a number of connections. Its rounds run every side for a few seconds in
// turn (A B, B A, A B, …); a round gives one ratio for each comparison, and the table has the median of these ratios with
// the smallest and the largest beside it. Figures of different rounds are never divided by each other: on a machine with
// noisy neighbours the absolute numbers wander, the ratio within a round less so.
//
// Both sides have the same php.ini (php-fpm's), the same number of workers and user, and listen on Unix sockets. Between
// them and the load generator, wrk, stands one nginx on loopback ports that were free at the start.
//
// # Processes and goroutines
//
// All processes are started by the main goroutine, which keeps its thread, so that the kernel ends them (Pdeathsig) even
// when bench itself is killed. Each has one goroutine that waits for it. On SIGINT or SIGTERM the run in hand is given up and
// everything is ended by pid, in the reverse order of the start; every wait has a limit.
//
// # What it does not do
//
// It has no load generator of its own and no network: client, nginx and PHP share the cores of one machine, so a server that
// uses less CPU also leaves more to the client. The rows say what happens on such a machine, not on one with free cores.
package main
