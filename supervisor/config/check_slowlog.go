package config

import "fmt"

// checkSlowlog checks the keys of the slow log as php-fpm does (fpm_conf.c, fpm_conf_process_all_pools).
func (r *reader) checkSlowlog(at []string, p *Pool) {
	const timeout, file, limit = "request_slowlog_timeout", "slowlog", "request_terminate_timeout"
	if p.RequestSlowlogTimeout == 0 || !r.sound(at, timeout) {
		return
	}
	if p.Slowlog == "" && r.sound(at, file) {
		r.fail(below(at, timeout), "needs slowlog, which is not set", `write slowlog = "/var/log/`+p.Name+`-slow.log"`)
	}
	if p.RequestTerminateTimeout > 0 && p.RequestSlowlogTimeout > p.RequestTerminateTimeout && r.sound(at, limit) {
		text := fmt.Sprintf("%v is more than %s", p.RequestSlowlogTimeout, r.cite(at, limit, p.RequestTerminateTimeout))
		r.fail(below(at, timeout), text, "a request would be ended before it is slow")
	}
}
