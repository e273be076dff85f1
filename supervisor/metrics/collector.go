package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"howdah/worker"
)

// collector is the service as a prometheus.Collector.
type collector struct {
	source  Source
	metrics []metric
	descs   []*prometheus.Desc // of metrics
}

func newCollector(source Source) *collector {
	c := &collector{source: source, metrics: metrics()}
	for _, m := range c.metrics {
		c.descs = append(c.descs, prometheus.NewDesc(m.name, m.help, m.labels(), nil))
	}
	return c
}

func (m *metric) labels() (names []string) {
	if m.service == nil {
		names = append(names, "pool")
	}
	if m.label != "" {
		names = append(names, m.label)
	}
	return names
}

// Describe implements prometheus.Collector.
func (c *collector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range c.descs {
		out <- d
	}
}

// Collect implements prometheus.Collector.
func (c *collector) Collect(out chan<- prometheus.Metric) {
	s := c.source()
	for i, m := range c.metrics {
		desc := c.descs[i]
		if m.service != nil {
			m.service(&s, func(v float64, label string) { out <- constant(desc, m.kind, v, m.label, label) })
			continue
		}
		for j := range s.Pools {
			p := &s.Pools[j]
			switch {
			case p.Stuck && m.name != "howdah_pool_up":
			case m.times != nil:
				out <- histogram(desc, m.times(p), p.Name)
			default:
				m.pool(p, func(v float64, label string) { out <- constant(desc, m.kind, v, m.label, label, p.Name) })
			}
		}
	}
}

// constant makes one value; label counts only if the metric has one.
func constant(desc *prometheus.Desc, kind prometheus.ValueType, v float64, labelName, label string, pool ...string) prometheus.Metric {
	if labelName != "" {
		pool = append(pool, label)
	}
	return prometheus.MustNewConstMetric(desc, kind, v, pool...)
}

// histogram sums classes up, as Prometheus wants them.
func histogram(desc *prometheus.Desc, t *worker.Times, pool string) prometheus.Metric {
	buckets, sum := map[float64]uint64{}, uint64(0)
	for i, bound := range worker.TimeBounds {
		sum += t.Classes[i]
		buckets[bound.Seconds()] = sum
	}
	return prometheus.MustNewConstHistogram(desc, t.Count(), t.Sum.Seconds(), buckets, pool)
}
