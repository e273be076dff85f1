// Package accesslog makes the lines of php-fpm's access.log.
//
// Compile turns an access.format into a list of parts, once, with php-fpm's errors; Format.Append makes the line of one Entry from
// them, without an allocation of its own. Source: fpm_log.c of PHP 8.2; strftime(3) in the C locale for times. Other than there
// nothing is cut, and control characters are escaped, so that no request makes a line that looks like another's.
//
// Goroutines: none. A Format belongs to one goroutine. Not here: when a line is written, and where to (fcgiserver, supervisor).
package accesslog
