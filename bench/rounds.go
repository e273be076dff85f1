package main

import (
	"context"
	"fmt"
	"os"
	"time"
)

// sample is one side's run in one round.
type sample struct {
	wrkResult
	ServerCPU time.Duration // per request: the server and PHP
	NginxCPU  time.Duration // per request
	Others    float64       // share of the machine that processes outside the bench had
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
func othersOf(s sample) float64    { return s.Others }
func allCPUOf(s sample) float64    { return float64(s.ServerCPU + s.NginxCPU) }

// settle is the pause after a run, in which what the clients left behind is finished.
const settle = 100 * time.Millisecond

// run loads a page of one side and takes the processor time of all that served it.
func (st *stand) run(ctx context.Context, i int, page string, l load) (sample, error) {
	server, nginx := st.servers[i].child.pid(), st.nginx.pid()
	machine, err := machineNow()
	if err != nil {
		return sample{}, err
	}
	serverBefore, nginxBefore, ours := cpuOf(server), cpuOf(nginx), cpuOf(os.Getpid())
	w, err := runWrk(ctx, l, st.routes[i].url(page))
	if err != nil {
		return sample{}, err
	}
	time.Sleep(settle)
	if w.Requests == 0 {
		return sample{}, fmt.Errorf("%s: not one answer in %v", st.routes[i].url(page), w.Elapsed)
	}
	serverCPU, nginxCPU := cpuOf(server)-serverBefore, cpuOf(nginx)-nginxBefore
	machineAfter, err := machineNow()
	return sample{
		wrkResult: w,
		ServerCPU: serverCPU / time.Duration(w.Requests),
		NginxCPU:  nginxCPU / time.Duration(w.Requests),
		Others:    othersShare(machine, machineAfter, cpuOf(os.Getpid())-ours),
	}, err
}

// attempts is how often a run is tried that others disturb.
const attempts = 5

// runQuietly repeats a run in which others had more than quiet of the machine. It reports false when they always had.
func (st *stand) runQuietly(ctx context.Context, i int, page string, l load, quiet float64) (sample, bool, error) {
	for range attempts {
		s, err := st.run(ctx, i, page, l)
		if err != nil || s.Others <= quiet {
			return s, true, err
		}
	}
	return sample{}, false, nil
}

// measure warms each side up and then runs them in turn, every other round from the last to the first, so that a drift of the
// machine's speed favours nobody. A round that others disturb for longer than its attempts is left out, so there may be fewer
// rounds than asked for, or none.
func (st *stand) measure(ctx context.Context, page string, l load, rounds int, quiet float64) ([]measurement, error) {
	n := len(st.servers)
	for i := range n {
		if _, err := st.run(ctx, i, page, load{l.Connections, time.Second}); err != nil {
			return nil, err
		}
	}
	m := make([]measurement, n)
	for r := range rounds {
		round, complete := make([]sample, n), true
		for k := range n {
			i := k
			if r%2 == 1 {
				i = n - 1 - k
			}
			var ok bool
			var err error
			if round[i], ok, err = st.runQuietly(ctx, i, page, l, quiet); err != nil {
				return nil, err
			}
			complete = complete && ok
		}
		if !complete {
			continue
		}
		for i, s := range round {
			m[i] = append(m[i], s)
		}
	}
	return m, nil
}
