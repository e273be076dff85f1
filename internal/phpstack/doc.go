// Package phpstack reads the PHP call stack of another process, without stopping it.
//
// Open finds what all forks of one php-cgi have in common: where its executor_globals are and how its version of PHP lays out
// its structures. Image.Read then follows the frames of one fork by process_vm_readv(2). The process runs on meanwhile: a stack
// that changes under the reader is noticed and read again, and what never stood still long enough is left out, not guessed.
//
// Source: Zend/zend_globals.h, zend_compile.h, zend_types.h and zend_generators.h of each PHP version (see layout.go); ELF and
// /proc/PID/maps for addresses. The kernel asks for the rights of ptrace(2): the same user, and a process that may be dumped, or
// CAP_SYS_PTRACE. As root without that capability Howdah borrows the user of the process, see rights.go.
// Goroutines: one while Read borrows a user, because its thread is of no use to others; Read waits for it.
// Stop: nothing outlives a call. It takes microseconds, but calls the kernel often: call it off a loop.
// Not here: when to look, and what to do with what was seen (worker, supervisor); PHP built for threads, or for 32 bits.
package phpstack
