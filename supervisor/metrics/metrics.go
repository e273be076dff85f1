package metrics

import (
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"howdah/worker"
)

// metric is one name. Exactly one of pool, times and service gives its values.
type metric struct {
	name, help string
	kind       prometheus.ValueType // of pool and service
	label      string               // beside pool; "": none
	values     string               // of the label, for the reference

	pool    func(p *Pool, emit emit)
	times   func(p *Pool) *worker.Times
	service func(s *Service, emit emit)
}

// emit takes one value; label is that of metric.label.
type emit func(value float64, label string)

const (
	counter = prometheus.CounterValue
	gauge   = prometheus.GaugeValue
)

// metrics is the table.
func metrics() []metric {
	return append(append(frontMetrics(), poolMetrics()...), serviceMetrics()...)
}

// one makes a pool's single value.
func one[N uint64 | int](f func(p *Pool) N) func(*Pool, emit) {
	return func(p *Pool, emit emit) { emit(float64(f(p)), "") }
}

// outcomes are the ends that a request can take besides an answer of PHP, and what counts them.
var outcomes = []string{worker.CauseQueueFull, worker.CauseQueueTimeout, worker.CausePaused, worker.CauseUnavailable, worker.CauseAdminValue, worker.CauseDied,
	worker.CauseProtocol, worker.CauseTimedOut, worker.CauseStopped}

func frontMetrics() []metric {
	return []metric{
		{name: "howdah_front_connections_active", kind: gauge, help: "Connections from the web server that are open.",
			pool: one(func(p *Pool) int { return p.Front.Active })},
		{name: "howdah_front_connections_total", kind: counter, help: "Connections from the web server that were accepted.",
			pool: one(func(p *Pool) uint64 { return p.Front.Connections })},
		{name: "howdah_front_connections_reused_total", kind: counter, help: "Requests on a connection from the web server that had brought one before.",
			pool: one(func(p *Pool) uint64 { return p.Front.Reused })},
		{name: "howdah_front_connections_closed_total", kind: counter, label: "cause", values: "not_allowed, malformed, receive_timeout, unread",
			help: "Connections from the web server that Howdah closed for a fault of the other side.",
			pool: func(p *Pool, emit emit) {
				emit(float64(p.Front.Refused), "not_allowed")
				emit(float64(p.Front.Malformed), "malformed")
				emit(float64(p.Front.ReceiveLate), "receive_timeout")
				emit(float64(p.Front.Unread), "unread")
			}},
		{name: "howdah_front_accept_pauses_total", kind: counter, help: "Times that accepting rested, because max_connections were open.",
			pool: one(func(p *Pool) uint64 { return p.Front.FullyOccupied })},
		{name: "howdah_requests_total", kind: counter, label: "outcome",
			values: "completed (PHP answered), client_gone, not_found and denied (answered without PHP), " + strings.Join(outcomes, ", "),
			help:   "Requests by how they ended.",
			pool: func(p *Pool, emit emit) {
				emit(float64(p.Workers.Completed), "completed")
				emit(float64(p.Workers.Aborted), "client_gone")
				emit(float64(p.Front.Missing), "not_found")
				emit(float64(p.Front.Denied), "denied")
				for _, cause := range outcomes {
					emit(float64(p.Workers.Failed[cause]), cause)
				}
			}},
		{name: "howdah_responses_total", kind: counter, label: "class", values: "1xx, 2xx, 3xx, 4xx, 5xx, none (no head)",
			help: "Answers by the class of their status, those of Howdah itself included.",
			pool: func(p *Pool, emit emit) {
				for class, n := range p.Front.Answers {
					emit(float64(n), [...]string{"none", "1xx", "2xx", "3xx", "4xx", "5xx"}[class])
				}
			}},
		{name: "howdah_request_bodies_spilled_total", kind: counter, help: "Request bodies that went to a file, because they were larger than body_buffer.",
			pool: one(func(p *Pool) uint64 { return p.Front.Spilled })},
		{name: "howdah_responses_backpressure_total", kind: counter, help: "Times that an answer had to wait for a slow client, because response_buffer was full.",
			pool: one(func(p *Pool) uint64 { return p.Workers.Backpressure })},
	}
}
