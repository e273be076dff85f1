package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// sample is one side's run in one round.
type sample struct {
	wrkResult
	ServerCPU time.Duration // per request: the server and PHP
	NginxCPU  time.Duration // per request
	Beside    wrkResult     // of the page beside it
	Others    float64       // share of the machine that processes outside the bench had
}

// beside is the sample as seen by those who asked for the page beside.
func (s sample) beside() sample {
	s.wrkResult = s.Beside
	return s
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

// beside is the measurement as seen by those who asked for the page beside.
func (m measurement) beside() measurement {
	b := make(measurement, len(m))
	for i, s := range m {
		b[i] = s.beside()
	}
	return b
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

// traffic is what visitors ask for.
type traffic struct {
	Page        string
	Connections int
	Beside      string // another page, which besideConnections more visitors ask for all the while; "" for none
}

// besideConnections are fewer than there are workers, so that the page in question always finds one that is free.
const besideConnections = 4

// helloBy is the smallest page for some visitors.
func helloBy(connections int) traffic { return traffic{Page: "hello.php", Connections: connections} }

// settle is the pause after a run, in which what the clients left behind is finished.
const settle = 100 * time.Millisecond

// run loads a page of one side and takes the processor time of all that served it.
func (st *stand) run(ctx context.Context, i int, t traffic, d time.Duration) (sample, error) {
	server, nginx := st.servers[i].child.pid(), st.nginx.pid()
	machine, err := machineNow()
	if err != nil {
		return sample{}, err
	}
	serverBefore, nginxBefore, ours := cpuOf(server), cpuOf(nginx), cpuOf(os.Getpid())
	var s sample
	s.wrkResult, s.Beside, err = st.load(ctx, i, t, d)
	if err != nil {
		return sample{}, err
	}
	time.Sleep(settle)
	n := time.Duration(s.Requests + s.Beside.Requests)
	s.ServerCPU = (cpuOf(server) - serverBefore) / n
	s.NginxCPU = (cpuOf(nginx) - nginxBefore) / n
	machineAfter, err := machineNow()
	s.Others = othersShare(machine, machineAfter, cpuOf(os.Getpid())-ours)
	return s, err
}

// load runs wrk for the page, and one more for the page beside it, if there is one.
func (st *stand) load(ctx context.Context, i int, t traffic, d time.Duration) (main, beside wrkResult, err error) {
	if t.Beside != "" {
		log := filepath.Join(st.dir, "wrk.log")
		os.Remove(log) // of the run before
		c, err := startChild(log, wrkCommand(load{besideConnections, d}, st.routes[i].url(t.Beside))...)
		if err != nil {
			return main, beside, err
		}
		defer func() {
			if e := c.awaitEnd(ctx); err == nil {
				err = e
			}
			if err == nil {
				beside, err = readWrk(log)
			}
		}()
	}
	main, err = runWrk(ctx, load{t.Connections, d}, st.routes[i].url(t.Page))
	if err == nil && main.Requests == 0 {
		err = fmt.Errorf("%s: not one answer in %v", st.routes[i].url(t.Page), main.Elapsed)
	}
	return main, beside, err
}

// attempts is how often a run is tried that others disturb.
const attempts = 5

// runQuietly repeats a run in which others had more than quiet of the machine. It reports false when they always had.
func (st *stand) runQuietly(ctx context.Context, i int, t traffic, d time.Duration, quiet float64) (sample, bool, error) {
	for range attempts {
		s, err := st.run(ctx, i, t, d)
		if err != nil || s.Others <= quiet {
			return s, true, err
		}
	}
	return sample{}, false, nil
}

// measure warms each side up and then runs them in turn, every other round from the last to the first, so that a drift of the
// machine's speed favours nobody. A round that others disturb for longer than its attempts is left out, so there may be fewer
// rounds than asked for, or none.
func (st *stand) measure(ctx context.Context, t traffic, d time.Duration, rounds int, quiet float64) ([]measurement, error) {
	n := len(st.servers)
	for i := range n {
		if _, err := st.run(ctx, i, t, time.Second); err != nil {
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
			if round[i], ok, err = st.runQuietly(ctx, i, t, d, quiet); err != nil {
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
