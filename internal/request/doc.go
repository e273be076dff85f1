// Package request says what a request is in the eyes of an operator: method, URI, script, user, in php-fpm's understanding.
//
// It is what the front, the workers and the logs tell each other of a request besides its bytes. Source: the process table of
// php-fpm (sapi/fpm/fpm/fpm_scoreboard.h, fpm_request.c), whose limits Note has.
//
// Goroutines: none. Not here: how the fields are found in the parameters (fcgiserver).
package request
