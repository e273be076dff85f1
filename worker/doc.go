// Package worker runs php-cgi and lends its workers to one request at a time.
//
// A zygote is one php-cgi per generation, started by us; its forks are the workers, and share its opcache. Pool gives each job
// to the hottest idle worker, lets others wait, and recycles, scales, replaces and reloads between jobs. The states of a worker
// are in state.go and docs/states.md.
//
// Source: php-cgi (sapi/cgi/cgi_main.c, main/fastcgi.c), the php-fpm keys pm.* and request_*, FastCGI 1.0.
// Goroutines: none on the request path; everything runs on the pool's loop. What may wait (exec, /proc, removing directories)
// runs beside it and posts back; Pool.Wait waits for it.
// Stop: Pool.Stop; it reports when the last process has gone. Then Pool.Wait, off the loop.
// Not here: FastCGI from the web server (fcgiserver), configuration files (supervisor), processes in general
// (internal/process).
package worker
