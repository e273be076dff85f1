package metrics

import (
	"fmt"
	"strings"

	"howdah/worker"
)

// Reference is docs/metrics.md.
func Reference() string {
	var b strings.Builder
	b.WriteString(referenceHead)
	for _, m := range metrics() {
		kind := "histogram"
		if m.times == nil {
			kind = map[bool]string{true: "counter", false: "gauge"}[m.kind == counter]
		}
		labels := "`" + strings.Join(m.labels(), "`, `") + "`"
		if len(m.labels()) == 0 {
			labels = ""
		}
		help := m.help
		if m.label != "" {
			help += fmt.Sprintf(" `%s`: %s.", m.label, m.values)
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", m.name, kind, labels, help)
	}
	b.WriteString("\n## Times\n\nThe histograms have these upper bounds, in seconds: ")
	for i, bound := range worker.TimeBounds {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%g", bound.Seconds())
	}
	b.WriteString(`. A quantile from 1 ms to 60 s is off by a quarter of itself at the most:

` + "```" + `
histogram_quantile(0.99, sum by (pool, le) (rate(howdah_request_duration_seconds_bucket[5m])))
` + "```" + `
`)
	return b.String()
}

const referenceHead = `# Metrics

*Generated from ` + "`supervisor/metrics`" + `: change it there, then run ` + "`make golden`" + `.*

With ` + "`[global] metrics_listen`" + ` Howdah answers ` + "`/metrics`" + ` by HTTP in Prometheus's text format, also while every worker is busy. There is no password: let it
listen on an address that only the monitoring reaches, or on a Unix socket (mode 0660, ` + "`control_group`" + `).

` + "```" + `
scrape_configs:
  - job_name: howdah
    static_configs:
      - targets: ["127.0.0.1:9253"]
` + "```" + `

Counters begin at 0 when a pool starts. "Sampled" figures are asked of the kernel at a scrape, at most every 10 seconds. Besides those below there are the
` + "`process_*` and `go_*`" + ` metrics of Howdah's own process.

| name | type | labels | what |
|---|---|---|---|
`
