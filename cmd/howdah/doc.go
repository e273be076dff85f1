// Command howdah runs PHP behind nginx in php-fpm's place, and serves a directory by itself for a first look.
//
// It turns arguments into supervisor.Options and an error into one line on stderr and an exit code; everything else
// is the supervisor's. Exit codes are php-fpm's: 0, 64 usage, 70 software, 78 configuration.
//
// Goroutines: none. It stops when supervisor.Serve returns; main has the program's only os.Exit.
// Not here: configuration (supervisor/config), signals and the life of the service (supervisor).
package main
