package main

import (
	"context"
	"fmt"
	"time"
)

// sample is one side's run in one round.
type sample struct {
	wrkResult
	ServerCPU time.Duration // per request: the server and PHP
	NginxCPU  time.Duration // per request
}

// measurement is a side's samples, one per round.
type measurement []sample

// each collects one figure of every round.
func (m measurement) each(figure func(sample) float64) []float64 {
	v := make([]float64, len(m))
	for i, s := range m {
		v[i] = figure(s)
	}
	return v
}

// failed sums what went wrong over the rounds.
func (m measurement) failed() int {
	n := 0
	for _, s := range m {
		n += s.failed()
	}
	return n
}

// The figures that are compared.

func rateOf(s sample) float64      { return s.rate() }
func p99Of(s sample) float64       { return float64(s.P99) }
func serverCPUOf(s sample) float64 { return float64(s.ServerCPU) }
func allCPUOf(s sample) float64    { return float64(s.ServerCPU + s.NginxCPU) }

// settle is the pause after a run, in which what the clients left behind is finished.
const settle = 100 * time.Millisecond

// run loads a page of one side and takes the processor time of all that served it.
func (st *stand) run(ctx context.Context, i int, page string, l load) (sample, error) {
	serverBefore, nginxBefore := cpuOf(st.servers[i].child.pid()), cpuOf(st.nginx.pid())
	w, err := runWrk(ctx, l, st.routes[i].url(page))
	if err != nil {
		return sample{}, err
	}
	time.Sleep(settle)
	s := sample{wrkResult: w}
	if w.Requests == 0 {
		return s, fmt.Errorf("%s: not one answer in %v", st.routes[i].url(page), w.Elapsed)
	}
	s.ServerCPU = (cpuOf(st.servers[i].child.pid()) - serverBefore) / time.Duration(w.Requests)
	s.NginxCPU = (cpuOf(st.nginx.pid()) - nginxBefore) / time.Duration(w.Requests)
	return s, nil
}

// measure warms each side up and then runs them in turn, every other round from the last to the first, so that a drift of the
// machine's speed favours nobody.
func (st *stand) measure(ctx context.Context, page string, l load, rounds int) ([]measurement, error) {
	n := len(st.servers)
	for i := range n {
		if _, err := st.run(ctx, i, page, load{l.Connections, time.Second}); err != nil {
			return nil, err
		}
	}
	m := make([]measurement, n)
	for round := range rounds {
		for k := range n {
			i := k
			if round%2 == 1 {
				i = n - 1 - k
			}
			s, err := st.run(ctx, i, page, l)
			if err != nil {
				return nil, err
			}
			m[i] = append(m[i], s)
		}
	}
	return m, nil
}
