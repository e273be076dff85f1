package main

import (
	"strings"
	"testing"
	"time"
)

const goodReport = `Running 4s test @ http://127.0.0.1:40123/hello.php
  1 threads and 8 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   605.13us  345.01us  11.22ms   92.72%
    Req/Sec    13.49k     1.20k   15.67k    70.73%
  Latency Distribution
     50%  551.00us
     75%  655.00us
     90%  829.00us
     99%    1.95ms
  55052 requests in 4.10s, 8.98MB read
Requests/sec:  13427.17
Transfer/sec:      2.19MB
`

const badReport = `Running 20s test @ http://127.0.0.1:40123/hello.php
  1 threads and 400 connections
  Latency Distribution
     50%    1.20s
     75%    1.30s
     90%    1.40s
     99%    2.00s
  1000 requests in 20.00s, 1.00MB read
  Socket errors: connect 1, read 20, write 300, timeout 4000
  Non-2xx or 3xx responses: 17
Requests/sec:     50.00
Transfer/sec:     50.00KB
`

func TestWrkReportOfAGoodRun(t *testing.T) {
	got, err := parseWrk(goodReport)
	if err != nil {
		t.Fatal(err)
	}
	want := wrkResult{Requests: 55052, Elapsed: 4100 * time.Millisecond, P50: 551 * time.Microsecond, P99: 1950 * time.Microsecond}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got.failed() != 0 {
		t.Errorf("failed = %d, want 0", got.failed())
	}
	if r := got.rate(); r < 13427 || r > 13428 {
		t.Errorf("rate = %f, want 13427", r)
	}
}

func TestWrkReportCountsEveryKindOfFailure(t *testing.T) {
	got, err := parseWrk(badReport)
	if err != nil {
		t.Fatal(err)
	}
	if got.BadCodes != 17 || got.Broken != 4321 || got.failed() != 4338 {
		t.Errorf("got %+v, want 17 bad codes and 4321 broken", got)
	}
}

func TestWrkReportThatIsNotOneIsAnError(t *testing.T) {
	for _, out := range []string{
		"",
		"unable to connect to 127.0.0.1:1 Connection refused\n",
		strings.Replace(goodReport, "     99%    1.95ms\n", "", 1),
		strings.Replace(goodReport, "1.95ms", "soon", 1),
	} {
		if r, err := parseWrk(out); err == nil {
			t.Errorf("%q was read as %+v", out, r)
		}
	}
}

func TestWrkIsAskedForWholeSeconds(t *testing.T) {
	for d, want := range map[time.Duration]string{time.Second: "1s", 1500 * time.Millisecond: "2s", 4 * time.Second: "4s"} {
		if got := wrkDuration(d); got != want {
			t.Errorf("wrkDuration(%v) = %s, want %s", d, got, want)
		}
	}
}
