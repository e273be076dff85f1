package supervisor

import (
	"sync"
	"time"

	"howdah/internal/process"
	"howdah/supervisor/metrics"
)

// sampleEvery is the least time between two looks at the memory and the processor time of a pool's processes.
const sampleEvery = 10 * time.Second

// clockTick is the unit of times in /proc/PID/stat.
const clockTick = 10 * time.Millisecond

// sampler asks the kernel what a pool's processes use, now and then. It reads /proc: never on a loop.
//
// Concurrency: may be asked by anyone at any time.
type sampler struct {
	mu    sync.Mutex
	taken time.Time
	last  metrics.Sample
	cpu   cpuTally
}

// take returns a sample that is at most sampleEvery old.
func (s *sampler) take(f *poolFigures) metrics.Sample {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.last.Known && time.Since(s.taken) < sampleEvery {
		return s.last
	}
	sample := metrics.Sample{}
	used := map[int]time.Duration{} // by generation
	look := func(generation, pid int, children bool) {
		if share, err := process.ReadShare(pid); err == nil {
			sample.Known = true
			sample.PSS += share.PSS
			sample.PageTables += share.PageTables
		}
		if st, err := process.ReadStat(pid); err == nil {
			ticks := st.Ticks
			if children {
				ticks += st.ChildTicks // of workers that have ended
			}
			used[generation] += time.Duration(ticks) * clockTick
		}
	}
	for _, z := range f.zygotes {
		look(z.Generation, z.PID, true)
	}
	for i := range f.each {
		look(f.each[i].Generation, f.each[i].PID, false)
	}
	sample.CPU = s.cpu.add(used)
	s.last, s.taken = sample, time.Now()
	return sample
}

// cpuTally adds up the processor time of generations, which come and go, to a sum that never falls.
type cpuTally struct {
	ended time.Duration         // of generations that have gone, as last seen
	known map[int]time.Duration // by generation
}

// add takes what each generation that lives has used so far, and returns the sum over all there ever were. A worker that ends
// takes its time from the living to what its zygote has reaped; seen in between, it is in neither.
func (t *cpuTally) add(used map[int]time.Duration) (sum time.Duration) {
	for generation, before := range t.known {
		if now, lives := used[generation]; !lives {
			t.ended += before
		} else {
			used[generation] = max(now, before)
		}
	}
	t.known = used
	sum = t.ended
	for _, d := range used {
		sum += d
	}
	return sum
}
