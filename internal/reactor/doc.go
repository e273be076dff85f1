// Package reactor is an epoll loop: readiness of descriptors, timers, and work posted from other goroutines, all in one
// goroutine.
//
// Everything that a loop owns is touched by its goroutine alone, so none of it is locked. The only methods that another
// goroutine may call are Post, Call, Stop and Wait.
//
// Goroutines: one per Loop, started by Start and waited for by Wait.
// Stop: Stop, then Wait; what was posted before Stop still runs.
// Source: epoll(7), eventfd(2).
// Not here: FastCGI, buffers, what a descriptor means. The loop closes none but its own two descriptors.
package reactor
