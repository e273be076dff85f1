// Package e2e tests Howdah from outside: the real binary with the real nginx, php-cgi and, for comparison, php-fpm.
//
// Nothing of Howdah's Go code is called, except the FastCGI codec for clients that must say odd things. Each test has a
// sandbox: one directory with its site, sockets, logs and temporary files, below a root that worker users can traverse.
// Everything listens on Unix sockets in it, so no test uses a port.
//
// Goroutines: one reader per daemon's log, and the clients of a load; each is waited for by the function that stops it.
// Stop: t.Cleanup stops every daemon by its pid, waits for it, and then fails the test if any process, socket or temporary
// file of the sandbox is left.
//
// Sources: php-fpm 8.2 itself, asked live, is the reference for what a request looks like to PHP and to nginx; the promises
// of DESIGN.md are the reference for the rest.
//
// Not here: figures (bench), single packages, and anything that needs the network.
package e2e
