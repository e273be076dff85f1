package config

import "fmt"

// checkProcessManager completes the numbers of the process manager and checks them as php-fpm does (fpm_conf.c,
// fpm_conf_process_all_pools). Defaults never contradict what is given.
func (r *reader) checkProcessManager(at []string, p *Pool) {
	const children, start, low, high = "pm_max_children", "pm_start_servers", "pm_min_spare_servers", "pm_max_spare_servers"
	if p.PMMinSpareServers == 0 {
		p.PMMinSpareServers = 1
	}
	if p.PMMaxSpareServers == 0 {
		p.PMMaxSpareServers = min(p.PMMaxChildren, max((p.PMMaxChildren+1)/2, p.PMMinSpareServers, p.PMStartServers))
	}
	if !r.given(at, start) {
		switch p.PM {
		case "static":
			p.PMStartServers = p.PMMaxChildren
		case "dynamic":
			p.PMStartServers = p.PMMinSpareServers + (p.PMMaxSpareServers-p.PMMinSpareServers)/2
		}
	}
	value := map[string]int{children: p.PMMaxChildren, start: p.PMStartServers, low: p.PMMinSpareServers, high: p.PMMaxSpareServers}
	// atMost refuses a above b; the place is the one that the file has.
	atMost := func(a, b string) {
		if value[a] <= value[b] || !r.sound(at, a) || !r.sound(at, b) {
			return
		}
		if r.given(at, a) {
			r.fail(below(at, a), fmt.Sprintf("%d is more than %s", value[a], r.cite(at, b, value[b])), "")
		} else {
			r.fail(below(at, b), fmt.Sprintf("%d is less than %s", value[b], r.cite(at, a, value[a])), "")
		}
	}
	if !r.sound(at, "pm") {
		return
	}
	if p.PM != "dynamic" {
		atMost(start, children)
		return
	}
	atMost(low, children)
	atMost(high, children)
	if value[low] > value[children] || value[high] > value[children] {
		return
	}
	atMost(low, high)
	if value[low] > value[high] {
		return
	}
	atMost(start, high)
	if value[start] < value[low] && r.sound(at, start) && r.sound(at, low) {
		r.fail(below(at, start), fmt.Sprintf("%d is less than %s", value[start], r.cite(at, low, value[low])), "")
	}
}
