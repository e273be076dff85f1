// Package statuspage writes a picture of a pool as php-fpm's status page does: text, HTML, XML, JSON, OpenMetrics, the first
// four with and without the processes, and as the array of fpm_get_status().
//
// Programs read these pages, so every byte is php-fpm's: fields, order, padding, escaping. Source: php-fpm 8.2 asked live, and
// sapi/fpm/fpm/fpm_status.c.
//
// Goroutines: none; it is pure. Not here: where the figures come from (worker, supervisor) and who asks (fcgiserver).
package statuspage
