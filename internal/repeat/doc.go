// Package repeat thins out log lines that would come in floods: "the queue is full" is said once a second, with a count.
//
// It is pure: the clock is passed in, so the caller may be a reactor loop, a goroutine or a test.
//
// Goroutines: none.
// Not here: the log line itself, and the timer that brings out the last one.
package repeat
