// Package fcgiserver is the front of a pool: it listens for FastCGI, puts requests together, finds their script, hands them
// to an upstream, and carries the answers back.
//
// Source: FastCGI 1.0; what a request means is php-fpm's (sapi/fpm/fpm/fpm_main.c, init_request_info).
// Goroutines: none of its own on the request path, everything runs on the pool's loop. Looking for a script on disk is off
// the loop, one goroutine a script, waited for by Server.Wait.
// Stop: Server.Close stops accepting; Server.Drain reports when the last connection has gone.
// Not here: PHP processes and the queue (worker), HTTP (httpfront), configuration files (supervisor).
package fcgiserver
