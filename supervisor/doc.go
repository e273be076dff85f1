// Package supervisor runs the service: it reads the configuration, brings the pools up, joins the front of each with its
// workers, and answers the signals.
//
// Source: php-fpm's master process (sapi/fpm/fpm), systemd's sd_notify(3) and LISTEN_FDS.
// Goroutines: Serve's own is the only one that changes the service; each pool has its loop.
// Stop: SIGTERM and SIGQUIT let requests finish, within process_control_timeout; a second one or SIGINT ends them.
// Not here: what a pool does with a request (fcgiserver, worker), what a key means (supervisor/config).
package supervisor
