// Package fpmconf reads php-fpm's own configuration, php-fpm.conf and its pool.d, into the config.Config that pool.toml gives.
//
// What: lexer.go and line.go are the ini dialect, one line at a time as php-fpm reads it; files.go follows includes; collect.go sorts
// what the lines say into sections; directives.go declares php-fpm's directives, and values.go how each is written; check.go has
// php-fpm's own rules; document.go turns directives into keys of pool.toml by the php-fpm name that each key declares; dump.go is -tt.
//
// Spec: fpm_conf.c, zend_ini_scanner.l and zend_ini_parser.y of PHP 8.2, and the running php-fpm8.2 where they are silent: the tests
// lay its answers beside ours. Two things differ: all problems are reported at once, and a line after an include has its own number.
//
// Errors: [Problem], in php-fpm's words as far as it has any, each with file and line.
//
// Goroutines: none. Nothing is kept between calls. Files are read, none is written or created.
//
// Not here: the checks of each key (supervisor/config), options of php-fpm's command line (cmd/howdah), php.ini.
package fpmconf
