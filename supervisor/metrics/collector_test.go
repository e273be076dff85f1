package metrics

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"howdah/fcgiserver"
	"howdah/worker"
)

func TestAHistogramIsSummedUpAsPrometheusWantsIt(t *testing.T) {
	s := Service{Pools: []Pool{{Name: "www"}}}
	times := &s.Pools[0].Workers.Durations
	times.Classes[1], times.Classes[3], times.Classes[len(worker.TimeBounds)] = 2, 1, 4 // ≤ 1 ms, ≤ 2 ms, more than a minute
	times.Sum = 250 * time.Second
	c := newCollector(func() Service { return s })
	var text strings.Builder
	text.WriteString("# HELP howdah_request_duration_seconds How long requests were with a worker, until PHP had answered or failed to.\n# TYPE howdah_request_duration_seconds histogram\n")
	for i, bound := range worker.TimeBounds {
		n := map[bool]string{true: "0", false: "2"}[i < 1]
		if i >= 3 {
			n = "3"
		}
		text.WriteString(`howdah_request_duration_seconds_bucket{pool="www",le="` + strconv.FormatFloat(bound.Seconds(), 'g', -1, 64) + `"} ` + n + "\n")
	}
	text.WriteString("howdah_request_duration_seconds_bucket{pool=\"www\",le=\"+Inf\"} 7\nhowdah_request_duration_seconds_sum{pool=\"www\"} 250\nhowdah_request_duration_seconds_count{pool=\"www\"} 7\n")
	if err := testutil.CollectAndCompare(c, strings.NewReader(text.String()), "howdah_request_duration_seconds"); err != nil {
		t.Error(err)
	}
}

func TestAPoolThatIsStuckHidesNoOther(t *testing.T) {
	s := Service{Pools: []Pool{{Name: "stuck", Stuck: true}, {Name: "www", Front: fcgiserver.Counters{Active: 3}}}}
	c := newCollector(func() Service { return s })
	const want = `# HELP howdah_front_connections_active Connections from the web server that are open.
# TYPE howdah_front_connections_active gauge
howdah_front_connections_active{pool="www"} 3
# HELP howdah_pool_up 1 if the pool's event loop answers, 0 if it is stuck: then its other figures are absent.
# TYPE howdah_pool_up gauge
howdah_pool_up{pool="stuck"} 0
howdah_pool_up{pool="www"} 1
`
	if err := testutil.CollectAndCompare(c, strings.NewReader(want), "howdah_front_connections_active", "howdah_pool_up"); err != nil {
		t.Error(err)
	}
}

func TestTheNamesFollowPrometheussRules(t *testing.T) {
	problems, err := testutil.CollectAndLint(newCollector(func() Service { return Service{Pools: []Pool{{Name: "www", Sample: Sample{Known: true}}}} }))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}
