package main

import (
	"strings"
	"testing"

	"howdah/supervisor/control"
)

func TestStatusIsReadAtAGlance(t *testing.T) {
	s := control.Status{Version: "1.2", PID: 7, UptimeSeconds: 3 * 3600, Source: "/etc/howdah/pool.toml", Log: control.Log{Level: "notice"},
		LastReload: &control.Reload{AgoSeconds: 61, Problems: []string{"pool.toml:3: nonsense"}},
		Pools: []control.Pool{
			{Name: "blog", State: control.PoolStuck, MaxChildren: 2},
			{Name: "www", State: control.PoolServing, Draining: 1, Generation: 4, MaxChildren: 5, Busy: 1, Idle: 4, Listen: "/run/www.sock", HTTP: "127.0.0.1:80",
				PHP:      control.PHP{Version: "8.2.1", Newer: []string{"/usr/bin/php-cgi8.2", "/x.so"}},
				Queue:    control.Queue{Length: 3, Peak: 9},
				Requests: control.Requests{Completed: 1000, Failed: 2},
				Workers: []control.Worker{
					{PID: 10, State: "idle", Requests: 5, AgeSeconds: 90, MemoryBytes: 900 << 10, Request: &control.Request{Method: "GET", URI: "/old.php", Seconds: 0.02}},
					{PID: 11, State: "busy", Requests: 7, AgeSeconds: 86400 * 2, MemoryBytes: 34<<20 + 512<<10, CPUSeconds: 2,
						Request: &control.Request{Running: true, Method: "GET", URI: "/a\x1b[2J.php", Query: "q=1", Seconds: 1.25}},
				}},
		}}
	var out strings.Builder
	if err := writeStatus(&out, s); err != nil {
		t.Fatal(err)
	}
	const want = `howdah 1.2, pid 7, up 3h00m, runs /etc/howdah/pool.toml, logs notice
! the reload 1m01s ago failed: pool.toml:3: nonsense
! pool blog is stuck: its event loop does not answer
! pool www runs an older PHP than the one on disk (/usr/bin/php-cgi8.2 and 1 more): howdah reload

POOL  STATE                BUSY  IDLE  OF  QUEUE  PEAK  REQUESTS  FAILED  GENERATION  PHP    LISTENS
blog  stuck                0     0     2   0      0     0         0       -           -      
www   serving, 1 draining  1     4     5   3      9     1000      2       4           8.2.1  /run/www.sock, 127.0.0.1:80

PID  POOL  STATE  REQUESTS  AGE    MEMORY  CPU TIME  TIME  REQUEST
11   www   busy   7         2d0h   34.5M   2.0s      1.2s  GET /a\x1b[2J.php?q=1
10   www   idle   5         1m30s  900K    0ms       20ms  (GET /old.php)
`
	if got := out.String(); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestStatusShowsTheLongestRequestsAndCountsTheOtherWorkers(t *testing.T) {
	p := control.Pool{Name: "www"}
	for pid := range 50 {
		p.Workers = append(p.Workers, control.Worker{PID: pid, State: "busy", Request: &control.Request{Running: true, Seconds: float64(pid)}})
	}
	var some, all strings.Builder
	writeWorkers(&some, []control.Pool{p}, glance)
	writeWorkers(&all, []control.Pool{p}, 0)
	if text := some.String(); !strings.Contains(text, "\n49 ") || strings.Contains(text, "\n5 ") || !strings.HasSuffix(text, "… and 30 more: howdah workers\n") {
		t.Errorf("some:\n%s", text)
	}
	if n := strings.Count(all.String(), "\n"); n != 51 {
		t.Errorf("all: %d lines", n)
	}
}
