package main

import (
	"strings"
	"testing"
	"time"
)

const perfCounts = `# started on Tue Nov 24 15:01:31 2026

howdah-100,1500.50,msec,task-clock,281514,100.00,0.001,CPUs utilized
howdah-102,<not counted>,msec,task-clock,0,100.00,,
howdah-100,6,,context-switches,281514,100.00,21.313,K/sec
howdah-100,2,,cpu-migrations,281514,100.00,0.000,/sec
howdah-100,0,,syscalls:sys_enter_openat,1757784,100.00,,
howdah-100,300,,syscalls:sys_enter_read,1757784,100.00,,
howdah-100,100,,syscalls:sys_enter_write,1757784,100.00,,
howdah-101,<not counted>,,syscalls:sys_enter_read,0,100.00,,
howdah-102,7,,syscalls:sys_enter_futex,1757784,100.00,,
howdah-103,5,,syscalls:sys_enter_futex,1757784,100.00,,
`

func TestPerfCountsAreReadByThread(t *testing.T) {
	threads, err := parsePerf(strings.NewReader(perfCounts))
	if err != nil {
		t.Fatal(err)
	}
	loop, others := splitBusiest(threads)
	if len(threads) != 3 || loop.Calls["read"] != 300 || others.Calls["futex"] != 12 || others.allCalls() != 12 {
		t.Errorf("the busiest thread is %+v, the others %+v", loop, others)
	}
	if loop.CPU != 1500500*time.Microsecond || loop.Switches != 6 || loop.Migrations != 2 {
		t.Errorf("the busiest thread is %+v, want 1.5005 s, 6 switches, 2 migrations", loop)
	}
}

func TestCountsPerRequest(t *testing.T) {
	c := counts{Calls: map[string]float64{"read": 300, "write": 100}, CPU: time.Second, Switches: 50, Migrations: 10}.per(100)
	if c.Calls["read"] != 3 || c.allCalls() != 4 || c.CPU != 10*time.Millisecond || c.Switches != 0.5 || c.Migrations != 0.1 {
		t.Errorf("got %+v", c)
	}
}

func TestPerfWithoutTheCountsIsAnError(t *testing.T) {
	for _, out := range []string{
		"event syntax error: unknown tracepoint\n",
		"howdah-100,5,,instructions,1,100.00,,\n",
	} {
		if got, err := parsePerf(strings.NewReader(out)); err == nil {
			t.Errorf("%q gave %v without an error", out, got)
		}
	}
}
