// Package metrics shows the figures of the service to Prometheus.
//
// All of them are in the table of metrics.go, from which docs/metrics.md is made. They are collected when somebody asks: the pools'
// loops count in plain numbers and are asked for a copy, so that a request pays an increment and nothing else.
//
// Source: the text exposition format and naming rules of Prometheus.
// Goroutines: one that accepts, and net/http's for each connection, of which there are at most maxConnections.
// Stop: Server.Close.
// Not here: what is counted (worker, fcgiserver), what a scrape asks of the kernel (supervisor).
package metrics
