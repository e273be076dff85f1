// Package config reads pool.toml: all of it, once, into plain data that is complete and checked.
//
// What: keys_global.go, keys_pool.go and keys_http.go declare every key: name, type, default, php-fpm directive, one line of
// documentation. Reading, checks, pool.toml.example, docs/config.md and [Config.Effective] all come from these tables.
// A new key is a field in config.go and an entry in a table.
//
// Spec: TOML 1.0 (github.com/BurntSushi/toml parses it; this package only adds the line of each key). Names, meanings and rules
// are php-fpm's, with '_' for '.'.
//
// Errors: [Problems], every problem of the file at once, in the order of its lines, each with place, key and remedy.
//
// Goroutines: none outlives a call; enter.go has one, for a thread of its own. Nothing is kept between calls; the machine is seen only through [System], so tests bring their own.
//
// Not here: whether php-cgi works (worker.Preflight), whether an address is free (fcgiserver.Listen), creating directories.
package config
