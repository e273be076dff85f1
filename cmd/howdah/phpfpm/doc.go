// Package phpfpm is php-fpm's command line: what `howdah fpm` and a link named php-fpm, php-fpm8.2 or php-fpm-anything do.
//
// It reads php-fpm's arguments as php-fpm does, answers -h -v -m -i -t on php-fpm's streams in its words, and runs the service
// with php-fpm's configuration, in the foreground or, as php-fpm does by default, in the background.
//
// Source: sapi/fpm/fpm/fpm_main.c, fpm_stdio.c and fpm_unix.c of PHP 8.2, main/getopt.c; php-fpm(8).
// Goroutines: none.
// Stop: supervisor.Serve's. A Go program cannot fork: the process in the background is a second run of this program.
// Not here: php-fpm's configuration (supervisor/fpmconf), its log lines and signals (supervisor).
package phpfpm
