package statuspage

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// dashed is a field's name where it may hold no spaces.
func dashed(name string) string { return strings.ReplaceAll(name, " ", "-") }

func writeXML(p *Pool, full bool) []byte {
	var b bytes.Buffer
	b.WriteString("<?xml version=\"1.0\" ?>\n<status>\n")
	for _, f := range p.fields() {
		fmt.Fprintf(&b, "<%[1]s>%[2]s</%[1]s>\n", dashed(f.name), f.value.epoch(escapeMarkup))
	}
	if full {
		b.WriteString("<processes>\n")
		for i := range p.Processes {
			b.WriteString("<process>")
			for _, f := range p.Processes[i].fields(p.Now) {
				fmt.Fprintf(&b, "<%[1]s>%[2]s</%[1]s>", dashed(f.name), p.Processes[i].shown(f, escapeMarkup, value.epoch))
			}
			b.WriteString("</process>\n")
		}
		b.WriteString("</processes>\n")
	}
	b.WriteString("</status>")
	return b.Bytes()
}

func writeJSON(p *Pool, full bool) []byte {
	var b bytes.Buffer
	member := func(i int, name string, kind kind, shown string) {
		if i > 0 {
			b.WriteByte(',')
		}
		if kind == isText {
			shown = `"` + shown + `"`
		}
		b.WriteString(`"` + name + `":` + shown)
	}
	b.WriteByte('{')
	for i, f := range p.fields() {
		member(i, f.name, f.value.kind, f.value.epoch(escapeJSON))
	}
	if full {
		b.WriteString(`, "processes":[`)
		for n := range p.Processes {
			if n > 0 {
				b.WriteByte(',')
			}
			b.WriteByte('{')
			for i, f := range p.Processes[n].fields(p.Now) {
				member(i, f.name, f.value.kind, p.Processes[n].shown(f, escapeJSON, value.epoch))
			}
			b.WriteByte('}')
		}
		b.WriteByte(']')
	}
	b.WriteByte('}')
	return b.Bytes()
}

// writeOpenMetrics has no processes: full means nothing to it. php-fpm calls some of its gauges counters, and has HELP and TYPE
// of one the other way round; who scrapes it is used to that.
func writeOpenMetrics(p *Pool, _ bool) []byte {
	var b bytes.Buffer
	metric := func(name, kind, help string, n int64) {
		fmt.Fprintf(&b, "# HELP phpfpm_%[1]s %[3]s\n# TYPE phpfpm_%[1]s %[2]s\nphpfpm_%[1]s %[4]s\n", name, kind, help, strconv.FormatInt(n, 10))
	}
	metric("up", "gauge", fmt.Sprintf("Could pool %s using a %s PM on PHP-FPM be reached?", p.name(), p.Manager), 1)
	metric("start_since", "counter", "The number of seconds since FPM has started.", seconds(p.Started, p.Now))
	metric("accepted_connections", "counter", "The number of requests accepted by the pool.", int64(p.Accepted))
	metric("listen_queue", "gauge", "The number of requests in the queue of pending connections.", int64(p.Waiting))
	metric("max_listen_queue", "counter", "The maximum number of requests in the queue of pending connections since FPM has started.", int64(p.WaitingMax))
	fmt.Fprintf(&b, "# TYPE phpfpm_listen_queue_length gauge\n# HELP phpfpm_listen_queue_length The size of the socket queue of pending connections.\nphpfpm_listen_queue_length %d\n", p.WaitingLimit)
	metric("idle_processes", "gauge", "The number of idle processes.", int64(p.Idle))
	metric("active_processes", "gauge", "The number of active processes.", int64(p.Active))
	metric("total_processes", "gauge", "The number of idle + active processes.", int64(p.Idle+p.Active))
	metric("max_active_processes", "counter", "The maximum number of active processes since FPM has started.", int64(p.ActiveMax))
	metric("max_children_reached", "counter", "The number of times, the process limit has been reached, when pm tries to start more children (works only for pm 'dynamic' and 'ondemand').", int64(p.ChildrenReached))
	metric("slow_requests", "counter", "The number of requests that exceeded your 'request_slowlog_timeout' value.", int64(p.Slow))
	if p.MemoryPeak != nil {
		metric("memory_peak", "gauge", "The memory usage peak since FPM has started.", int64(*p.MemoryPeak))
	}
	b.WriteString("# EOF\n")
	return b.Bytes()
}
