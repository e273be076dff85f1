package main

import (
	"strings"
	"testing"
)

const perfCounts = `# started on Tue Nov 24 15:01:31 2026

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
	if len(threads) != 3 || threads["howdah-100"]["read"] != 300 || threads["howdah-102"]["futex"] != 7 {
		t.Errorf("got %v", threads)
	}
	loop, others := splitBusiest(threads)
	if loop.total() != 400 || others.total() != 12 || others["futex"] != 12 {
		t.Errorf("the busiest thread is %v, the others %v; want 400 and 12 calls", loop, others)
	}
}

func TestPerfWithoutCountsIsAnError(t *testing.T) {
	if got, err := parsePerf(strings.NewReader("event syntax error: unknown tracepoint\n")); err == nil {
		t.Errorf("got %v without an error", got)
	}
}
