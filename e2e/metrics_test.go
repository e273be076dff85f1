package e2e

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// scrape gets /metrics over a Unix socket: the text, and each sample's value.
func scrape(t *testing.T, socket string) (text string, samples map[string]float64) {
	t.Helper()
	client := http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", socket)
		},
	}}
	r, err := client.Get("http://howdah/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != 200 {
		t.Fatalf("/metrics: %d, %v", r.StatusCode, err)
	}
	samples = map[string]float64{}
	for lines := bufio.NewScanner(strings.NewReader(string(b))); lines.Scan(); {
		if name, value, ok := strings.Cut(lines.Text(), "} "); ok && !strings.HasPrefix(name, "#") {
			samples[name+"}"], _ = strconv.ParseFloat(value, 64)
		} else if name, value, ok := strings.Cut(lines.Text(), " "); ok && !strings.HasPrefix(name, "#") {
			samples[name], _ = strconv.ParseFloat(value, 64)
		}
	}
	return string(b), samples
}

// wantSamples compares some samples.
func wantSamples(t *testing.T, got map[string]float64, want map[string]float64) {
	t.Helper()
	for name, v := range want {
		if g, ok := got[name]; !ok || g != v {
			t.Errorf("%s is %v (there: %v), want %v", name, g, ok, v)
		}
	}
}

func TestMetricsTellTheTruthAlsoOfASaturatedPool(t *testing.T) {
	sb := newSandbox(t)
	socket := sb.path("scratch", "metrics.sock")
	s := behindNginx(t, startHowdah(t, sb, `pm_max_children = 2`, `queue_max = 3`, "[global]", `metrics_listen = "`+socket+`"`))
	sb.page(t, "gone.php", `<?php http_response_code(410); echo 'gone';`)
	sb.page(t, "die.php", `<?php posix_kill(getmypid(), 11);`)
	s.plain.wantPage("/hello.php", 200, "hello")
	s.plain.wantPage("/gone.php", 410, "gone")
	if p := s.plain.get("/not-there.php"); p.status != 404 {
		t.Errorf("not-there.php: %d", p.status)
	}
	if p := s.plain.get("/die.php"); p.status != 502 {
		t.Errorf("die.php: %d", p.status)
	}
	wantWithin(t, 10*time.Second, "a new worker", func() bool { return s.status().Pools[0].Idle == 2 })
	one, two := s.hold("one"), s.hold("two")
	queued := s.queue(3, "/hello.php")
	if p := s.plain.get("/hello.php"); p.status != 503 {
		t.Errorf("beyond the queue: %d", p.status)
	}

	begun := time.Now()
	text, got := scrape(t, socket)
	if took := time.Since(begun); took > 3*time.Second {
		t.Errorf("the scrape took %v", took)
	}
	wantSamples(t, got, map[string]float64{
		`howdah_pool_up{pool="www"}`:                              1,
		`howdah_front_connections_active{pool="www"}`:             5,
		`howdah_queue_length{pool="www"}`:                         3,
		`howdah_queue_limit{pool="www"}`:                          3,
		`howdah_workers{pool="www",state="busy"}`:                 2,
		`howdah_workers{pool="www",state="idle"}`:                 0,
		`howdah_workers_limit{pool="www"}`:                        2,
		`howdah_requests_total{outcome="completed",pool="www"}`:   2,
		`howdah_requests_total{outcome="not_found",pool="www"}`:   1,
		`howdah_requests_total{outcome="worker_died",pool="www"}`: 1,
		`howdah_requests_total{outcome="queue_full",pool="www"}`:  1,
		`howdah_responses_total{class="2xx",pool="www"}`:          1,
		`howdah_responses_total{class="4xx",pool="www"}`:          2,
		`howdah_responses_total{class="5xx",pool="www"}`:          2,
		`howdah_worker_deaths_total{cause="SIGSEGV",pool="www"}`:  1,
		`howdah_request_duration_seconds_count{pool="www"}`:       3,
		`howdah_queue_wait_seconds_count{pool="www"}`:             5,
		`howdah_generation{pool="www"}`:                           1,
		`howdah_reloads_total{result="success"}`:                  0,
		`howdah_last_reload_successful`:                           1,
		`howdah_php_outdated{pool="www"}`:                         0,
	})
	for _, name := range []string{`howdah_pool_memory_bytes{kind="pss",pool="www"}`, `howdah_pool_memory_bytes{kind="page_tables",pool="www"}`,
		`howdah_pool_cpu_seconds_total{pool="www"}`, "process_resident_memory_bytes", "go_goroutines"} {
		if got[name] <= 0 {
			t.Errorf("%s is %v", name, got[name])
		}
	}
	wantLinted(t, text)

	one.finish()
	two.finish()
	for _, q := range queued {
		q.result(t)
	}
	s.do("recycle").want(t)
	s.do("reload").want(t)
	s.rewrite(`nonsense = 1`)
	s.do("reload")
	_, got = scrape(t, socket)
	wantSamples(t, got, map[string]float64{
		`howdah_queue_length{pool="www"}`:                           0,
		`howdah_queue_length_peak{pool="www"}`:                      3,
		`howdah_requests_queued_total{pool="www"}`:                  3,
		`howdah_requests_total{outcome="completed",pool="www"}`:     7,
		`howdah_workers_recycled_total{cause="command",pool="www"}`: 2,
		`howdah_generation{pool="www"}`:                             2,
		`howdah_reloads_total{result="success"}`:                    1,
		`howdah_reloads_total{result="failure"}`:                    1,
		`howdah_last_reload_successful`:                             0,
	})
	if waited := got[`howdah_queue_wait_seconds_bucket{pool="www",le="0.0005"}`]; waited != 5 {
		t.Errorf("%v requests found a worker at once, want 5", waited)
	}
	if code := s.stop(syscall.SIGTERM, 15*time.Second); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if exists(socket) {
		t.Error("the socket of the metrics is left behind")
	}
}

// wantLinted has Prometheus's own tool look at a scrape.
func wantLinted(t *testing.T, text string) {
	t.Helper()
	cmd := exec.Command("promtool", "check", "metrics")
	cmd.Stdin = strings.NewReader(text)
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("promtool check metrics: %v\n%s", err, out)
	}
}

func TestMetricsAreAnsweredOnATCPAddress(t *testing.T) {
	h := startHowdah(t, newSandbox(t), "[global]", `metrics_listen = "127.0.0.1:0"`)
	line := h.wantLogged(0, 5*time.Second, "metrics on 127.0.0.1:")
	r, err := http.Get("http://" + line[strings.LastIndex(line, " ")+1:] + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	http.DefaultClient.CloseIdleConnections()
	if r.StatusCode != 200 || !strings.HasPrefix(r.Header.Get("Content-Type"), "text/plain; version=0.0.4") {
		t.Errorf("%d, %q", r.StatusCode, r.Header.Get("Content-Type"))
	}
}
