// Package slots bounds how many connections of a listener are open at once; the others wait in the kernel's backlog.
//
// Goroutines: none. Stop: closing the listener ends an Accept that waits for a slot, too.
package slots
